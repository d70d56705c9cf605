/** When a trace is taken to be over. */
import type { Nanos } from '../../base/nanos.ts';

export interface ClosingLimits {
  /** Nothing came for so long after the root had ended. */
  readonly idleAfterRoot: Nanos;
  /** Nothing came for so long. */
  readonly idle: Nanos;
  /** A trace that spans more than this is incomplete unless its root is there. */
  readonly maxAge: Nanos;
  /** Distinct spans of a trace that are looked at; the trace is incomplete when there are more. */
  readonly maxSpans: number;
}

export const DEFAULT_CLOSING_LIMITS: ClosingLimits = {
  idleAfterRoot: 10_000_000_000n,
  idle: 30_000_000_000n,
  maxAge: 300_000_000_000n,
  maxSpans: 50_000,
};

/** What may be held in memory. None of it changes a verdict: what does not fit is read a second time. */
export interface MemoryLimits {
  /** Spans that are held although their traces could be closed: input that is out of order by less costs nothing. */
  readonly lingerSpans: number;
  /** Bytes of input that such spans may hold on to. */
  readonly lingerBytes: number;
  /** Spans of open traces. */
  readonly openSpans: number;
  /** Bytes of input that open traces hold on to. */
  readonly openBytes: number;
  /** Spans of closed traces whose identities are kept, to know a repetition by (12 bytes each). */
  readonly closedIdentities: number;
  /** Spans, and bytes of them, that are put together again at once in a second pass. */
  readonly redoSpans: number;
  readonly redoBytes: number;
  /** Bytes that members of groups across traces take, about. */
  readonly groupBytes: number;
  /** Findings that are violated, over all rules. */
  readonly violatedFindings: number;
  /** Findings that are inconclusive, for each rule. All are counted. */
  readonly inconclusiveFindings: number;
}

export const DEFAULT_MEMORY_LIMITS: MemoryLimits = {
  lingerSpans: 16_384,
  lingerBytes: 24 * 1024 * 1024,
  openSpans: 300_000,
  openBytes: 96 * 1024 * 1024,
  closedIdentities: 2_000_000,
  redoSpans: 200_000,
  redoBytes: 48 * 1024 * 1024,
  groupBytes: 16 * 1024 * 1024,
  violatedFindings: 100_000,
  inconclusiveFindings: 1_000,
};
