/** What the receivers count, for the metrics of the server. One object is shared by all receivers of a process. */
import type { Transport } from '../span-intake.ts';

/** How a request ended. */
export const OUTCOMES = [
  /** All spans were taken. */
  'accepted',
  /** Spans were left out for faults of their own. */
  'partial',
  /** Not an export request. */
  'malformed',
  /** Over a limit of size. */
  'too-large',
  /** A content type, a compression, a method or a path that is not served. */
  'unsupported',
  /** Shed: the client may send it again. */
  'overloaded',
  /** Starting, stopping, or the disk refuses: the client may send it again. */
  'unavailable',
  /** It did not arrive in time. */
  'timed-out',
  /** The client went away before the answer. */
  'abandoned',
  /** A bug of Fluo. */
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** `http` is a request that ended before its encoding was known. */
export type StatsTransport = Transport | 'http';
export const STATS_TRANSPORTS: readonly StatsTransport[] = ['grpc', 'http-protobuf', 'http-json', 'http'];

export interface TransportStats {
  readonly requests: Readonly<Record<Outcome, number>>;
  /** Bytes of bodies, as they were sent. */
  readonly bytesReceived: number;
  /** Bytes of bodies, unpacked, as protobuf or JSON. */
  readonly bytesUnpacked: number;
  /** Spans that were left out of requests that were taken. */
  readonly spansRejected: number;
}

interface MutableTransportStats extends TransportStats {
  readonly requests: Record<Outcome, number>;
  bytesReceived: number;
  bytesUnpacked: number;
  spansRejected: number;
}

export class ReceiverStats {
  /** Read it whenever wanted: counters only grow. */
  readonly transports: Readonly<Record<StatsTransport, TransportStats>>;
  /** Connections open now. */
  readonly openConnections: Record<'grpc' | 'http', number> = { grpc: 0, http: 0 };
  /** Connections that were turned away for the limit. */
  readonly refusedConnections: Record<'grpc' | 'http', number> = { grpc: 0, http: 0 };
  /** Connections whose first bytes were no request of the protocol of their port. */
  readonly strayConnections: Record<'grpc' | 'http', number> = { grpc: 0, http: 0 };
  readonly #transports: Record<StatsTransport, MutableTransportStats>;

  constructor() {
    this.#transports = Object.fromEntries(
      STATS_TRANSPORTS.map((transport) => [transport, emptyStats()]),
    ) as Record<StatsTransport, MutableTransportStats>;
    this.transports = this.#transports;
  }

  ended(transport: StatsTransport, outcome: Outcome): void {
    this.#transports[transport].requests[outcome]++;
  }

  received(transport: StatsTransport, bytes: number, unpacked: number): void {
    const stats = this.#transports[transport];
    stats.bytesReceived += bytes;
    stats.bytesUnpacked += unpacked;
  }

  rejected(transport: StatsTransport, spans: number): void {
    this.#transports[transport].spansRejected += spans;
  }
}

function emptyStats(): MutableTransportStats {
  const requests = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  return { requests, bytesReceived: 0, bytesUnpacked: 0, spansRejected: 0 };
}
