/** Spans and attribute values as JSON-safe values of bounded size. */
import { wholePairs } from '../base/printable.ts';
import type { Attributes, AttributeValue } from '../trace/attribute-value.ts';
import type { Span } from '../trace/span.ts';
import type { ReportedSpan, ReportedValue } from './check-report.ts';

const LONGEST_NAME = 512;
const LONGEST_TEXT = 1024;
const MOST_ATTRIBUTES = 64;
const MOST_ELEMENTS = 100;
const DEEPEST = 4;

/** Cost: bounded, however large the span is. */
export function reportedSpan(span: Span): ReportedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: cut(span.name, LONGEST_NAME),
    service: cut(span.resource.service, LONGEST_NAME),
    kind: span.kind,
    status: span.status,
    start: String(span.start),
    end: String(span.end),
    attributes: reportedAttributes(span.attributes),
    attributesOmitted: Math.max(0, span.attributes.size - MOST_ATTRIBUTES),
  };
}

export function reportedValue(value: AttributeValue, depth = 0): ReportedValue {
  if (typeof value === 'string') {
    if (value.length <= LONGEST_TEXT) return value;
    return { text: cut(value, LONGEST_TEXT), length: value.length };
  }
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (typeof value === 'number') return reportedNumber(value);
  if (value instanceof Uint8Array) {
    return { bytes: base64(value.subarray(0, LONGEST_TEXT)), length: value.length };
  }
  if (isArray(value)) {
    const elements = value
      .slice(0, depth >= DEEPEST ? 0 : MOST_ELEMENTS)
      .map((element) => reportedValue(element, depth + 1));
    return elements.length === value.length ? elements : { array: elements, length: value.length };
  }
  const entries = Object.entries(value);
  const kept = entries.slice(0, depth >= DEEPEST ? 0 : MOST_ATTRIBUTES);
  return {
    map: objectOf(kept.map(([name, element]) => [name, reportedValue(element, depth + 1)])),
    length: entries.length,
  };
}

function reportedAttributes(attributes: Attributes): ReportedSpan['attributes'] {
  const names = [...attributes.keys()].sort(byCodePoint).slice(0, MOST_ATTRIBUTES);
  return objectOf(names.map((name) => [name, reportedValue(attributes.get(name) ?? '')]));
}

function reportedNumber(value: number): ReportedValue {
  if (Number.isNaN(value)) return { double: 'NaN' };
  if (value === Number.POSITIVE_INFINITY) return { double: 'Infinity' };
  if (value === Number.NEGATIVE_INFINITY) return { double: '-Infinity' };
  return Object.is(value, -0) ? { double: '-0' } : value;
}

/** Without a prototype: an attribute may be called `__proto__`. */
function objectOf(entries: readonly (readonly [string, ReportedValue])[]): Record<string, ReportedValue> {
  const object: Record<string, ReportedValue> = Object.create(null);
  for (const [name, value] of entries) object[cut(name, LONGEST_NAME)] = value;
  return object;
}

/** A plain prefix, so that a consumer may compare it with the original. */
function cut(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, wholePairs(text, limit));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function isArray(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A value as one line of text for a person, at most about `limit` characters; neutralise it for the format it goes to. */
export function valueText(value: ReportedValue, limit = 80): string {
  const text = fullText(value);
  return text.length <= limit ? text : `${text.slice(0, wholePairs(text, limit - 1))}…`;
}

function fullText(value: ReportedValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (isReportedArray(value)) return `[${value.map(fullText).join(', ')}]`;
  if ('bigint' in value) return value.bigint;
  if ('double' in value) return value.double;
  if ('bytes' in value) return `${value.length} bytes`;
  if ('text' in value) return `${JSON.stringify(value.text.slice(0, 60))}… (${value.length} characters)`;
  if ('array' in value) return `[${value.array.map(fullText).join(', ')}, …] (${value.length} elements)`;
  return `{${Object.entries(value.map)
    .map(([name, element]) => `${name}: ${fullText(element)}`)
    .join(', ')}}`;
}

function isReportedArray(value: ReportedValue): value is readonly ReportedValue[] {
  return Array.isArray(value);
}
