/**
 * Spans as columns of numbers: what the hot path of a check looks at, without an object or a text a span. Ids are 32-bit
 * words, the most significant first; times are two words; names are numbers of a `NameTable`.
 */

const FIRST_CAPACITY = 1024;

/** The columns and the span's resource and scope are all there is to it. */
export const PLAIN = 0;
/** It has attributes, events or a tracestate, to be decoded from the record's bytes when somebody asks. */
export const IN_BYTES = 1;
/** It was decoded already. */
export const DECODED = 2;
/** Added to the others. */
export const HAS_TRACE_STATE = 4;

export class SpanColumns {
  capacity = 0;
  trace0 = new Uint32Array(0);
  trace1 = new Uint32Array(0);
  trace2 = new Uint32Array(0);
  trace3 = new Uint32Array(0);
  span0 = new Uint32Array(0);
  span1 = new Uint32Array(0);
  /** Both words 0: a root. */
  parent0 = new Uint32Array(0);
  parent1 = new Uint32Array(0);
  startHigh = new Uint32Array(0);
  startLow = new Uint32Array(0);
  endHigh = new Uint32Array(0);
  endLow = new Uint32Array(0);
  name = new Int32Array(0);
  /** Index in SPAN_KINDS, plus 8 times the index in SPAN_STATUSES. */
  kindAndStatus = new Uint8Array(0);
  /** PLAIN, IN_BYTES or DECODED, and HAS_TRACE_STATE. */
  form = new Uint8Array(0);
  /** Where the span's JSON text lies in its record's bytes. */
  from = new Int32Array(0);
  to = new Int32Array(0);
  /** While scanning: which list of spans it is in. In a pool of open spans: the next span of its trace, or -1. */
  link = new Int32Array(0);

  /** Makes room for `wanted` spans; what is there stays. */
  reserve(wanted: number): void {
    if (wanted <= this.capacity) return;
    const capacity = Math.max(FIRST_CAPACITY, wanted, Math.ceil(this.capacity * 1.5));
    this.trace0 = grown(this.trace0, capacity);
    this.trace1 = grown(this.trace1, capacity);
    this.trace2 = grown(this.trace2, capacity);
    this.trace3 = grown(this.trace3, capacity);
    this.span0 = grown(this.span0, capacity);
    this.span1 = grown(this.span1, capacity);
    this.parent0 = grown(this.parent0, capacity);
    this.parent1 = grown(this.parent1, capacity);
    this.startHigh = grown(this.startHigh, capacity);
    this.startLow = grown(this.startLow, capacity);
    this.endHigh = grown(this.endHigh, capacity);
    this.endLow = grown(this.endLow, capacity);
    this.name = grown(this.name, capacity);
    this.kindAndStatus = grown(this.kindAndStatus, capacity);
    this.form = grown(this.form, capacity);
    this.from = grown(this.from, capacity);
    this.to = grown(this.to, capacity);
    this.link = grown(this.link, capacity);
    this.capacity = capacity;
  }
}

function grown<T extends Uint32Array | Int32Array | Uint8Array>(column: T, capacity: number): T {
  const larger = new (column.constructor as new (length: number) => T)(capacity);
  larger.set(column);
  return larger;
}
