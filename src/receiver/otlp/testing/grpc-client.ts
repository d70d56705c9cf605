/** A gRPC client of tests that can do what a real one does not: wrong lengths, wrong headers, half a request. */
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';

export interface GrpcReply {
  /** The HTTP status; 0 where there was no answer. */
  readonly http: number;
  /** The gRPC status; -1 where there was none. */
  readonly status: number;
  readonly message: string;
  /** `grpc-status-details-bin`. */
  readonly details: Buffer;
  /** What came as the body, with its prefix. */
  readonly body: Buffer;
}

export const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

export function openSession(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  return session;
}

/** A message with its prefix. */
export function framedMessage(bytes: Uint8Array, flag = 0, length = bytes.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag, 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, bytes]);
}

export function call(
  session: ClientHttp2Session,
  body: Uint8Array,
  { headers = {}, unfinished = false }: { headers?: OutgoingHttpHeaders; unfinished?: boolean } = {},
): Promise<GrpcReply> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': EXPORT,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let http = 0;
    let trailers: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    stream.on('response', (answer) => {
      http = Number(answer[':status']);
      if (answer['grpc-status'] !== undefined) trailers = answer;
    });
    stream.on('trailers', (sent) => {
      trailers = sent;
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', () => {});
    stream.on('close', () =>
      resolve({
        http,
        status: Number(trailers['grpc-status'] ?? -1),
        message: decodeURIComponent(String(trailers['grpc-message'] ?? '')),
        details: Buffer.from(String(trailers['grpc-status-details-bin'] ?? ''), 'base64'),
        body: Buffer.concat(parts),
      }),
    );
    if (unfinished) stream.write(body);
    else stream.end(body);
  });
}
