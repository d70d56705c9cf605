/** A JSON document of traces, of whichever format: what it is shows in its keys. */

import type { JsonObject, JsonValue } from '../base/exact-json.ts';
import { isObject } from '../otlp/json-fields.ts';
import { isOtlpRequest, readJsonRequest } from '../otlp/json-request.ts';
import { found, type SpanSink } from '../otlp/span-sink.ts';
import { isJaegerSpan, isJaegerTrace, readJaegerSpan, readJaegerTrace } from './jaeger-json.ts';
import type { TraceFormat } from './record.ts';
import { isZipkinSpan, ZipkinReader } from './zipkin-json.ts';

const NO_PROCESSES: ReadonlyMap<string, never> = new Map();

/** Reads a document (a request, a trace, a span, `{"data":[...]}`, or arrays of these) into the sink. */
export function readJsonDocument(sink: SpanSink, document: JsonValue): void {
  const zipkin = new ZipkinReader(sink);
  readValue(sink, document, zipkin, 0);
}

/** The format of an object, by its keys; null for one that is of none. */
export function formatOfObject(object: JsonObject): TraceFormat | null {
  if (isOtlpRequest(object)) return 'otlp-json';
  if (Array.isArray(object['data']) || isJaegerTrace(object) || isJaegerSpan(object)) return 'jaeger-json';
  return isZipkinSpan(object) ? 'zipkin-json' : null;
}

function readValue(sink: SpanSink, value: JsonValue | undefined, zipkin: ZipkinReader, arrays: number): void {
  // An array of traces that are arrays of spans is as deep as any format goes.
  if (Array.isArray(value) && arrays < 2) {
    for (let index = 0; index < value.length; index++) {
      sink.enter(index);
      readValue(sink, value[index], zipkin, arrays + 1);
      sink.leave();
    }
    return;
  }
  if (!isObject(value)) return unknown(sink, value);
  if (isOtlpRequest(value)) return readJsonRequest(sink, value);
  if (Array.isArray(value['data'])) {
    sink.enter('data');
    for (let index = 0; index < value['data'].length; index++) {
      sink.enter(index);
      const trace = value['data'][index] as JsonValue;
      if (isObject(trace) && isJaegerTrace(trace)) readJaegerTrace(sink, trace);
      else unknown(sink, trace);
      sink.leave();
    }
    sink.leave();
    return;
  }
  if (isJaegerTrace(value)) return readJaegerTrace(sink, value);
  if (isJaegerSpan(value)) return readJaegerSpan(sink, value, NO_PROCESSES);
  if (isZipkinSpan(value)) return zipkin.read(value);
  unknown(sink, value);
}

function unknown(sink: SpanSink, value: JsonValue | undefined): void {
  sink.damaged++;
  const what = isObject(value)
    ? `an object with ${Object.keys(value)
        .slice(0, 4)
        .map((key) => `\`${key}\``)
        .join(', ')}`
    : found(value);
  sink.fault('FL514', `must be an OTLP request, a Jaeger trace or a Zipkin span, but is ${what}`);
}
