/** The engine with all its parts. */
import type { StreamEngine, StreamOptions } from './stream.ts';
import { TraceStreamEngine } from './stream-engine.ts';

/** An engine with no rules and no spans. It keeps `options.names` and gives names of rules no number there. */
export function createStreamEngine(options: StreamOptions): StreamEngine {
  return new TraceStreamEngine(options, null);
}
