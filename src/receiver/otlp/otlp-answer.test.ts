/** The answers, read back by protobufjs. */
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { exportResponse, RPC_CODE, retryInfo, rpcStatus } from './otlp-answer.ts';

const { root } = protobuf.parse(`
  syntax = "proto3";
  message ExportTraceServiceResponse { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
`);

function read(type: string, bytes: Uint8Array): Record<string, unknown> {
  const found = root.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: Number });
}

describe('exportResponse', () => {
  test('is empty where all was taken', () => {
    expect(exportResponse('protobuf', 0, '')).toHaveLength(0);
    expect(exportResponse('json', 0, '').toString()).toBe('{}');
  });

  test.each([
    [1, 'one is out'],
    [127, ''],
    [128, 'x'.repeat(300)],
    [2 ** 31, 'ü'],
    [2 ** 40 + 5, ''],
    [0, 'a warning'],
  ])('%i rejected spans', (rejectedSpans, errorMessage) => {
    expect(
      read('ExportTraceServiceResponse', exportResponse('protobuf', rejectedSpans, errorMessage)),
    ).toEqual({
      partialSuccess: {
        ...(rejectedSpans === 0 ? {} : { rejectedSpans }),
        ...(errorMessage === '' ? {} : { errorMessage }),
      },
    });
    expect(JSON.parse(exportResponse('json', rejectedSpans, errorMessage).toString())).toEqual({
      partialSuccess: {
        ...(rejectedSpans === 0 ? {} : { rejectedSpans: String(rejectedSpans) }),
        ...(errorMessage === '' ? {} : { errorMessage }),
      },
    });
  });
});

describe('rpcStatus', () => {
  test('without details', () => {
    const status = { code: RPC_CODE.invalidArgument, message: 'no' };
    expect(read('Status', rpcStatus('protobuf', status))).toEqual(status);
    expect(JSON.parse(rpcStatus('json', status).toString())).toEqual(status);
  });

  test.each([
    [0, {}],
    [1, { nanos: 1_000_000 }],
    [1000, { seconds: 1 }],
    [90_500.5, { seconds: 90, nanos: 500_500_000 }],
  ])('to be sent again after %d ms', (retryAfterMs, retryDelay) => {
    const status = { code: RPC_CODE.unavailable, message: 'later', retryAfterMs };
    const { details } = read('Status', rpcStatus('protobuf', status)) as {
      details: { typeUrl: string; value: Uint8Array }[];
    };
    expect(details.map(({ typeUrl }) => typeUrl)).toEqual(['type.googleapis.com/google.rpc.RetryInfo']);
    expect(read('RetryInfo', details[0]?.value ?? new Uint8Array())).toEqual({ retryDelay });
    expect(read('RetryInfo', retryInfo(retryAfterMs))).toEqual({ retryDelay });
  });
});
