/** Stands for what a real program would do here: a query, a call of another service. */
import { setImmediate } from 'node:timers/promises';

export const doWork = () => setImmediate();
