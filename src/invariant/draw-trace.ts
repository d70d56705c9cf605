/** Writes spans in the notation of drawn traces: for tests that begin with a trace of production, and for messages. */
import { formatDuration, type Nanos } from '../base/nanos.ts';
import type { Attributes, AttributeValue } from '../trace/attribute-value.ts';
import { compareSpans, type Resource, type Span, type SpanId, type TraceId } from '../trace/span.ts';
import { DRAWN_EPOCH, drawnSpanId, drawnTraceId } from './drawn-trace.ts';

interface DrawOptions {
  /**
   * `exact` (default): reading the drawing gives the very same spans, so ids and times that differ from a drawing's own are
   * written out. `readable`: ids are left out where indentation says the same, and time begins at the first start.
   */
  readonly fidelity?: 'exact' | 'readable';
}

/** Deeper spans are drawn at the margin with `span.parent`: their blanks alone would grow with the square of the depth. */
const DEEPEST_DRAWN = 64;

/**
 * Draws spans of one trace or several, traces in the order of their first span, spans below their parents and otherwise in
 * canonical order. With `exact`, `parseDrawnTrace(drawTrace(spans))` gives the same set of spans. No line end at the end.
 */
export function drawTrace(spans: readonly Span[], options: DrawOptions = {}): string {
  const exact = options.fidelity !== 'readable';
  const byTrace = new Map<TraceId, Span[]>();
  for (const span of spans) {
    const same = byTrace.get(span.traceId);
    if (same === undefined) byTrace.set(span.traceId, [span]);
    else same.push(span);
  }
  const epoch = exact ? DRAWN_EPOCH : firstStart(spans);
  const parts: string[] = [];
  let number = 0;
  for (const [traceId, own] of byTrace) {
    number++;
    const derived = drawnTraceId(number);
    const named = exact && traceId !== derived;
    if (number > 1 || named) parts.push(named ? `--- ${traceId}` : '---');
    parts.push(...new TraceDrawing(own, number, exact, epoch).lines());
  }
  return parts.join('\n');
}

function firstStart(spans: readonly Span[]): Nanos {
  let first: Nanos | null = null;
  for (const { start } of spans) if (first === null || start < first) first = start;
  return first ?? 0n;
}

/** A line to come: a span, or a parent that is not there. */
type Item =
  | { readonly kind: 'span'; readonly span: Span; readonly depth: number; readonly parent: SpanId | '' }
  | { readonly kind: 'missing'; readonly id: SpanId; readonly depth: number };

class TraceDrawing {
  readonly #spans: readonly Span[];
  readonly #number: number;
  readonly #exact: boolean;
  readonly #epoch: Nanos;
  readonly #ids = new Set<SpanId>();
  readonly #children = new Map<SpanId | '', Span[]>();

  constructor(spans: readonly Span[], number: number, exact: boolean, epoch: Nanos) {
    this.#spans = [...spans].sort(compareSpans);
    this.#number = number;
    this.#exact = exact;
    this.#epoch = epoch;
    for (const span of this.#spans) {
      this.#ids.add(span.spanId);
      const siblings = this.#children.get(span.parentSpanId);
      if (siblings === undefined) this.#children.set(span.parentSpanId, [span]);
      else siblings.push(span);
    }
  }

  lines(): string[] {
    const items = this.#items();
    // Whoever is named by id must show it, also where ids are left out.
    const named = new Set<SpanId | ''>();
    const seen = new Set<SpanId>();
    for (const item of items) {
      const id = item.kind === 'span' ? item.span.spanId : item.id;
      if (seen.has(id)) named.add(id);
      seen.add(id);
      if (item.kind === 'span' && item.span.parentSpanId !== item.parent) named.add(item.span.parentSpanId);
    }
    return items.map((item, index) => {
      const id = item.kind === 'span' ? item.span.spanId : item.id;
      const derived = drawnSpanId(this.#number, index + 1);
      const shown = (this.#exact || named.has(id)) && id !== derived;
      const own = shown ? [`span.id: ${idText(id)}`] : [];
      const fields = item.kind === 'span' ? [...own, ...this.#fields(item.span, item.parent)] : own;
      const braces = fields.length === 0 ? '' : ` {${fields.join(', ')}}`;
      return `${'  '.repeat(item.depth)}${item.kind === 'span' ? this.#head(item.span) : '(missing)'}${braces}`;
    });
  }

  #items(): Item[] {
    const items: Item[] = [];
    const placed = new Set<Span>();
    const below = new Set<SpanId>();
    const open: Item[] = [];
    const drain = (): void => {
      for (let item = open.pop(); item !== undefined; item = open.pop()) {
        if (item.kind === 'span') {
          if (placed.has(item.span)) continue;
          placed.add(item.span);
        }
        items.push(item);
        const id = item.kind === 'span' ? item.span.spanId : item.id;
        // Of spans that share an id, the first has the children: either is their parent as far as ids tell.
        if (below.has(id) || item.depth >= DEEPEST_DRAWN) continue;
        below.add(id);
        const depth = item.depth + 1;
        for (const span of [...this.#childrenOf(id)].reverse())
          open.push({ kind: 'span', span, depth, parent: id });
      }
    };
    open.push(...this.#tops().reverse());
    drain();
    // What is left hangs in a circle of parents, or too deep.
    for (const span of this.#spans) {
      if (placed.has(span)) continue;
      open.push({ kind: 'span', span, depth: 0, parent: '' });
      drain();
    }
    return items;
  }

  #childrenOf(id: SpanId): readonly Span[] {
    return id === '' ? [] : (this.#children.get(id) ?? []);
  }

  #tops(): Item[] {
    const roots: Item[] = (this.#children.get('') ?? []).map((span) => ({
      kind: 'span',
      span,
      depth: 0,
      parent: '',
    }));
    const missing: Item[] = [...this.#children.keys()]
      .filter((id): id is SpanId => id !== '' && !this.#ids.has(id))
      .map((id) => ({ kind: 'missing', id, depth: 0 }));
    return [...roots, ...missing];
  }

  #head(span: Span): string {
    const service = serviceText(span.resource);
    // Two slashes at the begin of a line are a comment.
    const name =
      service === '' && span.name.startsWith('/') ? JSON.stringify(span.name) : nameText(span.name);
    return `${service}/${name} @${formatOffset(span.start - this.#epoch)}+${formatOffset(span.end - span.start)}`;
  }

  #fields(span: Span, parent: SpanId | ''): string[] {
    const fields: string[] = [];
    if (span.parentSpanId !== parent) {
      fields.push(`span.parent: ${span.parentSpanId === '' ? 'none' : idText(span.parentSpanId)}`);
    }
    if (span.kind !== 'internal') fields.push(`span.kind: ${span.kind}`);
    if (span.status !== 'unset') fields.push(`span.status: ${span.status}`);
    if (span.scope !== '') fields.push(`span.scope: ${textValue(span.scope)}`);
    if (span.traceState !== '') fields.push(`span.tracestate: ${textValue(span.traceState)}`);
    if (span.sampled === false) fields.push('span.sampled: false');
    if (span.events.length > 0) {
      const events = span.events.map((event) => {
        const at = event.time - span.start;
        if (at === 0n && event.attributes.size === 0) return textValue(event.name);
        const parts = [`name: ${textValue(event.name)}`];
        if (at !== 0n) parts.push(`at: ${formatOffset(at)}`);
        if (event.attributes.size > 0) parts.push(`attributes: {${attributesText(event.attributes, [])}}`);
        return `{${parts.join(', ')}}`;
      });
      fields.push(`span.events: [${events.join(', ')}]`);
    }
    const resource = [...span.resource.attributes].filter(
      ([key, value]) => key !== 'service.name' || typeof value !== 'string',
    );
    const odd = resource.filter(([key]) => !PLAIN_KEY.test(`resource.${key}`));
    for (const [key, value] of resource) {
      if (PLAIN_KEY.test(`resource.${key}`)) fields.push(`resource.${key}: ${valueText(value)}`);
    }
    if (odd.length > 0) fields.push(`span.resource: {${attributesText(new Map(odd), [])}}`);
    const attributes = attributesText(span.attributes, ['span.', 'resource.']);
    if (attributes !== '') fields.push(attributes);
    return fields;
  }
}

function formatOffset(nanos: Nanos): string {
  if (nanos === 0n) return '0ms';
  if (nanos < 0n) return `-${formatOffset(-nanos)}`;
  // Milliseconds are what people read in traces; other units only where they are exact.
  return nanos % 1_000_000n === 0n && nanos < 60_000_000_000n
    ? `${nanos / 1_000_000n}ms`
    : formatDuration(nanos);
}

/** Ids of digits and `e` alone would be numbers to YAML; the reader takes them as written, quotes only make that plain. */
function idText(id: SpanId): string {
  return /^[0-9a-f]{16}$/.test(id) ? id : JSON.stringify(id);
}

const PLAIN_SERVICE = /^[A-Za-z0-9_(][\w.:()-]*(?: [\w.:()-]+)*$/;

function serviceText({ attributes }: Resource): string {
  const service = attributes.get('service.name');
  if (typeof service !== 'string') return '';
  return PLAIN_SERVICE.test(service) && !service.startsWith('(missing)') && !service.startsWith('---')
    ? service
    : JSON.stringify(service);
}

/** A name stands as it is when reading it as the text up to ` @` gives it back. */
function nameText(name: string): string {
  const plain = name !== '' && name === name.trim() && !/[\s\p{Cc}]@|^@|^"|[\p{Cc}\u2028\u2029]/u.test(name);
  return plain ? name : JSON.stringify(name);
}

function attributesText(attributes: Attributes, prefixes: readonly string[]): string {
  return [...attributes]
    .map(([key, value]) => {
      const mistakable = prefixes.some((prefix) => key.startsWith(prefix));
      return `${mistakable ? JSON.stringify(key) : keyText(key)}: ${valueText(value)}`;
    })
    .join(', ');
}

const PLAIN_KEY = /^[A-Za-z_][\w./-]*$/;
/** Words that YAML's core schema reads as something else than text. */
const NOT_TEXT = /^(?:null|true|false|~)$/i;

function keyText(key: string): string {
  return PLAIN_KEY.test(key) && !NOT_TEXT.test(key) ? key : JSON.stringify(key);
}

const PLAIN_TEXT = /^[A-Za-z_/][\w./@-]*(?: [\w./@-]+)*$/;

function textValue(text: string): string {
  return PLAIN_TEXT.test(text) && !NOT_TEXT.test(text) ? text : JSON.stringify(text);
}

function valueText(value: AttributeValue): string {
  if (typeof value === 'string') return textValue(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return numberText(value);
  if (value instanceof Uint8Array) return `!!binary ${JSON.stringify(Buffer.from(value).toString('base64'))}`;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${keyText(key)}: ${valueText(inner)}`)
    .join(', ')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (Object.is(value, -0)) return '-0.0';
  // A double past 2^53 keeps its fraction point: without one it would be read as an exact integer.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? `${exponential(value)}` : String(value);
}

function exponential(value: number): string {
  const text = value.toExponential();
  return text.includes('.') ? text : text.replace('e', '.0e');
}
