/**
 * OTLP over HTTP: POST /v1/traces, as protobuf or JSON.
 *
 * Source: the OpenTelemetry Protocol specification, "OTLP/HTTP"; RFC 9110.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Transport } from '../span-intake.ts';
import { Connections } from './connections.ts';
import { Cors, type CorsPolicy } from './cors.ts';
import { type Listening, listen, type Started } from './listen.ts';
import { type AnswerEncoding, exportResponse, RPC_CODE, type RpcCode, rpcStatus } from './otlp-answer.ts';
import { type RefusedRequest, refusedRequest } from './refused-request.ts';
import { discardBody } from './request-body.ts';
import { outcomeOf, type RequestResult, type TakingParts, takeRequest } from './take-request.ts';
import { PACKINGS, type Packing } from './unpack.ts';

export interface OtlpHttpOptions extends TakingParts, Listening {
  /** Where requests are taken; `/v1/traces` unless told otherwise. */
  readonly path?: string;
  /** Web pages that may send spans; none unless told otherwise. */
  readonly cors?: CorsPolicy;
}

const TRACES_PATH = '/v1/traces';
/** Paths of the other signals, which are not taken. */
const OTHER_SIGNALS = new Map([
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
  ['/v1development/profiles', 'profiles'],
]);
const TIMEOUT_CHECKS_MS = 1000;

/** Starts a receiver. Resolves when it listens, or to what is in the way. */
export async function startOtlpHttp(options: OtlpHttpOptions): Promise<Started> {
  const { limits } = options;
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    // Node refuses more than the time for the whole request.
    headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(
      TIMEOUT_CHECKS_MS,
      limits.headersTimeoutMs,
      limits.requestTimeoutMs,
    ),
    noDelay: true,
  });
  const connections = new Connections(server, options.stats, limits.connections);
  const service = new OtlpHttpService(options, connections);
  server.on('request', (request, response) => void service.answer(request, response, false));
  // Without this, Node would ask for a body before anyone has looked at its size.
  server.on('checkContinue', (request, response) => void service.answer(request, response, true));

  const listening = await listen(server, options, 'OTLP over HTTP', () => {
    options.stats.refusedConnections.http++;
  });
  if ('problem' in listening) return { receiver: null, problem: listening.problem };
  return {
    receiver: { address: listening.address, close: (graceful) => connections.close(graceful) },
    problem: null,
  };
}

/** An answer before it is encoded. */
interface Refusal {
  readonly status: number;
  readonly code: RpcCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly outcome: RefusedRequest['outcome'];
}

class OtlpHttpService {
  readonly #options: OtlpHttpOptions;
  readonly #connections: Connections;
  readonly #path: string;
  readonly #cors: Cors | null;

  constructor(options: OtlpHttpOptions, connections: Connections) {
    this.#options = options;
    this.#connections = connections;
    this.#path = options.path ?? TRACES_PATH;
    this.#cors = options.cors === undefined ? null : new Cors(options.cors);
  }

  async answer(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Promise<void> {
    const surplus = this.#connections.opened(request, response);
    response.on('error', () => {});
    const { origin } = request.headers;
    if (origin !== undefined) {
      const headers = this.#cors?.forAnswer(origin) ?? {};
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    }
    if (surplus) {
      this.#refuse(request, response, 'json', {
        status: 503,
        code: RPC_CODE.unavailable,
        outcome: 'overloaded',
        headers: { 'retry-after': '5' },
        message: `${this.#options.limits.connections} connections are open, which is the limit: send over fewer, or through a Collector, or raise \`serve.limits.connections\` of Fluo`,
      });
      return;
    }
    const path = pathOf(request.url ?? '/');
    if (path !== this.#path) this.#answerElsewhere(path, request, response);
    else if (request.method === 'OPTIONS' && this.#cors !== null) this.#answerPreflight(request, response);
    else if (request.method !== 'POST') this.#refuseMethod(request, response);
    else await this.#answerExport(request, response, expectsContinue);
  }

  async #answerExport(
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): Promise<void> {
    const type = contentTypeOf(request);
    if (type === null) {
      this.#refuse(request, response, 'json', {
        status: 415,
        code: RPC_CODE.invalidArgument,
        outcome: 'unsupported',
        headers: { accept: 'application/x-protobuf, application/json' },
        message: `the Content-Type ${quoted(request.headers['content-type'])} is not taken: send \`application/x-protobuf\` or \`application/json\``,
      });
      return;
    }
    const packing = packingOf(request.headers['content-encoding']);
    if (packing === null) {
      this.#refuse(request, response, type.encoding, {
        status: 415,
        code: RPC_CODE.invalidArgument,
        outcome: 'unsupported',
        headers: { 'accept-encoding': PACKINGS.join(', ') },
        message: `the Content-Encoding ${quoted(request.headers['content-encoding'])} is not taken: compress with \`gzip\` or \`deflate\`, or not at all`,
      });
      return;
    }
    const declared = lengthOf(request);
    // Where the size alone says no, the body need not be sent.
    if (expectsContinue && declared <= this.#options.limits.bodyBytes) response.writeContinue();
    const result = await takeRequest(this.#options, request, declared, type.transport, {
      unframe: (bytes) => ({ kind: 'message', bytes, packing }),
    });
    this.#answerResult(request, response, type, result);
  }

  #answerResult(
    request: IncomingMessage,
    response: ServerResponse,
    { encoding, transport }: ContentType,
    result: RequestResult,
  ): void {
    const { stats } = this.#options;
    switch (result.kind) {
      case 'accepted':
        this.#tell(request, transport, 200, result);
        this.#send(response, 200, encoding, exportResponse(encoding, result.rejectedSpans, result.message));
        return;
      case 'abandoned':
        stats.ended(transport, this.#connections.timedOut(request) ? 'timed-out' : 'abandoned');
        response.destroy();
        return;
      case 'malformed':
        this.#tell(request, transport, 400, result);
        this.#send(
          response,
          400,
          encoding,
          rpcStatus(encoding, { code: RPC_CODE.invalidArgument, message: result.message }),
        );
        return;
      case 'too-large':
        if (result.unread) this.#discard(request);
        this.#tell(request, transport, 413, result);
        this.#send(
          response,
          413,
          encoding,
          rpcStatus(encoding, { code: RPC_CODE.resourceExhausted, message: result.message }),
        );
        return;
      case 'overloaded':
      case 'unavailable': {
        if (result.unread) this.#discard(request);
        const { message, retryAfterMs } = result;
        this.#tell(request, transport, 503, result);
        // 429 would say more, but exporters that resend after 503 do not all resend after 429.
        response.setHeader('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
        this.#send(
          response,
          503,
          encoding,
          rpcStatus(encoding, { code: RPC_CODE.unavailable, message, retryAfterMs }),
        );
        return;
      }
      case 'failed':
        this.#tell(request, transport, 500, result);
        this.#send(
          response,
          500,
          encoding,
          rpcStatus(encoding, { code: RPC_CODE.internal, message: result.message }),
        );
        return;
    }
  }

  #answerElsewhere(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (path === '/' && (request.method === 'GET' || request.method === 'HEAD')) {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(
        `Fluo takes OpenTelemetry traces here: POST ${this.#path}, as application/x-protobuf or application/json.\n`,
      );
      return;
    }
    const encoding = contentTypeOf(request)?.encoding ?? 'json';
    const signal = OTHER_SIGNALS.get(path);
    this.#refuse(request, response, encoding, {
      status: 404,
      code: signal === undefined ? RPC_CODE.notFound : RPC_CODE.unimplemented,
      outcome: 'unsupported',
      message:
        signal === undefined
          ? `there is nothing at ${quoted(path)}: traces go to \`POST ${this.#path}\``
          : `Fluo takes traces, not ${signal}: in the Collector, name its exporter for Fluo in pipelines of \`traces\` only; in an SDK, set ` +
            `\`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\` instead of \`OTEL_EXPORTER_OTLP_ENDPOINT\``,
    });
  }

  #answerPreflight(request: IncomingMessage, response: ServerResponse): void {
    const { origin } = request.headers;
    const headers = origin === undefined ? null : (this.#cors?.forPreflight(origin) ?? null);
    if (headers === null) {
      this.#refuse(request, response, 'json', {
        status: 403,
        code: RPC_CODE.permissionDenied,
        outcome: 'unsupported',
        message: `pages of ${quoted(origin)} may not send spans: add the origin to \`serve.http.cors.origins\` of Fluo`,
      });
      return;
    }
    response.writeHead(204, headers);
    response.end();
    request.resume();
  }

  #refuseMethod(request: IncomingMessage, response: ServerResponse): void {
    this.#refuse(request, response, 'json', {
      status: 405,
      code: RPC_CODE.unimplemented,
      outcome: 'unsupported',
      headers: { allow: this.#cors === null ? 'POST' : 'POST, OPTIONS' },
      message:
        request.method === 'OPTIONS'
          ? 'web pages may not send spans here: CORS is off until `serve.http.cors.origins` of Fluo names their origins'
          : `traces are sent with \`POST ${this.#path}\`, not ${quoted(request.method)}`,
    });
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    encoding: AnswerEncoding,
    { status, code, message, headers = {}, outcome }: Refusal,
  ): void {
    this.#options.stats.ended('http', outcome);
    this.#onRefused(request, { transport: 'http', outcome, status: `HTTP ${status}`, message, spans: 0 });
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    this.#discard(request);
    this.#send(response, status, encoding, rpcStatus(encoding, { code, message }));
  }

  #tell(
    request: IncomingMessage,
    transport: Transport,
    status: number,
    result: Exclude<RequestResult, { kind: 'abandoned' }>,
  ): void {
    const outcome = outcomeOf(result);
    if (outcome === 'accepted') return;
    const spans = result.kind === 'accepted' ? result.rejectedSpans : 0;
    this.#onRefused(request, {
      transport,
      outcome,
      status: `HTTP ${status}`,
      message: result.message,
      spans,
    });
  }

  #onRefused(request: IncomingMessage, facts: Omit<RefusedRequest, 'peer' | 'userAgent'>): void {
    const { socket, headers } = request;
    this.#options.onRefused(refusedRequest(facts, socket.remoteAddress, headers['user-agent']));
  }

  #discard(request: IncomingMessage): void {
    discardBody(request, this.#options.limits.unpackedBytes, () => request.socket.destroy());
  }

  #send(response: ServerResponse, status: number, encoding: AnswerEncoding, body: Buffer): void {
    if (this.#connections.isClosing(response)) response.setHeader('connection', 'close');
    response.writeHead(status, {
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      'content-length': body.length,
    });
    response.end(body);
  }
}

interface ContentType {
  readonly encoding: AnswerEncoding;
  readonly transport: Transport;
}

const PROTOBUF: ContentType = { encoding: 'protobuf', transport: 'http-protobuf' };
const JSON_TEXT: ContentType = { encoding: 'json', transport: 'http-json' };

function contentTypeOf(request: IncomingMessage): ContentType | null {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return PROTOBUF;
  return type === 'application/json' ? JSON_TEXT : null;
}

function packingOf(header: string | undefined): Packing | null {
  const name = (header ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  return name === 'deflate' ? 'deflate' : null;
}

/** The Content-Length, which Node has checked; -1 where there is none. */
function lengthOf(request: IncomingMessage): number {
  const text = request.headers['content-length'];
  return text === undefined ? -1 : Number(text);
}

/** Without the query, and without slashes at the end: some clients add one. */
function pathOf(url: string): string {
  const path = url.split('?', 1)[0] ?? '/';
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === 0x2f) end--;
  return path.slice(0, end);
}

const LONGEST_QUOTE = 80;

/** Something that a client sent, for a message. */
function quoted(text: string | undefined): string {
  if (text === undefined) return '(none)';
  return `\`${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 3)}...` : text}\``;
}
