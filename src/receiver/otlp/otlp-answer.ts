/**
 * Answers of an OTLP server, as protobuf and as JSON. They are a handful of fields, so they are written by hand.
 *
 * Source: opentelemetry-proto, collector/trace/v1/trace_service.proto; googleapis, google/rpc/status.proto and error_details.proto.
 */

export type AnswerEncoding = 'protobuf' | 'json';

/** Codes of google.rpc.Code that are used. */
export const RPC_CODE = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;
export type RpcCode = (typeof RPC_CODE)[keyof typeof RPC_CODE];

export interface RpcStatus {
  readonly code: RpcCode;
  readonly message: string;
  /** Adds a google.rpc.RetryInfo: when to send the request again. */
  readonly retryAfterMs?: number;
}

const NOTHING = Buffer.alloc(0);
const EMPTY_OBJECT = Buffer.from('{}');

/** An ExportTraceServiceResponse. Without rejected spans and without a message, as most are, it is empty. */
export function exportResponse(encoding: AnswerEncoding, rejectedSpans: number, message: string): Buffer {
  if (rejectedSpans === 0 && message === '') return encoding === 'json' ? EMPTY_OBJECT : NOTHING;
  if (encoding === 'json') {
    const partialSuccess = {
      // 64-bit numbers are text in protobuf's JSON.
      ...(rejectedSpans === 0 ? {} : { rejectedSpans: String(rejectedSpans) }),
      ...(message === '' ? {} : { errorMessage: message }),
    };
    return Buffer.from(JSON.stringify({ partialSuccess }));
  }
  return field(1, Buffer.concat([number(1, rejectedSpans), text(2, message)]));
}

/** A google.rpc.Status, the body of every answer of OTLP/HTTP that is not 200. */
export function rpcStatus(encoding: AnswerEncoding, status: RpcStatus): Buffer {
  if (encoding === 'json') {
    return Buffer.from(
      JSON.stringify({
        code: status.code,
        message: status.message,
        ...(status.retryAfterMs === undefined
          ? {}
          : {
              details: [
                {
                  '@type': RETRY_INFO,
                  retryDelay: `${status.retryAfterMs / 1000}s`,
                },
              ],
            }),
      }),
    );
  }
  const parts = [number(1, status.code), text(2, status.message)];
  if (status.retryAfterMs !== undefined) {
    parts.push(field(3, Buffer.concat([text(1, RETRY_INFO), field(2, retryInfo(status.retryAfterMs))])));
  }
  return Buffer.concat(parts);
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** A google.rpc.RetryInfo. */
export function retryInfo(milliseconds: number): Buffer {
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = Math.round((milliseconds - seconds * 1000) * 1e6);
  return field(1, Buffer.concat([number(1, seconds), number(2, nanos)]));
}

/** A field of bytes or a message, also where it is empty. */
function field(id: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint((id << 3) | 2), varint(value.length), value]);
}

function text(id: number, value: string): Buffer {
  return value === '' ? NOTHING : field(id, Buffer.from(value));
}

/** A field of a whole number that is not negative. */
function number(id: number, value: number): Buffer {
  return value === 0 ? NOTHING : Buffer.concat([varint(id << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
