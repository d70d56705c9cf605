/**
 * OTLP over gRPC: opentelemetry.proto.collector.trace.v1.TraceService/Export, on Node's own HTTP/2.
 *
 * A server of one unary method needs little of gRPC, and this much gives what a general library does not: the bytes of requests that have
 * not arrived are counted and bounded over all connections, unpacking runs beside, and bodies are read with one copy. Against
 * @grpc/grpc-js 1.14 with the same requests (Node 20): 255 to 562 us of the server's time for 300 kB, 60 to 105 us for 5 kB;
 * and there, one connection with 12 unfinished requests of 50 MiB holds 600 MB.
 *
 * Source: grpc/grpc, doc/PROTOCOL-HTTP2.md; the OpenTelemetry Protocol specification, "OTLP/gRPC"; RFC 9113.
 */
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { GrpcConnections } from './grpc-connections.ts';
import { type Listening, listen, type Started } from './listen.ts';
import { exportResponse, RPC_CODE, type RpcStatus, retryInfo, rpcStatus } from './otlp-answer.ts';
import { type RefusedRequest, refusedRequest } from './refused-request.ts';
import { type Framing, type RequestResult, type TakingParts, takeRequest } from './take-request.ts';
import type { Packing } from './unpack.ts';

export interface OtlpGrpcOptions extends TakingParts, Listening {}

const COLLECTOR = '/opentelemetry.proto.collector.';
const EXPORT_TRACES = `${COLLECTOR}trace.v1.TraceService/Export`;
/** Beginnings of the other signals' methods, which are not taken. */
const OTHER_SIGNALS = [
  [`${COLLECTOR}logs.`, 'logs'],
  [`${COLLECTOR}metrics.`, 'metrics'],
  [`${COLLECTOR}profiles.`, 'profiles'],
] as const;
const ACCEPTED_PACKINGS = 'identity,gzip,deflate';
/** Of one request, before the server has to say that it may send more. */
const STREAM_WINDOW = 1024 * 1024;
/** Of all requests of a connection. */
const SESSION_WINDOW = 8 * 1024 * 1024;
const PREFIX_BYTES = 5;

/** Starts a receiver. Resolves when it listens, or to what is in the way. */
export async function startOtlpGrpc(options: OtlpGrpcOptions): Promise<Started> {
  const { limits, stats } = options;
  const http2 = createServer({
    settings: {
      maxConcurrentStreams: limits.streamsPerConnection,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: STREAM_WINDOW,
      enablePush: false,
    },
  });
  const service = new OtlpGrpcService(options);
  http2.on('stream', (stream, headers) => void service.answer(stream, headers));
  const connections = new GrpcConnections(http2, stats, limits);
  widenWindows(http2);

  const listening = await listen(connections.server, options, 'OTLP over gRPC', () => {
    stats.refusedConnections.grpc++;
  });
  if ('problem' in listening) return { receiver: null, problem: listening.problem };
  return {
    receiver: { address: listening.address, close: (graceful) => connections.close(graceful) },
    problem: null,
  };
}

/** Without this all requests of a connection share 64 KiB, and wait for each other. */
function widenWindows(http2: Http2Server): void {
  http2.on('session', (session: ServerHttp2Session) => session.setLocalWindowSize(SESSION_WINDOW));
}

class OtlpGrpcService {
  readonly #parts: TakingParts;

  constructor(parts: TakingParts) {
    this.#parts = parts;
  }

  async answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {});
    if (!isGrpc(headers)) {
      this.#parts.stats.ended('grpc', 'unsupported');
      this.#tell(stream, headers, { outcome: 'unsupported', status: 'HTTP 415', message: FOREIGN, spans: 0 });
      refuseForeign(stream);
      return;
    }
    const path = headers[':path'] ?? '';
    if (path !== EXPORT_TRACES) {
      this.#refuse(stream, headers, 'unsupported', {
        code: RPC_CODE.unimplemented,
        message: absenceOf(path),
      });
      return;
    }
    const packing = packingOf(headers['grpc-encoding']);
    if (packing === null) {
      this.#refuse(stream, headers, 'unsupported', {
        code: RPC_CODE.unimplemented,
        message: `the compression ${quoted(String(headers['grpc-encoding']))} is not taken: compress with \`gzip\` or \`deflate\`, or not at all`,
      });
      return;
    }
    const timer = setTimeout(() => {
      this.#refuse(stream, headers, 'timed-out', {
        code: RPC_CODE.deadlineExceeded,
        message: 'the request did not arrive in time: send it again',
      });
    }, this.#parts.limits.requestTimeoutMs);
    stream.once('end', () => clearTimeout(timer));
    stream.once('close', () => clearTimeout(timer));
    const framing = new GrpcFraming(packing);
    const result = await takeRequest(this.#parts, stream, -1, 'grpc', framing);
    this.#answerResult(stream, headers, result);
  }

  #answerResult(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, result: RequestResult): void {
    switch (result.kind) {
      case 'accepted':
        if (result.rejectedSpans > 0) {
          const { message, rejectedSpans: spans } = result;
          this.#tell(stream, headers, { outcome: 'partial', status: 'gRPC 0', message, spans });
        }
        succeed(stream, exportResponse('protobuf', result.rejectedSpans, result.message));
        return;
      case 'abandoned':
        // A request that was ended here has its answer, and is counted.
        if (!stream.headersSent) this.#parts.stats.ended('grpc', 'abandoned');
        return;
      case 'malformed':
        this.#fail(stream, headers, result.kind, { code: RPC_CODE.invalidArgument, message: result.message });
        return;
      case 'too-large':
        // Without a RetryInfo: sending it again will not help.
        this.#fail(stream, headers, result.kind, {
          code: RPC_CODE.resourceExhausted,
          message: result.message,
        });
        return;
      case 'overloaded':
      case 'unavailable': {
        // UNAVAILABLE for both: RESOURCE_EXHAUSTED is not resent by all clients, even with a RetryInfo.
        const { message, retryAfterMs } = result;
        this.#fail(stream, headers, result.kind, { code: RPC_CODE.unavailable, message, retryAfterMs });
        return;
      }
      case 'failed':
        this.#fail(stream, headers, result.kind, { code: RPC_CODE.internal, message: result.message });
        return;
    }
  }

  #refuse(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    outcome: RefusedRequest['outcome'],
    status: RpcStatus,
  ): void {
    this.#parts.stats.ended('grpc', outcome);
    this.#fail(stream, headers, outcome, status);
  }

  #fail(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    outcome: RefusedRequest['outcome'],
    status: RpcStatus,
  ): void {
    const { code, message } = status;
    this.#tell(stream, headers, { outcome, status: `gRPC ${code}`, message, spans: 0 });
    fail(stream, status);
  }

  #tell(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    facts: Omit<RefusedRequest, 'peer' | 'userAgent' | 'transport'>,
  ): void {
    // It has its answer, or nobody to give it to.
    if (stream.destroyed || stream.headersSent) return;
    const { session } = stream;
    const refused = { transport: 'grpc', ...facts } as const;
    const peer = session?.destroyed === false ? session.socket.remoteAddress : undefined;
    this.#parts.onRefused(refusedRequest(refused, peer, headers['user-agent']));
  }
}

/** A message with a byte for compressed or not, and its length in four, before it. */
class GrpcFraming implements Framing {
  readonly #packing: Packing;

  constructor(packing: Packing) {
    this.#packing = packing;
  }

  lengthIn(first: Uint8Array): number {
    return first.length < PREFIX_BYTES ? -1 : PREFIX_BYTES + lengthAt(first);
  }

  unframe(body: Uint8Array): ReturnType<Framing['unframe']> {
    if (body.length < PREFIX_BYTES) return malformed('the request has no message');
    const length = lengthAt(body);
    const found = body.length - PREFIX_BYTES;
    if (found < length) return malformed(`the message is cut off: ${found} bytes of ${length} came`);
    if (found > length) return malformed('the request has more than one message');
    const bytes = body.subarray(PREFIX_BYTES);
    const flag = body[0];
    if (flag === 0) return { kind: 'message', bytes, packing: 'identity' };
    if (flag !== 1) return malformed(`the first byte of a message is 0 or 1, but is ${flag}`);
    if (this.#packing === 'identity')
      return malformed('the message is said to be compressed, without a `grpc-encoding`');
    return { kind: 'message', bytes, packing: this.#packing };
  }
}

function malformed(message: string): ReturnType<Framing['unframe']> {
  return { kind: 'malformed', message };
}

function lengthAt(prefix: Uint8Array): number {
  return new DataView(prefix.buffer, prefix.byteOffset + 1, 4).getUint32(0);
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'] ?? '';
  return headers[':method'] === 'POST' && /^application\/grpc(?:\+proto)?(?:;|$)/i.test(type);
}

function absenceOf(path: string): string {
  for (const [beginning, signal] of OTHER_SIGNALS) {
    if (path.startsWith(beginning)) {
      return (
        `Fluo takes traces, not ${signal}: in the Collector, name its exporter for Fluo in pipelines of \`traces\` only; in an SDK, set ` +
        '`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` instead of `OTEL_EXPORTER_OTLP_ENDPOINT`'
      );
    }
  }
  return `there is no method ${quoted(path)} here: Fluo takes ${EXPORT_TRACES.slice(1)}`;
}

function packingOf(header: string | readonly string[] | undefined): Packing | null {
  if (header === undefined || header === 'identity') return 'identity';
  return header === 'gzip' || header === 'deflate' ? header : null;
}

function succeed(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': ACCEPTED_PACKINGS,
    },
    { waitForTrailers: true },
  );
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const framed = Buffer.alloc(PREFIX_BYTES + message.length);
  framed.writeUInt32BE(message.length, 1);
  message.copy(framed, PREFIX_BYTES);
  stream.end(framed);
}

/** Answers with nothing but a status. What the client still sends is not read. */
function fail(stream: ServerHttp2Stream, status: RpcStatus): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': ACCEPTED_PACKINGS,
      'grpc-status': String(status.code),
      'grpc-message': percentEncoded(status.message),
      ...(status.retryAfterMs === undefined
        ? {}
        : {
            'grpc-status-details-bin': rpcStatus('protobuf', status).toString('base64'),
            // Where the exporter for Python looks for it.
            'google.rpc.retryinfo-bin': retryInfo(status.retryAfterMs).toString('base64'),
          }),
    },
    { endStream: true },
  );
  endReading(stream);
}

const FOREIGN =
  'This port takes OTLP over gRPC. Send OTLP over HTTP to the other port, 4318 unless configured otherwise.';

/** For clients that speak HTTP/2 and no gRPC. */
function refuseForeign(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 415, 'content-type': 'text/plain; charset=utf-8' });
  stream.end(`${FOREIGN}\n`);
  endReading(stream);
}

/** Tells the client to stop sending, where it has not finished (RFC 9113, 8.1). */
function endReading(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/** A client takes headers of 8 kB or so altogether. */
const LONGEST_MESSAGE = 1500;

/** As gRPC wants it: UTF-8, with all but printable ASCII as `%XX`. */
function percentEncoded(message: string): string {
  const text = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}...` : message;
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

const LONGEST_QUOTE = 80;

/** Something that a client sent, for a message. */
function quoted(text: string): string {
  return `\`${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 3)}...` : text}\``;
}
