/** OTLP's public definitions of traces, as far as a span goes, for protobufjs: the oracle of the reader by hand. */
import protobuf from 'protobufjs';

const field = (id: number, type: string) => ({ id, type });
const many = (id: number, type: string) => ({ id, type, rule: 'repeated' });

const schema = {
  nested: {
    TracesData: { fields: { resourceSpans: many(1, 'ResourceSpans') } },
    ResourceSpans: {
      fields: {
        resource: field(1, 'Resource'),
        scopeSpans: many(2, 'ScopeSpans'),
        schemaUrl: field(3, 'string'),
      },
    },
    Resource: {
      fields: { attributes: many(1, 'KeyValue'), droppedAttributesCount: field(2, 'uint32') },
    },
    ScopeSpans: {
      fields: { scope: field(1, 'Scope'), spans: many(2, 'Span'), schemaUrl: field(3, 'string') },
    },
    Scope: {
      fields: { name: field(1, 'string'), version: field(2, 'string'), attributes: many(3, 'KeyValue') },
    },
    Span: {
      fields: {
        traceId: field(1, 'bytes'),
        spanId: field(2, 'bytes'),
        traceState: field(3, 'string'),
        parentSpanId: field(4, 'bytes'),
        name: field(5, 'string'),
        kind: field(6, 'int32'),
        startTimeUnixNano: field(7, 'fixed64'),
        endTimeUnixNano: field(8, 'fixed64'),
        attributes: many(9, 'KeyValue'),
        droppedAttributesCount: field(10, 'uint32'),
        events: many(11, 'Event'),
        droppedEventsCount: field(12, 'uint32'),
        links: many(13, 'Link'),
        droppedLinksCount: field(14, 'uint32'),
        status: field(15, 'Status'),
        flags: field(16, 'fixed32'),
      },
    },
    Event: {
      fields: {
        timeUnixNano: field(1, 'fixed64'),
        name: field(2, 'string'),
        attributes: many(3, 'KeyValue'),
        droppedAttributesCount: field(4, 'uint32'),
      },
    },
    Link: {
      fields: {
        traceId: field(1, 'bytes'),
        spanId: field(2, 'bytes'),
        traceState: field(3, 'string'),
        attributes: many(4, 'KeyValue'),
        droppedAttributesCount: field(5, 'uint32'),
        flags: field(6, 'fixed32'),
      },
    },
    Status: { fields: { message: field(2, 'string'), code: field(3, 'int32') } },
    KeyValue: { fields: { key: field(1, 'string'), value: field(2, 'AnyValue') } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: [
            'stringValue',
            'boolValue',
            'intValue',
            'doubleValue',
            'arrayValue',
            'kvlistValue',
            'bytesValue',
          ],
        },
      },
      fields: {
        stringValue: field(1, 'string'),
        boolValue: field(2, 'bool'),
        intValue: field(3, 'int64'),
        doubleValue: field(4, 'double'),
        arrayValue: field(5, 'ArrayValue'),
        kvlistValue: field(6, 'KeyValueList'),
        bytesValue: field(7, 'bytes'),
      },
    },
    ArrayValue: { fields: { values: many(1, 'AnyValue') } },
    KeyValueList: { fields: { values: many(1, 'KeyValue') } },
    LogsData: { fields: { resourceLogs: many(1, 'ResourceLogs') } },
    ResourceLogs: { fields: { resource: field(1, 'Resource'), scopeLogs: many(2, 'ScopeLogs') } },
    ScopeLogs: { fields: { scope: field(1, 'Scope'), logRecords: many(2, 'LogRecord') } },
    LogRecord: {
      fields: {
        timeUnixNano: field(1, 'fixed64'),
        severityNumber: field(2, 'int32'),
        severityText: field(3, 'string'),
        body: field(5, 'AnyValue'),
        observedTimeUnixNano: field(11, 'fixed64'),
      },
    },
    MetricsData: { fields: { resourceMetrics: many(1, 'ResourceMetrics') } },
    ResourceMetrics: { fields: { resource: field(1, 'Resource'), scopeMetrics: many(2, 'ScopeMetrics') } },
    ScopeMetrics: { fields: { scope: field(1, 'Scope'), metrics: many(2, 'Metric') } },
    Metric: {
      fields: {
        name: field(1, 'string'),
        description: field(2, 'string'),
        unit: field(3, 'string'),
        gauge: field(5, 'Gauge'),
        sum: field(7, 'Gauge'),
      },
    },
    Gauge: { fields: { dataPoints: many(1, 'DataPoint') } },
    DataPoint: { fields: { timeUnixNano: field(3, 'fixed64'), asDouble: field(4, 'double') } },
  },
};

const root = protobuf.Root.fromJSON(schema);

export type MessageName = 'TracesData' | 'LogsData' | 'MetricsData';

/** Encodes a message given as a plain object; 64-bit integers as text. */
export function encode(name: MessageName, message: object): Uint8Array {
  const type = root.lookupType(name);
  return Uint8Array.from(type.encode(type.fromObject(message)).finish());
}

/** Decodes to a plain object as OTLP/JSON has it, but for ids (base64) and kinds (numbers). Throws for what protobufjs does not take. */
export function decode(name: MessageName, bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: String, bytes: String, json: true });
}
