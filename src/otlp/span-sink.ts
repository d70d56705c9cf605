/**
 * Where the readers of all formats put what they find: spans, and what was wrong with the rest. It keeps the path to
 * the value that is being read, so that a fault can name the field.
 */
import type { JsonPath } from '../base/exact-json.ts';
import type { DiagnosticCode } from '../diagnostic/codes.ts';
import type { Span } from '../trace/span.ts';

/** Something that a reader could not use. */
export interface SpanFault {
  readonly code: DiagnosticCode;
  /** The field, from the outside of the record; in protobuf by the field names of the OTLP definition in JSON's spelling. */
  readonly path: JsonPath;
  /** What was expected and what was found, as the end of a sentence that begins with the field: `must be ..., but is ...`. */
  readonly message: string;
}

/** A record with more faults than this is reported by the first ones and a count. */
const MOST_FAULTS_A_RECORD = 20;

export class SpanSink {
  readonly spans: Span[] = [];
  /** The first `MOST_FAULTS_A_RECORD` faults. */
  readonly faults: SpanFault[] = [];
  /** How many faults there were. */
  faultCount = 0;
  /** Spans that were lost, or read without a part of theirs. */
  damaged = 0;
  /** Spans whose end was missing or before their start, and was set to the start. */
  mended = 0;
  /** Requests of logs, metrics or profiles. */
  foreign = 0;
  readonly #path: (string | number)[] = [];

  /** Goes into a field. Pair with `leave`, or with `leaveTo` where an error may come between. */
  enter(step: string | number): void {
    this.#path.push(step);
  }

  leave(): void {
    this.#path.pop();
  }

  get depth(): number {
    return this.#path.length;
  }

  leaveTo(depth: number): void {
    this.#path.length = depth;
  }

  /** Notes a fault of the field where the reader stands, or of one in it. */
  fault(code: DiagnosticCode, message: string, field?: string): void {
    this.faultCount++;
    if (this.faults.length >= MOST_FAULTS_A_RECORD) return;
    this.faults.push({ code, path: field === undefined ? [...this.#path] : [...this.#path, field], message });
  }

  /** Takes a span, sees to its end, and says whether any fault was noted since `faultsBefore`. */
  add(span: Span, faultsBefore: number): void {
    if (this.faultCount > faultsBefore) this.damaged++;
    this.spans.push(span);
  }
}

const MOST_FOUND = 60;

/** Writes a found value for a message: short, on one line, in backticks; `missing` for undefined. */
export function found(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = startOfJson(value, MOST_FOUND + 1);
  return `\`${text.length > MOST_FOUND ? `${text.slice(0, MOST_FOUND - 3)}...` : text}\``;
}

/** The first `most` characters of the value as JSON, and perhaps more. Neither the size nor the depth of the value matter. */
function startOfJson(value: unknown, most: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, most));
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? typeof value;
  const isArray = Array.isArray(value);
  let text = isArray ? '[' : '{';
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner === undefined) continue;
    if (text.length > 1) text += ',';
    if (!isArray) text += `${startOfJson(key, most)}:`;
    if (text.length >= most) return text;
    text += startOfJson(inner, most - text.length);
  }
  return text + (isArray ? ']' : '}');
}
