/**
 * OTLP protobuf export requests to spans. The complete reader: every field that a span here has, any order of fields,
 * and a damaged span or attribute costs that span or attribute only.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, common/v1/common.proto, resource/v1/resource.proto.
 */
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { Resource } from '../../trace/span.ts';
import type { SpanSink } from '../span-sink.ts';
import { foreignSignal } from './foreign-signal.ts';
import { collectFields, type Range, SpanReader } from './span-reader.ts';
import { LENGTH, WireError, WireReader } from './wire-reader.ts';

/** Reads an ExportTraceServiceRequest (the same as TracesData) into the sink. Never throws, whatever the bytes. */
export function readProtoRequest(sink: SpanSink, bytes: Uint8Array): void {
  new RequestReader(sink, bytes).request();
}

class RequestReader {
  readonly #sink: SpanSink;
  readonly #bytes: Uint8Array;
  readonly #spans: SpanReader;

  constructor(sink: SpanSink, bytes: Uint8Array) {
    this.#sink = sink;
    this.#bytes = bytes;
    this.#spans = new SpanReader(sink, bytes);
  }

  request(): void {
    if (foreignSignal(this.#bytes)) {
      this.#sink.foreign++;
      return;
    }
    this.#message(0, this.#bytes.length, (reader) => {
      let index = 0;
      this.#sink.enter('resourceSpans');
      while (reader.next()) {
        if (reader.field === 1) {
          this.#sink.enter(index++);
          reader.expect(LENGTH, 'resource_spans');
          const from = reader.span();
          this.#message(from, reader.at, (inner) => this.#resourceSpans(inner));
          this.#sink.leave();
        } else reader.skip();
      }
      this.#sink.leave();
    });
  }

  /** Runs a reader over a part of the bytes. An error there is noted as damage, and what encloses the part goes on. */
  #message(from: number, to: number, read: (reader: WireReader) => void): void {
    const depth = this.#sink.depth;
    try {
      read(new WireReader(this.#bytes, from, to));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#sink.leaveTo(depth);
      this.#sink.damaged++;
      this.#sink.fault('FL515', `is damaged: ${error.message}`);
    }
  }

  #resourceSpans(reader: WireReader): void {
    // The resource may stand behind the spans that it describes: it is looked for first.
    const scopes: Range[] = [];
    const attributes = new Map<string, AttributeValue>();
    const cut = collectFields(reader, () => {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'resource');
        const from = reader.span();
        this.#resource(from, reader.at, attributes);
      } else if (reader.field === 2 || reader.field === 1000) {
        reader.expect(LENGTH, 'scope_spans');
        scopes.push({ from: reader.span(), to: reader.at });
      } else reader.skip();
    });
    const service = attributes.get('service.name');
    const resource: Resource = { attributes, service: typeof service === 'string' ? service : '' };
    this.#sink.enter('scopeSpans');
    for (const [index, scope] of scopes.entries()) {
      this.#sink.enter(index);
      this.#message(scope.from, scope.to, (inner) => this.#scopeSpans(inner, resource));
      this.#sink.leave();
    }
    this.#sink.leave();
    if (cut !== null) throw cut;
  }

  #resource(from: number, to: number, attributes: Map<string, AttributeValue>): void {
    const before = this.#sink.faultCount;
    const damaged = this.#sink.damaged;
    this.#sink.enter('resource');
    this.#message(from, to, (reader) => this.#spans.resourceAttributes(reader, attributes));
    this.#sink.leave();
    if (this.#sink.faultCount > before) this.#sink.damaged = damaged + 1;
  }

  #scopeSpans(reader: WireReader, resource: Resource): void {
    const spans: Range[] = [];
    let scope = '';
    const cut = collectFields(reader, () => {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'scope');
        const from = reader.span();
        scope = this.#scope(from, reader.at, scope);
      } else if (reader.field === 2) {
        reader.expect(LENGTH, 'spans');
        spans.push({ from: reader.span(), to: reader.at });
      } else reader.skip();
    });
    this.#sink.enter('spans');
    for (let index = 0; index < spans.length; index++) {
      const span = spans[index] as Range;
      this.#sink.enter(index);
      this.#message(span.from, span.to, (inner) => this.#spans.span(inner, resource, scope));
      this.#sink.leave();
    }
    this.#sink.leave();
    if (cut !== null) throw cut;
  }

  /** The scope's name; the one that is known where the message has none. */
  #scope(from: number, to: number, known: string): string {
    const before = this.#sink.faultCount;
    const { damaged } = this.#sink;
    let name = known;
    this.#sink.enter('scope');
    this.#message(from, to, (reader) => {
      name = this.#spans.scopeName(reader, known);
    });
    this.#sink.leave();
    if (this.#sink.faultCount > before) this.#sink.damaged = damaged + 1;
    return name;
  }
}
