/**
 * Requests that were not taken, or not whole: a warning in the log, and the last few for whoever asks. A client that is wrong is wrong with every
 * request, so what is alike is one entry with a count, and one line in ten seconds.
 */
import type { RefusedRequest } from '../receiver/otlp/refused-request.ts';
import type { Log } from './log.ts';

export interface Refusal extends RefusedRequest {
  /** When it happened last. Milliseconds since 1970. */
  readonly at: number;
  readonly times: number;
}

const MOST_KEPT = 10;
/** Of one reason and one client, a line is written once in so long. */
const SILENT_MS = 10_000;
/** Reasons and clients that are known to have had their line; beyond, the oldest is forgotten. */
const MOST_SILENCED = 200;

export class Refusals {
  readonly #log: Log;
  readonly #now: () => number;
  /** The latest last. */
  #kept: Refusal[] = [];
  readonly #silenced = new Map<string, { since: number; leftOut: number }>();

  /** `now`: milliseconds since 1970. */
  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  add(request: RefusedRequest): void {
    const at = this.#now();
    const place = this.#kept.findIndex((one) => isAlike(one, request));
    const times = 1 + (this.#kept[place]?.times ?? 0);
    if (place !== -1) this.#kept.splice(place, 1);
    this.#kept.push({ ...request, at, times });
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
    this.#tell(request, at);
  }

  /** The latest first, at most ten. */
  latest(): readonly Refusal[] {
    return [...this.#kept].reverse();
  }

  #tell(request: RefusedRequest, at: number): void {
    const { transport, outcome, status, peer, userAgent, message, spans } = request;
    const key = JSON.stringify([transport, outcome, status, peer, userAgent]);
    const last = this.#silenced.get(key);
    // A clock that was set back must not silence a client for long.
    if (last !== undefined && Math.abs(at - last.since) < SILENT_MS) {
      last.leftOut++;
      return;
    }
    this.#silenced.delete(key);
    this.#silenced.set(key, { since: at, leftOut: 0 });
    if (this.#silenced.size > MOST_SILENCED) {
      const [oldest] = this.#silenced.keys();
      if (oldest !== undefined) this.#silenced.delete(oldest);
    }
    const leftOut = last?.leftOut ?? 0;
    this.#log.warn(outcome === 'partial' ? 'spans were left out' : `a request was refused (${outcome})`, {
      transport,
      status,
      peer,
      userAgent,
      problem: message,
      ...(spans === 0 ? {} : { spans }),
      ...(leftOut === 0 ? {} : { before: leftOut }),
    });
  }
}

function isAlike(one: RefusedRequest, other: RefusedRequest): boolean {
  return (
    one.transport === other.transport &&
    one.status === other.status &&
    one.outcome === other.outcome &&
    one.peer === other.peer &&
    one.userAgent === other.userAgent
  );
}
