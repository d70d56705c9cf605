/** The engine with all its parts. */
import { createGroupEngine } from './groups/group-engine.ts';
import type { GroupEngine } from './members.ts';
import type { StreamEngine, StreamOptions } from './stream.ts';
import { TraceStreamEngine } from './stream-engine.ts';

/**
 * An engine with no rules and no spans. It keeps `options.names` and gives names of rules no number there. `groups`: what takes the spans of rules
 * with `across`, where it is not the engine's own.
 */
export function createStreamEngine(
  options: StreamOptions,
  groups: GroupEngine = createGroupEngine(options),
): StreamEngine {
  return new TraceStreamEngine(options, groups);
}
