/** Reads archived spans back by DuckDB, to the model that the complete reader gives. For tests. */
import { type JsonValue, readJson } from '../../base/exact-json.ts';
import { isUnsampled } from '../../otlp/trace-flags.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { Span, SpanKind, SpanStatus } from '../../trace/span.ts';

export type ArchivedRow = Readonly<Record<string, unknown>>;

/** Rows of a query over Parquet files. */
export async function query(sql: string): Promise<ArchivedRow[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** All spans under a folder, in the order of the log. */
export async function archivedRows(root: string): Promise<ArchivedRow[]> {
  return query(`SELECT * FROM read_parquet('${root}/spans/*/*/*.parquet') ORDER BY position, ordinal`);
}

export function spanOfRow(row: ArchivedRow): Span {
  const text = (column: string) => row[column] as string;
  return {
    traceId: text('trace_id'),
    spanId: text('span_id'),
    parentSpanId: text('parent_span_id'),
    name: text('name'),
    kind: text('kind') as SpanKind,
    start: row['start_unix_nano'] as bigint,
    end: row['end_unix_nano'] as bigint,
    status: text('status_code') as SpanStatus,
    attributes: attributesOf(json(text('attributes'))),
    resource: { attributes: attributesOf(json(text('resource_attributes'))), service: text('service_name') },
    scope: text('scope_name'),
    events: (json(text('events')) as unknown as ArchivedEvent[]).map((event) => ({
      name: event.name,
      time: BigInt(event.time_unix_nano),
      attributes: attributesOf(event.attributes),
    })),
    traceState: text('trace_state'),
    ...(isUnsampled(row['flags'] as number) ? { sampled: false as const } : {}),
  };
}

interface ArchivedEvent {
  readonly name: string;
  readonly time_unix_nano: number | bigint;
  readonly attributes: JsonValue;
}

function json(text: string): JsonValue {
  const { value, faults } = readJson(text);
  if (value === undefined || faults.length > 0) throw new Error(`no JSON: ${text}`);
  return value;
}

function attributesOf(value: JsonValue): Map<string, AttributeValue> {
  return new Map(
    Object.entries(value as object).map(([key, member]) => [key, attributeValue(member as JsonValue)]),
  );
}

function attributeValue(value: JsonValue): AttributeValue {
  if (value === null) throw new Error('no attribute is null');
  if (Array.isArray(value)) return value.map((element) => attributeValue(element as JsonValue));
  if (typeof value !== 'object') return value as AttributeValue;
  const entries = Object.entries(value) as [string, JsonValue][];
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) {
    if (only[0] === 'bytes') return new Uint8Array(Buffer.from(only[1] as string, 'base64'));
    if (only[0] === 'double') return Number(only[1]);
    if (only[0] === 'map') return mapOf(Object.entries(only[1] as object) as [string, JsonValue][]);
  }
  return mapOf(entries);
}

function mapOf(entries: readonly [string, JsonValue][]): AttributeValue {
  return Object.fromEntries(entries.map(([key, member]) => [key, attributeValue(member)]));
}
