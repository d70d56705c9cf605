/**
 * What spans that were scanned are decoded with: their resource and instrumentation scope, which are decoded once and known
 * again by their bytes, and the record they came in.
 */
import type { SpanList } from '../../otlp/json-scanner.ts';
import type { Resource, Span } from '../../trace/span.ts';
import type { DecodedRecord, InputRecord } from './trace-input.ts';

export interface SpanContext {
  /** Of equal bytes equal, as long as the context is remembered. */
  readonly serial: number;
  readonly resource: Resource;
  readonly scope: string;
  /** What stands before and behind the spans in a request of this resource and scope. */
  readonly head: Uint8Array;
}

/** A list of spans in a record, some of which are decoded from its bytes when somebody asks. */
export interface SpanSource {
  readonly context: SpanContext;
  readonly record: HeldRecord;
}

/** A record whose bytes open traces hold on to. */
export interface HeldRecord {
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly line: number;
  readonly memory: HeldMemory;
}

/** The memory that records are views of: it is in use as long as one of their spans is. */
export interface HeldMemory {
  readonly buffer: ArrayBufferLike;
  /** How many spans hold it. */
  holders: number;
}

const MOST_CONTEXTS = 4096;
const TAIL = new TextEncoder().encode(']}]}]}');
const COMMA = new TextEncoder().encode(',');
const PROBE = new TextEncoder().encode(
  '{"traceId":"00000000000000000000000000000001","spanId":"0000000000000001","name":"x",' +
    '"startTimeUnixNano":"1000000000000000000","endTimeUnixNano":"1000000000000000000"}',
);

type Decode = (record: InputRecord) => DecodedRecord;

export class SpanContexts {
  readonly #decode: Decode;
  readonly #known = new Map<string, SpanContext | null>();
  #serial = 0;

  constructor(decode: Decode) {
    this.#decode = decode;
  }

  /** The context of a scanned list; null when the decoder has something to say about its resource or scope. */
  of(bytes: Uint8Array, list: SpanList): SpanContext | null {
    const resource = latin1(bytes, list.resourceFrom, list.resourceTo);
    const scope = latin1(bytes, list.scopeFrom, list.scopeTo);
    const key = `${resource}\n\n${scope}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const head = Buffer.from(
      `{"resourceSpans":[{${resource === '' ? '' : `"resource":${resource},`}"scopeSpans":[{${scope === '' ? '' : `"scope":${scope},`}"spans":[`,
      'latin1',
    );
    const decoded = this.#decode({ file: '', line: 1, format: 'otlp-json', bytes: joined(head, [PROBE]) });
    const [span] = decoded.spans;
    const clean = decoded.damaged === 0 && decoded.diagnostics.length === 0 && decoded.spans.length === 1;
    const context =
      clean && span !== undefined
        ? { serial: ++this.#serial, resource: span.resource, scope: span.scope, head }
        : null;
    // Contexts in use live on with their spans.
    if (this.#known.size >= MOST_CONTEXTS) this.#known.clear();
    this.#known.set(key, context);
    return context;
  }

  /** Decodes scanned spans, given as ranges of one list, in the order given. */
  decode(
    source: SpanSource,
    ranges: readonly { readonly from: number; readonly to: number }[],
  ): readonly Span[] {
    const { record, context } = source;
    const { file, line } = record;
    const bytes = requestOf(source, ranges);
    const { spans } = this.#decode({ file, line, format: 'otlp-json', bytes });
    if (spans.length !== ranges.length) {
      throw new Error(`the scanner and the decoder differ on line ${line} of ${file}`);
    }
    return spans.map((span) => ({ ...span, resource: context.resource }));
  }
}

/** An export request of some spans of a list. */
export function requestOf(
  source: SpanSource,
  ranges: readonly { readonly from: number; readonly to: number }[],
): Uint8Array {
  return joined(
    source.context.head,
    ranges.map(({ from, to }) => source.record.bytes.subarray(from, to)),
  );
}

function joined(head: Uint8Array, spans: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [head];
  for (const [index, span] of spans.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(span);
  }
  parts.push(TAIL);
  return Buffer.concat(parts);
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  if (from < 0) return '';
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
