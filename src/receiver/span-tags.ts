/** What Jaeger and Zipkin have in common: times in microseconds, and fields of OpenTelemetry that travel as tags. */
import type { JsonObject } from '../base/exact-json.ts';
import type { Nanos } from '../base/nanos.ts';
import { doubleOf, fieldOf, wholeNumber } from '../otlp/json-fields.ts';
import { found, type SpanSink } from '../otlp/span-sink.ts';
import type { AttributeValue } from '../trace/attribute-value.ts';
import type { SpanStatus } from '../trace/span.ts';

/** No real time is that large, and its nanoseconds would not fit in 64 bits. */
const MOST_MICROS = 2 ** 63 / 1000;

/** A time or duration in microseconds, which may have a fraction; absent is 0, null is a fault that was noted. */
export function microTime(sink: SpanSink, message: JsonObject, field: string): Nanos | null {
  const value = fieldOf(message, field);
  if (value === undefined) return 0n;
  const whole = wholeNumber(value);
  const micros = whole === null ? doubleOf(value) : Number(whole);
  if (micros !== null && Math.abs(micros) < MOST_MICROS) {
    return whole === null ? BigInt(Math.round(micros * 1000)) : whole * 1000n;
  }
  sink.fault('FL522', `must be microseconds as a number, but is ${found(value)}`, field);
  return null;
}

/** Takes a text out of the tags: it is a field of the span, not an attribute. */
export function takeText(tags: Map<string, AttributeValue>, key: string): string | undefined {
  const value = tags.get(key);
  if (typeof value !== 'string') return undefined;
  tags.delete(key);
  return value;
}

/**
 * The status that the tags tell. `otel.status_code` comes from an exporter of OpenTelemetry, and so does the `error` beside it:
 * both are taken out, with the description. A lone `error` is the program's own tag: it means what `isError` says, and stays.
 */
export function takeStatus(
  tags: Map<string, AttributeValue>,
  isError: (tag: AttributeValue) => boolean,
): SpanStatus {
  const code = takeText(tags, 'otel.status_code')?.toUpperCase();
  takeText(tags, 'otel.status_description');
  const error = tags.get('error');
  if (code === 'ERROR') tags.delete('error');
  if (code === 'ERROR') return 'error';
  if (code === 'OK') return 'ok';
  return error !== undefined && isError(error) ? 'error' : 'unset';
}
