/**
 * Logs and metrics in protobuf look like spans from outside: a request of resources, of scopes, of records. What tells
 * them apart are the records' field numbers and wire types.
 *
 * Source: opentelemetry-proto, logs/v1/logs.proto and metrics/v1/metrics.proto against trace/v1/trace.proto.
 */
import { FIXED64, LENGTH, VARINT, WireError, WireReader } from './wire-reader.ts';

/** Whether the first record of a request is a log record or a metric. False for one without records, or damaged ones. */
export function foreignSignal(bytes: Uint8Array): boolean {
  try {
    const record = firstRecord(bytes);
    return record !== null && (isLogRecord(bytes, record) || isMetric(bytes, record));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return false;
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Field 1 of the request, its field 2, and of that field 2 again: scopes and records have these numbers in all signals. */
function firstRecord(bytes: Uint8Array): Range | null {
  const resource = new WireReader(bytes);
  while (resource.next()) {
    if (resource.field !== 1 || resource.wire !== LENGTH) {
      resource.skip();
      continue;
    }
    const scope = new WireReader(bytes, resource.span(), resource.at);
    while (scope.next()) {
      if (scope.field !== 2 || scope.wire !== LENGTH) {
        scope.skip();
        continue;
      }
      const record = new WireReader(bytes, scope.span(), scope.at);
      while (record.next()) {
        if (record.field === 2 && record.wire === LENGTH) return { from: record.span(), to: record.at };
        record.skip();
      }
    }
  }
  return null;
}

/** Its time is field 1, or its observed time field 11, in 64 bits: a span has bytes there. */
function isLogRecord(bytes: Uint8Array, { from, to }: Range): boolean {
  const reader = new WireReader(bytes, from, to);
  while (reader.next()) {
    if ((reader.field === 1 || reader.field === 11) && reader.wire === FIXED64) return true;
    reader.skip();
  }
  return false;
}

/** It has no kind and no times, and what would be the ids of a span are a name and a description of any length. */
function isMetric(bytes: Uint8Array, { from, to }: Range): boolean {
  const reader = new WireReader(bytes, from, to);
  let idLike = 0;
  let measured = false;
  while (reader.next()) {
    const { field, wire } = reader;
    if ((field === 7 || field === 8) && wire === FIXED64) return false;
    if (field === 6 && wire === VARINT) return false;
    if (field <= 2 && wire === LENGTH) {
      const start = reader.span();
      if (reader.at - start === (field === 1 ? 16 : 8)) idLike++;
      continue;
    }
    if ((field === 5 || field === 7 || field === 9 || field === 10 || field === 11) && wire === LENGTH)
      measured = true;
    reader.skip();
  }
  return measured && idLike < 2;
}
