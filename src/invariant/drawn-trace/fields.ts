/** What stands in the braces of a drawn span: attributes, and the fields of the span under their names in the language. */
import { type Nanos, parseDuration } from '../../base/nanos.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic, SourceText, TextRange } from '../../diagnostic/diagnostic.ts';
import type { Attributes, AttributeValue } from '../../trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type SpanId, type SpanKind, type SpanStatus } from '../../trace/span.ts';
import { readYaml, type YamlEntry, type YamlNode, type YamlScalar } from '../yaml/read-yaml.ts';
import { relocateAll } from '../yaml/relocate-all.ts';

export interface SpanFields {
  readonly attributes: Attributes;
  /** Without `service.name`, unless it is written here. */
  readonly resource: Attributes;
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  readonly scope: string;
  readonly events: readonly DrawnEvent[];
  readonly traceState: string;
  /** False: `span.sampled: false`. */
  readonly sampled: boolean;
  readonly id: SpanId | null;
  readonly parent: DrawnParent | null;
  /** Everything but `span.id`, with its place. */
  readonly others: readonly { readonly name: string; readonly range: TextRange }[];
}

interface DrawnEvent {
  readonly name: string;
  /** After the span's start; null: at it. */
  readonly at: Nanos | null;
  readonly attributes: Attributes;
}

type DrawnParent =
  | { readonly kind: 'id'; readonly id: SpanId | '' }
  | { readonly kind: 'label'; readonly label: string; readonly range: TextRange };

export const NO_FIELDS: SpanFields = {
  attributes: new Map(),
  resource: new Map(),
  kind: 'internal',
  status: 'unset',
  scope: '',
  events: [],
  traceState: '',
  sampled: true,
  id: null,
  parent: null,
  others: [],
};

const SETTABLE = [
  'span.status',
  'span.kind',
  'span.scope',
  'span.events',
  'span.tracestate',
  'span.sampled',
  'span.id',
  'span.parent',
  'span.resource',
];
/** Fields of the language that a drawing says in another way. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'span.name': 'the name stands before ` @`',
  'span.service': 'the service stands before the slash',
  'span.start': 'the start stands behind `@`',
  'span.end': 'the end is start and duration, behind `@`',
  'span.duration': 'the duration stands behind `@`',
  'span.self': "a span's own time comes of its duration and its children",
};

/** Reads the braces; problems go to `diagnostics`. */
export function readFields(
  source: SourceText,
  braces: { readonly text: string; readonly range: TextRange },
  diagnostics: Diagnostic[],
): SpanFields {
  const inner: SourceText = { name: source.name, text: braces.text };
  const reading = readYaml(inner, { binary: true, quotedKeysDiffer: true });
  const reader = new FieldsReader(inner);
  const fields = reading.root === null ? NO_FIELDS : reader.read(reading.root);
  diagnostics.push(
    ...relocateAll([...reading.diagnostics, ...reader.diagnostics], source, (at) => at + braces.range.start),
  );
  const others = fields.others.map(({ name, range }) => ({
    name,
    range: { start: range.start + braces.range.start, end: range.end + braces.range.start },
  }));
  const parent =
    fields.parent?.kind === 'label'
      ? {
          ...fields.parent,
          range: {
            start: fields.parent.range.start + braces.range.start,
            end: fields.parent.range.end + braces.range.start,
          },
        }
      : fields.parent;
  return { ...fields, others, parent };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class FieldsReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;

  constructor(source: SourceText) {
    this.#source = source;
  }

  read(root: YamlNode): SpanFields {
    const attributes = new Map<string, AttributeValue>();
    const resource = new Map<string, AttributeValue>();
    const others: { name: string; range: TextRange }[] = [];
    const fields: Mutable<SpanFields> = { ...NO_FIELDS, attributes, resource, others };
    for (const entry of root.kind === 'map' ? root.entries : []) {
      // As in the language: in quotes a name is an attribute's, whatever it begins with.
      const quoted = entry.key.style !== 'plain';
      if (!(entry.name === 'span.id' && !quoted)) others.push({ name: entry.name, range: entry.key.range });
      if (!quoted && entry.name === 'span.resource') this.#resource(entry, resource);
      else if (!quoted && entry.name.startsWith('span.')) this.#field(entry, fields);
      else if (!quoted && entry.name.startsWith('resource.')) {
        this.#attribute(entry.name.slice('resource.'.length), entry, resource);
      } else this.#attribute(entry.name, entry, attributes);
    }
    return fields;
  }

  #attribute(name: string, entry: YamlEntry, into: Map<string, AttributeValue>): void {
    const value = this.#value(entry.value, entry.name);
    if (value === undefined) return;
    if (into.has(name)) {
      this.#error(
        'FL603',
        entry.key.range,
        `the attribute \`${name}\` is here a second time`,
        'keep one of the two',
      );
    }
    into.set(name, value);
  }

  /** Resource attributes whose names cannot stand behind `resource.` without quotes. */
  #resource({ value, name }: YamlEntry, into: Map<string, AttributeValue>): void {
    if (value.kind === 'map') {
      for (const entry of value.entries) this.#attribute(entry.name, entry, into);
      return;
    }
    this.#error(
      'FL603',
      value.range,
      `\`${name}\` is a map of resource attributes`,
      'write `span.resource: {name: value}`, or `resource.name: value`',
    );
  }

  #field(entry: YamlEntry, fields: Mutable<SpanFields>): void {
    const { name, value } = entry;
    switch (name) {
      case 'span.status':
        fields.status = this.#oneOf(value, name, SPAN_STATUSES) ?? fields.status;
        return;
      case 'span.kind':
        fields.kind = this.#oneOf(value, name, SPAN_KINDS) ?? fields.kind;
        return;
      case 'span.scope':
        fields.scope = this.#text(value, name) ?? '';
        return;
      case 'span.tracestate':
        fields.traceState = this.#text(value, name) ?? '';
        return;
      case 'span.sampled':
        fields.sampled = this.#boolean(value, name) ?? true;
        return;
      case 'span.id':
        fields.id = this.#id(value, name);
        return;
      case 'span.parent':
        fields.parent = this.#parent(value, name);
        return;
      case 'span.events':
        fields.events = this.#events(value, name);
        return;
      default:
        this.#unknown(entry);
    }
  }

  #unknown({ name, key }: YamlEntry): void {
    const elsewhere = ELSEWHERE[name];
    const near = didYouMean(name, SETTABLE);
    this.#error(
      'FL603',
      key.range,
      elsewhere === undefined
        ? `\`${name}\` is no field that a drawing can set`
        : `\`${name}\` is not set in the braces`,
      elsewhere ??
        `${near === '' ? '' : `${near} `}For an attribute of that name put the name in quotes: \`"${name}"\``,
    );
  }

  #oneOf<T extends string>(node: YamlNode, name: string, values: readonly T[]): T | null {
    const text = node.kind === 'scalar' ? node.value : null;
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const near = typeof text === 'string' ? didYouMean(text, values) : '';
    this.#error(
      'FL603',
      node.range,
      `\`${name}\` is one of ${values.map((value) => `\`${value}\``).join(', ')}`,
      near || 'write one of them',
    );
    return null;
  }

  #text(node: YamlNode, name: string): string | null {
    if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
    this.#error('FL603', node.range, `\`${name}\` is a text`, 'put the value in quotes');
    return null;
  }

  #boolean(node: YamlNode, name: string): boolean | null {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    this.#error('FL603', node.range, `\`${name}\` is true or false`, 'write `true` or `false`');
    return null;
  }

  /** Up to 16 hex digits, filled up with zeros. YAML may read them as a number, so that what was written counts. */
  #id(node: YamlNode, name: string): SpanId | null {
    const written = node.kind === 'scalar' ? idText(node) : '';
    if (/^[0-9A-Fa-f]{1,16}$/.test(written)) return written.toLowerCase().padStart(16, '0');
    this.#error(
      'FL603',
      node.range,
      `\`${name}\` is an id of up to 16 hex digits`,
      'write the id, as in `span.id: 00f067aa0ba902b7`',
    );
    return null;
  }

  #parent(node: YamlNode, name: string): DrawnParent | null {
    const written = node.kind === 'scalar' ? idText(node) : '';
    if (written === 'none') return { kind: 'id', id: '' };
    if (written.startsWith('#')) return { kind: 'label', label: written.slice(1), range: node.range };
    if (/^[0-9A-Fa-f]{1,16}$/.test(written))
      return { kind: 'id', id: written.toLowerCase().padStart(16, '0') };
    this.#error(
      'FL603',
      node.range,
      `\`${name}\` is an id, a label in quotes (\`"#caller"\`) or \`none\``,
      'write one of these; indentation gives the parent where nothing else is said',
    );
    return null;
  }

  #events(node: YamlNode, name: string): DrawnEvent[] {
    if (node.kind !== 'list') {
      this.#error(
        'FL603',
        node.range,
        `\`${name}\` is a list of events`,
        'write names in brackets, as in `span.events: [exception]`',
      );
      return [];
    }
    const events: DrawnEvent[] = [];
    for (const item of node.items) {
      if (item.kind === 'scalar' && typeof item.value === 'string') {
        events.push({ name: item.value, at: null, attributes: new Map() });
      } else if (item.kind === 'map') events.push(this.#event(item.entries, item.range));
      else
        this.#error(
          'FL603',
          item.range,
          'an event is a name or a map',
          'write a name, or `{name: exception, at: 5ms, attributes: {exception.type: Timeout}}`',
        );
    }
    return events;
  }

  #event(entries: readonly YamlEntry[], range: TextRange): DrawnEvent {
    let name: string | null = null;
    let at: Nanos | null = null;
    const attributes = new Map<string, AttributeValue>();
    for (const entry of entries) {
      if (entry.name === 'name') name = this.#text(entry.value, 'name');
      else if (entry.name === 'at') {
        const written = entry.value.kind === 'scalar' ? entry.value.raw : '';
        const nanos = parseDuration(written.replace(/^-/, ''));
        if (nanos === null)
          this.#error(
            'FL603',
            entry.value.range,
            "`at` is the time after the span's start",
            'write a duration, as in `at: 5ms`',
          );
        else at = written.startsWith('-') ? -nanos : nanos;
      } else if (entry.name === 'attributes' && entry.value.kind === 'map') {
        for (const inner of entry.value.entries) this.#attribute(inner.name, inner, attributes);
      } else {
        this.#error(
          'FL603',
          entry.key.range,
          `\`${entry.name}\` is no key of an event`,
          didYouMean(entry.name, ['name', 'at', 'attributes']) ||
            'an event has `name`, `at` and `attributes` (a map)',
        );
      }
    }
    if (name === null && !this.diagnostics.some((diagnostic) => diagnostic.range === range)) {
      this.#error('FL603', range, 'the event has no name', 'write `name:` and the name of the event');
    }
    return { name: name ?? '', at, attributes };
  }

  #value(node: YamlNode, name: string): AttributeValue | undefined {
    if (node.kind === 'scalar') {
      if (node.value !== null) return node.value;
      this.#error(
        'FL603',
        node.range.end > node.range.start
          ? node.range
          : { start: Math.max(0, node.range.start - 1), end: node.range.start },
        `\`${name}\` has no value`,
        'give it one, put `null` in quotes if it is text, or leave the attribute out: OpenTelemetry has no null',
      );
      return undefined;
    }
    if (node.kind === 'list') {
      const items = node.items.map((item) => this.#value(item, name));
      return items.filter((item) => item !== undefined);
    }
    const inner: Record<string, AttributeValue> = Object.create(null) as Record<string, AttributeValue>;
    for (const entry of node.entries) {
      const value = this.#value(entry.value, entry.name);
      if (value !== undefined) inner[entry.name] = value;
    }
    return inner;
  }

  #error(code: Diagnostic['code'], range: TextRange, message: string, help: string): void {
    this.diagnostics.push({ code, severity: 'error', message, source: this.#source, range, help });
  }
}

function idText(node: YamlScalar): string {
  return typeof node.value === 'string' ? node.value : node.raw;
}
