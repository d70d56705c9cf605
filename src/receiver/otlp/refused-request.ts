/** A request that was not taken, or not whole: what the client was told, for whoever runs the server. */
import type { Outcome, StatsTransport } from './receiver-stats.ts';

export interface RefusedRequest {
  readonly transport: StatsTransport;
  /** `partial`: it was taken without some of its spans. */
  readonly outcome: Exclude<Outcome, 'accepted' | 'abandoned'>;
  /** As the client saw it: `HTTP 415`, `gRPC 3`. */
  readonly status: string;
  /** The other end of the connection, without its port; empty where it is gone. */
  readonly peer: string;
  /** As the client names itself, clipped; empty where it does not. Foreign text. */
  readonly userAgent: string;
  /** What the client was told. It may quote what the client sent. */
  readonly message: string;
  /** Spans that were left out of a request that was taken. */
  readonly spans: number;
}

const LONGEST_USER_AGENT = 120;
const LONGEST_MESSAGE = 500;

/** Bounds what a client can make the server remember and write. */
export function refusedRequest(
  facts: Omit<RefusedRequest, 'peer' | 'userAgent'>,
  peer: string | undefined,
  userAgent: string | undefined,
): RefusedRequest {
  return {
    ...facts,
    message: clipped(facts.message, LONGEST_MESSAGE),
    peer: peer ?? '',
    userAgent: clipped(userAgent ?? '', LONGEST_USER_AGENT),
  };
}

function clipped(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}
