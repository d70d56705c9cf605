/**
 * The OpenTelemetry SDK of one service, and `inSpan`, with which the examples make their spans.
 *
 * Plain `tracer.startSpan()` has two habits that break rules, and `inSpan` has neither:
 *
 * - A span that is only started is not the parent of what is called inside it: without an active parent it begins a trace of
 *   its own. `startActiveSpan` makes it active.
 * - The SDK for Node takes a span's start from `Date.now()`, which is cut to the millisecond, and adds an exact duration for
 *   its end. Two spans that ran one after the other then seem to overlap in more than half of all cases:
 *
 *       real       |--- reserve ---||--- charge ---|
 *       reported  |--- reserve ---|
 *                               |--- charge ---|        each start cut to the millisecond before it
 *
 *   Start and end given from one clock with microseconds keep the order that really was.
 */
import { SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

let registered = false;

/**
 * Starts the SDK of one service. A program that plays several services calls it once for each.
 *
 * @param {object} settings
 * @param {string} settings.service
 * @param {string} [settings.version]
 * @param {string} [settings.url] of an OTLP/HTTP receiver, with its path
 * @param {import('@opentelemetry/sdk-trace-base').SpanExporter} [settings.exporter] instead of OTLP/JSON to the URL: see exporters.mjs
 * @param {string} [settings.environment]
 * @param {object} [settings.batch] of the BatchSpanProcessor
 * @param {{ generateTraceId: () => string, generateSpanId: () => string }} [settings.idGenerator]
 */
export function startTelemetry({
  service,
  version,
  url,
  exporter = new OTLPTraceExporter({ url }),
  environment = 'production',
  batch = {},
  idGenerator,
}) {
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': service,
        ...(version === undefined ? {} : { 'service.version': version }),
        'deployment.environment.name': environment,
      }),
    ),
    spanProcessors: [new BatchSpanProcessor(exporter, batch)],
    ...(idGenerator === undefined ? {} : { idGenerator }),
  });
  // Makes active spans follow `await`. Once a process, whatever the number of services in it.
  if (!registered) provider.register();
  registered = true;
  return {
    tracer: provider.getTracer('fluo-examples'),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}

/** Milliseconds since 1970, with the microseconds behind the point. */
export const preciseNow = () => performance.timeOrigin + performance.now();

/**
 * Runs `work` in a span that is the parent of all spans made inside it. What `work` throws is recorded, marks the span as
 * failed and is thrown on. `work` is given the span, for attributes that are known only later.
 *
 * @template T
 * @param {import('@opentelemetry/api').Tracer} tracer
 * @param {string} name
 * @param {import('@opentelemetry/api').Attributes} attributes
 * @param {(span: import('@opentelemetry/api').Span) => Promise<T> | T} work
 * @param {{ kind?: import('@opentelemetry/api').SpanKind, now?: () => number }} [options]
 * @returns {Promise<T>}
 */
export function inSpan(tracer, name, attributes, work, { kind, now = preciseNow } = {}) {
  return tracer.startActiveSpan(name, { attributes, kind, startTime: now() }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error, now());
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end(now());
    }
  });
}
