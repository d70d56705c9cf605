/** A JSON document of traces, of whichever format: what it is shows in its keys. */

import type { JsonArray, JsonValue } from '../base/exact-json.ts';
import { isObject } from '../otlp/json-fields.ts';
import { isOtlpRequest, readJsonRequest } from '../otlp/json-request.ts';
import { found, type SpanSink } from '../otlp/span-sink.ts';
import type { Resource } from '../trace/span.ts';
import { isJaegerSpan, isJaegerTrace, readJaegerSpan, readJaegerTrace } from './jaeger-json.ts';
import { isZipkinSpan, ZipkinReader } from './zipkin-json.ts';

const NO_PROCESSES: ReadonlyMap<string, Resource> = new Map();

/** Reads a document (a request, a trace, a span, `{"data":[...]}`, or arrays of these) into the sink. */
export function readJsonDocument(sink: SpanSink, document: JsonValue): void {
  const zipkin = new ZipkinReader(sink);
  readValue(sink, document, zipkin, 0);
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
  if (!isObject(value)) unknown(sink, value);
  else if (isOtlpRequest(value)) readJsonRequest(sink, value);
  else if (Array.isArray(value['data'])) readTraces(sink, value['data']);
  else if (isJaegerTrace(value)) readJaegerTrace(sink, value);
  else if (isJaegerSpan(value)) readJaegerSpan(sink, value, NO_PROCESSES);
  else if (isZipkinSpan(value)) zipkin.read(value);
  else unknown(sink, value);
}

function readTraces(sink: SpanSink, traces: JsonArray): void {
  sink.enter('data');
  for (let index = 0; index < traces.length; index++) {
    const trace = traces[index];
    sink.enter(index);
    if (isObject(trace) && isJaegerTrace(trace)) readJaegerTrace(sink, trace);
    else unknown(sink, trace);
    sink.leave();
  }
  sink.leave();
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
