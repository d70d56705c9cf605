/**
 * Drawn traces: traces as a person writes them in a test, one line a span, indentation for the parent.
 *
 *     frontend/POST /checkout @0ms+900ms {span.kind: server}
 *       stock/inventory.reserve @20ms+60ms {cart.id: c1}
 *       payment/payment.charge @120ms+80ms {amount: 59.99, cart.id: c1} #charge
 *
 * The notation is described in docs/reference/drawn-traces.md; `drawTrace` writes it.
 */
import type { Nanos } from '../base/nanos.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic, SourceText, TextRange } from '../diagnostic/diagnostic.ts';
import { positionOf } from '../diagnostic/position.ts';
import type { Resource, Span, SpanId, TraceId } from '../trace/span.ts';
import { NO_FIELDS, readFields, type SpanFields } from './drawn-trace/fields.ts';
import { type DrawnLine, type DrawnSpanLine, readLines } from './drawn-trace/lines.ts';

/** Where drawn time begins: 2026-01-01T00:00:00Z. Fixed, so that a drawing gives the same spans on every day. */
export const DRAWN_EPOCH: Nanos = 1_767_225_600_000_000_000n;

interface DrawnTraceOptions {
  /** Number of the first trace of the drawing, from 1: ids differ between drawings with different numbers. Default 1. */
  readonly firstTrace?: number;
}

interface DrawnTrace {
  /** In the order of the lines; empty when there are errors. */
  readonly spans: readonly Span[];
  /** Spans by their label, without `#`. */
  readonly labels: ReadonlyMap<string, Span>;
  /** Where each span is drawn, in the order of `spans`. */
  readonly ranges: readonly TextRange[];
  /** How many traces the drawing has, empty ones included. */
  readonly traces: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a drawing. Ids come of the place in the drawing (the trace's number and the line's), unless `span.id` sets them, so a
 * drawing always gives the same spans. Never throws; with an error there are no spans. Cost: linear.
 */
export function parseDrawnTrace(source: SourceText, options: DrawnTraceOptions = {}): DrawnTrace {
  const { lines, diagnostics } = readLines(source);
  const builder = new SpanBuilder(source, options.firstTrace ?? 1, [...diagnostics]);
  return builder.build(lines);
}

/** The trace id of the n-th drawn trace. */
export function drawnTraceId(number: number): TraceId {
  return number.toString(16).padStart(32, '0');
}

/** The span id of the n-th line of the m-th drawn trace, both from 1. */
export function drawnSpanId(trace: number, line: number): SpanId {
  return trace.toString(16).padStart(8, '0') + line.toString(16).padStart(8, '0');
}

interface Place {
  readonly line: DrawnLine;
  readonly spanId: SpanId;
  readonly parent: Place | null;
}

class SpanBuilder {
  readonly #source: SourceText;
  readonly #diagnostics: Diagnostic[];
  readonly #spans: Span[] = [];
  readonly #ranges: TextRange[] = [];
  readonly #labels = new Map<string, Span>();
  /** All labels of the drawing, also those below the line that refers to them. */
  readonly #labelPlaces = new Map<string, { readonly spanId: SpanId; readonly range: TextRange }>();
  readonly #resources = new Map<string, Resource>();
  readonly #firstTrace: number;
  #trace: number;
  #traceId: TraceId;

  constructor(source: SourceText, firstTrace: number, diagnostics: Diagnostic[]) {
    this.#source = source;
    this.#diagnostics = diagnostics;
    this.#firstTrace = firstTrace;
    this.#trace = firstTrace;
    this.#traceId = drawnTraceId(firstTrace);
  }

  build(lines: readonly DrawnLine[]): DrawnTrace {
    const drawn: { place: Place; line: DrawnSpanLine; fields: SpanFields; traceId: TraceId }[] = [];
    let open: Place[] = [];
    let ordinal = 0;
    let begun = false;
    for (const line of lines) {
      if (line.kind === 'separator') {
        if (begun) this.#trace++;
        begun = true;
        this.#traceId = line.traceId ?? drawnTraceId(this.#trace);
        open = [];
        ordinal = 0;
        continue;
      }
      begun = true;
      ordinal++;
      const fields =
        line.fields === null ? NO_FIELDS : readFields(this.#source, line.fields, this.#diagnostics);
      const spanId = fields.id ?? drawnSpanId(this.#trace, ordinal);
      const place: Place = { line, spanId, parent: this.#parentOf(line, open) };
      if (line.label !== null) this.#nameLabel(line.label, spanId);
      open.push(place);
      if (line.kind === 'span') drawn.push({ place, line, fields, traceId: this.#traceId });
      else this.#checkMissing(fields);
    }
    for (const { place, line, fields, traceId } of drawn) this.#span(place, line, fields, traceId);
    const failed = this.#diagnostics.some((diagnostic) => diagnostic.severity === 'error');
    return {
      spans: failed ? [] : this.#spans,
      labels: failed ? new Map() : this.#labels,
      ranges: failed ? [] : this.#ranges,
      traces: this.#trace - this.#firstTrace + 1,
      diagnostics: this.#diagnostics,
    };
  }

  /** Drops from `open` what is not above the line. */
  #parentOf(line: Exclude<DrawnLine, { kind: 'separator' }>, open: Place[]): Place | null {
    let closed: Place | undefined;
    for (let last = open.at(-1); last !== undefined && indentOf(last) >= line.indent; last = open.at(-1)) {
      closed = open.pop();
    }
    if (closed !== undefined && indentOf(closed) !== line.indent) {
      this.#error('FL602', line.range, 'the indentation of this line fits no line above', {
        help: `indent it by ${indentOf(closed)} blanks to stand beside \`${firstWords(this.#source, closed.line.range)}\``,
      });
    }
    return open.at(-1) ?? null;
  }

  #nameLabel(label: { readonly name: string; readonly range: TextRange }, spanId: SpanId): void {
    const first = this.#labelPlaces.get(label.name);
    if (first === undefined) {
      this.#labelPlaces.set(label.name, { spanId, range: label.range });
      return;
    }
    const { line } = positionOf(this.#source.text, first.range.start);
    this.#error('FL603', label.range, `the label \`#${label.name}\` is here a second time`, {
      notes: [`the first is in line ${line} of the drawing`],
      help: 'give each span a label of its own; a span that is delivered twice has one `span.id` in two lines',
    });
  }

  #checkMissing(fields: SpanFields): void {
    for (const { name, range } of fields.others) {
      this.#error('FL603', range, `\`${name}\` on a span that is missing`, {
        help: 'a span that never arrived has nothing but its `span.id`; draw it as a span if it is there',
      });
    }
  }

  #span(place: Place, line: DrawnSpanLine, fields: SpanFields, traceId: TraceId): void {
    const start = DRAWN_EPOCH + line.start;
    const span: Span = {
      traceId,
      spanId: place.spanId,
      parentSpanId: this.#parentId(place, fields),
      name: line.name,
      kind: fields.kind,
      start,
      end: start + line.duration,
      status: fields.status,
      attributes: fields.attributes,
      resource: this.#resource(line, fields),
      scope: fields.scope,
      events: fields.events.map((event) => ({
        name: event.name,
        time: event.at === null ? start : start + event.at,
        attributes: event.attributes,
      })),
      traceState: fields.traceState,
      ...(fields.sampled ? {} : { sampled: false as const }),
    };
    this.#spans.push(span);
    this.#ranges.push(line.range);
    if (line.label !== null && !this.#labels.has(line.label.name)) this.#labels.set(line.label.name, span);
  }

  #parentId(place: Place, fields: SpanFields): SpanId | '' {
    const explicit = fields.parent;
    if (explicit === null) return place.parent?.spanId ?? '';
    if (explicit.kind === 'id') return explicit.id;
    const labelled = this.#labelPlaces.get(explicit.label);
    if (labelled !== undefined) return labelled.spanId;
    const near = didYouMean(explicit.label, this.#labelPlaces.keys());
    this.#error('FL603', explicit.range, `no span of the drawing has the label \`#${explicit.label}\``, {
      help:
        near === '' ? 'write the label behind the span that is meant, as in `... @0ms+5ms #caller`' : near,
    });
    return '';
  }

  #resource(line: DrawnSpanLine, fields: SpanFields): Resource {
    if (fields.resource.size === 0) {
      const known = this.#resources.get(line.service ?? '\0');
      if (known !== undefined) return known;
    }
    if (line.service !== null && fields.resource.has('service.name')) {
      this.#error(
        'FL603',
        line.fields?.range ?? line.range,
        'the service is named twice: before the slash and as `resource.service.name`',
        {
          help: 'leave `resource.service.name` out, or write nothing before the slash',
        },
      );
    }
    const attributes = new Map(fields.resource);
    if (line.service !== null) attributes.set('service.name', line.service);
    const named = attributes.get('service.name');
    const resource: Resource = { attributes, service: typeof named === 'string' ? named : '' };
    if (fields.resource.size === 0) this.#resources.set(line.service ?? '\0', resource);
    return resource;
  }

  #error(
    code: Diagnostic['code'],
    range: TextRange,
    message: string,
    rest: { readonly help: string; readonly notes?: readonly string[] },
  ): void {
    this.#diagnostics.push({ code, severity: 'error', message, source: this.#source, range, ...rest });
  }
}

function indentOf(place: Place): number {
  return place.line.kind === 'separator' ? 0 : place.line.indent;
}

function firstWords(source: SourceText, range: TextRange): string {
  const line = source.text.slice(range.start, range.end).trim();
  const at = line.indexOf(' @');
  return at === -1 ? line.slice(0, 40) : line.slice(0, at);
}
