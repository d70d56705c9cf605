/**
 * Zipkin v2 JSON spans. All their values are texts, and both ends of a call may share one id: the kind tells them apart.
 *
 * Source: openzipkin/zipkin-api, zipkin2-api.yaml; the OpenTelemetry specification, "OpenTelemetry to Zipkin Transformation".
 */
import type { JsonObject } from '../base/exact-json.ts';
import type { Nanos } from '../base/nanos.ts';
import { isObject, listField, textField } from '../otlp/json-fields.ts';
import { isNoParent, paddedId } from '../otlp/span-id.ts';
import { found, type SpanSink } from '../otlp/span-sink.ts';
import { type AttributeValue, NO_ATTRIBUTES } from '../trace/attribute-value.ts';
import type { Resource, SpanEvent, SpanKind } from '../trace/span.ts';
import { microTime, takeStatus, takeText } from './span-tags.ts';

const NO_RESOURCE: Resource = { attributes: NO_ATTRIBUTES, service: '' };
const KINDS: readonly SpanKind[] = ['client', 'server', 'producer', 'consumer'];

/** Whether an object is a span. */
export function isZipkinSpan(value: JsonObject): boolean {
  return 'traceId' in value && 'id' in value;
}

/** Reads spans, and remembers their endpoints so that those of one service share a resource. */
export class ZipkinReader {
  readonly #sink: SpanSink;
  readonly #resources = new Map<string, Resource>();

  constructor(sink: SpanSink) {
    this.#sink = sink;
  }

  read(span: JsonObject): void {
    const sink = this.#sink;
    const before = sink.faultCount;
    const traceId = this.#id(span, 'traceId', 32);
    const spanId = this.#id(span, 'id', 16);
    const parentSpanId = this.#parentId(span);
    const name = textField(sink, span, 'name');
    const start = microTime(sink, span, 'timestamp');
    if (start === 0n) sink.fault('FL522', 'must be there and not 0', 'timestamp');
    const duration = microTime(sink, span, 'duration');
    if (!traceId || !spanId || parentSpanId === null || name === null || !start || duration === null) {
      sink.damaged++;
      return;
    }
    if ((span['duration'] ?? undefined) === undefined || duration < 0n) sink.mended++;
    const attributes = this.#tags(span);
    sink.add(
      {
        traceId,
        spanId,
        parentSpanId,
        name,
        kind: this.#kind(span),
        start,
        end: duration < 0n ? start : start + duration,
        status: takeStatus(attributes, (error) => error !== 'false'),
        scope: takeText(attributes, 'otel.scope.name') ?? takeText(attributes, 'otel.library.name') ?? '',
        traceState: takeText(attributes, 'w3c.tracestate') ?? '',
        attributes,
        resource: this.#resource(span),
        events: this.#events(span, start),
      },
      before,
    );
  }

  #id(span: JsonObject, field: 'traceId' | 'id' | 'parentId', digits: 16 | 32): string | null {
    const sent = span[field];
    const id = typeof sent === 'string' ? paddedId(sent, digits) : null;
    if (id === null) {
      const code = field === 'traceId' ? 'FL520' : 'FL521';
      this.#sink.fault(
        code,
        `must be up to ${digits} hex digits, not all zero, but is ${found(sent)}`,
        field,
      );
    }
    return id;
  }

  #parentId(span: JsonObject): string | null {
    const sent = span['parentId'] ?? undefined;
    if (sent === undefined || (typeof sent === 'string' && isNoParent(sent))) return '';
    return this.#id(span, 'parentId', 16);
  }

  /** Absent is a span within its process. */
  #kind(span: JsonObject): SpanKind {
    const sent = span['kind'] ?? undefined;
    if (sent === undefined) return 'internal';
    const kind = typeof sent === 'string' ? KINDS.find((known) => known === sent.toLowerCase()) : undefined;
    if (kind !== undefined) return kind;
    this.#sink.fault('FL523', `must be CLIENT, SERVER, PRODUCER or CONSUMER, but is ${found(sent)}`, 'kind');
    return 'unspecified';
  }

  #tags(span: JsonObject): Map<string, AttributeValue> {
    const sink = this.#sink;
    const attributes = new Map<string, AttributeValue>();
    const tags = span['tags'] ?? undefined;
    if (isObject(tags)) {
      sink.enter('tags');
      for (const [key, value] of Object.entries(tags)) {
        if (typeof value === 'string') attributes.set(key, value);
        else sink.fault('FL524', `must be text, but is ${found(value)}`, key);
      }
      sink.leave();
    } else if (tags !== undefined) sink.fault('FL523', `must be an object, but is ${found(tags)}`, 'tags');
    this.#remote(span, attributes);
    return attributes;
  }

  /** The other end of a call, under the names that OpenTelemetry has for it. */
  #remote(span: JsonObject, attributes: Map<string, AttributeValue>): void {
    const remote = span['remoteEndpoint'];
    if (!isObject(remote)) return;
    const known: [string, unknown][] = [
      ['peer.service', remote['serviceName']],
      ['network.peer.address', remote['ipv4'] ?? remote['ipv6']],
      ['network.peer.port', remote['port']],
    ];
    for (const [key, value] of known) {
      if (attributes.has(key)) continue;
      if ((typeof value === 'string' && value !== '') || typeof value === 'number')
        attributes.set(key, value);
    }
  }

  #resource(span: JsonObject): Resource {
    const local = span['localEndpoint'] ?? undefined;
    if (local === undefined) return NO_RESOURCE;
    if (!isObject(local)) {
      this.#sink.fault('FL523', `must be an object, but is ${found(local)}`, 'localEndpoint');
      return NO_RESOURCE;
    }
    this.#sink.enter('localEndpoint');
    const service = textField(this.#sink, local, 'serviceName') ?? '';
    this.#sink.leave();
    if (service === '') return NO_RESOURCE;
    let resource = this.#resources.get(service);
    if (resource === undefined) {
      resource = { attributes: new Map([['service.name', service]]), service };
      this.#resources.set(service, resource);
    }
    return resource;
  }

  #events(span: JsonObject, start: Nanos): readonly SpanEvent[] {
    const sink = this.#sink;
    const annotations = listField(sink, span, 'annotations');
    if (annotations.length === 0) return [];
    const events: SpanEvent[] = [];
    sink.enter('annotations');
    for (let index = 0; index < annotations.length; index++) {
      const annotation = annotations[index];
      sink.enter(index);
      if (isObject(annotation)) {
        events.push({
          name: textField(sink, annotation, 'value') ?? '',
          time: microTime(sink, annotation, 'timestamp') || start,
          attributes: NO_ATTRIBUTES,
        });
      } else sink.fault('FL523', `must be an object, but is ${found(annotation)}`);
      sink.leave();
    }
    sink.leave();
    return events;
  }
}
