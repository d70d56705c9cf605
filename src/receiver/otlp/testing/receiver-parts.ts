/** What a receiver under test is made with. */
import { BodyPool } from '../body-pool.ts';
import { ByteBudget, DEFAULT_LIMITS, type ReceiverLimits } from '../receiver-limits.ts';
import { ReceiverStats } from '../receiver-stats.ts';
import type { RefusedRequest } from '../refused-request.ts';
import type { TakingParts } from '../take-request.ts';
import { MemoryIntake } from './memory-intake.ts';

export interface TestParts extends TakingParts {
  readonly intake: MemoryIntake;
  readonly bugs: unknown[];
  readonly refused: RefusedRequest[];
  readonly host: string;
  readonly port: number;
}

/** Parts with an intake in memory, on a free port of the loopback. */
export function testParts(limits: Partial<ReceiverLimits> = {}): TestParts {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const bugs: unknown[] = [];
  const refused: RefusedRequest[] = [];
  return {
    intake: new MemoryIntake(),
    limits: all,
    budget: new ByteBudget(all.bytesInFlight),
    pool: new BodyPool(),
    stats: new ReceiverStats(),
    onRefused: (request) => refused.push(request),
    refused,
    onBug: (error) => bugs.push(error),
    bugs,
    host: '127.0.0.1',
    port: 0,
  };
}
