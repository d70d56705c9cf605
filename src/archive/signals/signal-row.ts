/** A signal as the archive keeps it, for analysis by other tools. */

export interface SignalRow {
  readonly fingerprint: string;
  /** Of the algorithm that made the fingerprint. */
  readonly fingerprintVersion: number;
  readonly rule: string;
  readonly ruleVersion: string;
  readonly severity: string;
  /** `open`, `acknowledged`, `resolved`, `false-positive`, `retracted`. */
  readonly state: string;
  /** In milliseconds since 1970. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly count: number;
  readonly services: readonly string[];
  readonly serviceVersions: readonly string[];
  /** Ids of example traces. */
  readonly traceIds: readonly string[];
  /** The clause that decided, as text. */
  readonly clause: string;
  /** What the clause says, in a sentence. */
  readonly message: string;
  /** The witness with its spans: any JSON-safe value. */
  readonly witness: unknown;
  /** When this row was true, in milliseconds since 1970: the hour that it is filed under. */
  readonly at: number;
}
