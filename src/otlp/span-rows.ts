/**
 * Spans as rows of sixteen 32-bit words, a cache line each: what the hot path of a check looks at, without an object or a text a
 * span. Ids are words, the most significant first; times are two words; names are numbers of a `NameTable`.
 */

/** Words a row. */
export const ROW = 16;

// Places in a row.
export const TRACE_0 = 0;
export const TRACE_1 = 1;
export const TRACE_2 = 2;
export const TRACE_3 = 3;
export const SPAN_0 = 4;
export const SPAN_1 = 5;
/** Both words 0: a root. */
export const PARENT_0 = 6;
export const PARENT_1 = 7;
export const START_HIGH = 8;
export const START_LOW = 9;
export const END_HIGH = 10;
export const END_LOW = 11;
export const NAME = 12;
/** Index in SPAN_KINDS, 8 times the index in SPAN_STATUSES, and the form of the span. */
export const TRAITS = 13;
/** Where the span's JSON text lies in its record's bytes. */
export const FROM = 14;
export const TO = 15;

export const KIND_MASK = 7;
export const STATUS_SHIFT = 3;

// Forms: none of them means that the row, the resource and the scope are all there is to the span.
/** It has attributes, events or a tracestate, to be decoded from the record's bytes when somebody asks. */
export const IN_BYTES = 64;
/** It was decoded already. */
export const DECODED = 128;
export const HAS_TRACE_STATE = 256;
/**
 * Its flags were set by a producer that sets them, and say that the trace was not sampled: spans of services that keep to that are
 * missing.
 */
export const UNSAMPLED = 512;
/** Its tracestate may hold a sampling threshold. Set by the protobuf scanner only. */
export const MAY_HAVE_THRESHOLD = 1024;

const FIRST_CAPACITY = 1024;

export class SpanRows {
  /** How many rows there is room for. */
  capacity = 0;
  words = new Uint32Array(0);
  /** While scanning: which list of spans it is in. In a pool of open spans: the next span of its trace, or -1. */
  link = new Int32Array(0);

  /** Makes room for `wanted` rows; what is there stays. */
  reserve(wanted: number): void {
    if (wanted <= this.capacity) return;
    const capacity = Math.max(FIRST_CAPACITY, wanted, Math.ceil(this.capacity * 1.5));
    const words = new Uint32Array(capacity * ROW);
    words.set(this.words);
    this.words = words;
    const link = new Int32Array(capacity);
    link.set(this.link);
    this.link = link;
    this.capacity = capacity;
  }
}
