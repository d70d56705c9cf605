/** Where receivers bring export requests. The server implements it over the write-ahead log; tests in memory. */

/** What a receiver hands over: one export request, as OTLP protobuf, decompressed. */
export interface SpanIntake {
  /**
   * Resolves when the spans are safe on disk, or cannot be taken. Checks the whole request before it takes any of it. The bytes belong to the
   * intake from then on, until it calls `free`, once: it looks at them no more, and they may be written over. It may do so before or after it resolves, or never.
   */
  export(request: Uint8Array, transport: Transport, free?: () => void): Promise<IntakeOutcome>;
  /** Whether a request of so many bytes can be taken now; asked before a body is read. */
  admit(bytes: number): IntakeRefusal | null;
}

export type Transport = 'grpc' | 'http-protobuf' | 'http-json';

export type IntakeOutcome =
  /** `rejectedSpans` were left out for faults of their own, which `message` names; 0 and an empty text: all were taken. */
  | { readonly kind: 'accepted'; readonly rejectedSpans: number; readonly message: string }
  /** Not an export request: sending it again will not help. */
  | { readonly kind: 'malformed'; readonly message: string }
  | IntakeRefusal;

/** Not taken, and nothing of it kept: the client may send it again. */
export interface IntakeRefusal {
  /** `overloaded`: too much is waiting for the disk. `unavailable`: starting, stopping, or the disk is full or read-only. */
  readonly kind: 'overloaded' | 'unavailable';
  readonly retryAfterMs: number;
  /** What is wrong and what to do, for people. */
  readonly message: string;
}
