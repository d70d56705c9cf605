/** What a receiver allows a client. Every limit has an answer that says what to do; docs/technical/receivers.md lists them. */

export interface ReceiverLimits {
  /** Bytes of a request as it is sent, compressed or not. */
  readonly bodyBytes: number;
  /** Bytes of a request when unpacked. */
  readonly unpackedBytes: number;
  /** Bytes of a JSON request when unpacked: JSON is read on the main thread, at a tenth of protobuf's speed. */
  readonly jsonBytes: number;
  /** Bytes of all requests that are being read, unpacked or written to the log, together. */
  readonly bytesInFlight: number;
  /** Bytes of a request's line and headers. */
  readonly headerBytes: number;
  /** Open connections of one server. */
  readonly connections: number;
  /** Requests that one gRPC connection may have open at a time. */
  readonly streamsPerConnection: number;
  /** Time for the headers of a request to arrive, from its first byte or from the opening of the connection. */
  readonly headersTimeoutMs: number;
  /** Time for a whole request to arrive. */
  readonly requestTimeoutMs: number;
  /** Time for which a connection without requests stays open. */
  readonly idleTimeoutMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: ReceiverLimits = {
  // A batch of the Collector is 8,192 spans of about 1 kB before it is compressed.
  bodyBytes: 16 * MIB,
  unpackedBytes: 64 * MIB,
  jsonBytes: 16 * MIB,
  bytesInFlight: 256 * MIB,
  headerBytes: 16 * 1024,
  connections: 1000,
  streamsPerConnection: 100,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  // Longer than Go's clients keep an idle connection (90 s): the side that sends should be the one that closes.
  idleTimeoutMs: 120_000,
};

/** The limits of one process are shared by its receivers through this: what is held may not pass the limit together. */
export class ByteBudget {
  readonly limit: number;
  #held = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** False, and nothing taken, where there is no room. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.limit) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** What one request holds of the budget. Given back once, however the request ends. */
export class Holding {
  readonly #budget: ByteBudget;
  #bytes = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** Raises what is held to a number of bytes; false where there is no room. */
  raiseTo(bytes: number): boolean {
    if (bytes <= this.#bytes) return true;
    if (!this.#budget.take(bytes - this.#bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  /** Lowers what is held to a number of bytes. */
  lowerTo(bytes: number): void {
    if (bytes >= this.#bytes) return;
    this.#budget.give(this.#bytes - bytes);
    this.#bytes = bytes;
  }

  release(): void {
    this.lowerTo(0);
  }
}
