/**
 * The connections of the HTTP server: how many, what those are told that send no HTTP, and how they end. Node's server does the
 * timing; what it does with a connection in trouble is decided here.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Closing } from './closing.ts';
import { farewell, plainAnswer, SURPLUS, TLS_HANDSHAKE } from './farewell.ts';
import { beginsLikeHttp2, GOAWAY_REASON, http2Refusal } from './http2-refusal.ts';
import type { ReceiverStats } from './receiver-stats.ts';

/** They have so long to send a request. */
const SURPLUS_TIME_MS = 2000;

/** A connection's requests. */
interface Exchange {
  /** Requests that are not answered yet. */
  readonly unanswered: Set<IncomingMessage>;
  /** One too many. */
  surplus: boolean;
  /** No more requests are taken from it. */
  closing: boolean;
  /** It was told of its fault and is about to be closed. */
  parted: boolean;
}

export class Connections {
  readonly #server: Server;
  readonly #stats: ReceiverStats;
  readonly #limit: number;
  readonly #exchanges = new Map<Socket, Exchange>();
  readonly #closing: Closing;
  /** Kept when the connection is forgotten: its requests end after it. */
  readonly #timedOut = new WeakSet<Socket>();

  constructor(server: Server, stats: ReceiverStats, limit: number) {
    this.#server = server;
    this.#stats = stats;
    this.#limit = limit;
    this.#closing = new Closing(server, this.#exchanges);
    server.maxConnections = limit + SURPLUS;
    server.on('connection', (socket) => this.#connected(socket));
    server.on('drop', () => this.#stats.refusedConnections.http++);
    server.on('clientError', (error, socket) => this.#fault(error, socket as Socket));
  }

  /** Notes that a request has begun; true when its connection is one too many. */
  opened(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const exchange = this.#exchanges.get(socket);
    if (exchange === undefined) return false;
    exchange.unanswered.add(request);
    response.once('close', () => {
      exchange.unanswered.delete(request);
      if (exchange.closing && exchange.unanswered.size === 0) socket.destroySoon();
    });
    if (exchange.surplus) exchange.closing = true;
    return exchange.surplus;
  }

  /** Whether the answer is the last one on its connection. */
  isClosing(response: ServerResponse): boolean {
    const { socket } = response;
    return this.#closing.begun || (socket !== null && this.#exchanges.get(socket)?.closing === true);
  }

  timedOut(request: IncomingMessage): boolean {
    return this.#timedOut.has(request.socket);
  }

  /** See `RunningReceiver.close`. */
  close(graceful: boolean): Promise<void> {
    const closed = this.#closing.begin();
    for (const [socket, exchange] of this.#exchanges) {
      exchange.closing = true;
      if (!graceful) socket.destroy();
      else if (exchange.unanswered.size === 0) socket.destroySoon();
    }
    return closed;
  }

  #connected(socket: Socket): void {
    const exchange: Exchange = {
      unanswered: new Set(),
      surplus: this.#exchanges.size >= this.#limit,
      closing: this.#closing.begun,
      parted: false,
    };
    this.#exchanges.set(socket, exchange);
    this.#stats.openConnections.http++;
    socket.once('close', () => {
      this.#exchanges.delete(socket);
      this.#stats.openConnections.http--;
      this.#closing.look();
    });
    if (!exchange.surplus) return;
    this.#stats.refusedConnections.http++;
    // Those that nobody uses make room for the next one.
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => socket.destroy(), SURPLUS_TIME_MS);
    socket.once('close', () => clearTimeout(timer));
  }

  #fault(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket): void {
    const exchange = this.#exchanges.get(socket);
    if (exchange === undefined || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    if (exchange.parted) return;
    const requests = [...exchange.unanswered];
    const arriving = requests.some((request) => !request.complete);
    exchange.closing = true;
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      this.#timedOut.add(socket);
      if (!arriving) this.#stats.ended('http', 'timed-out');
    } else if (exchange.unanswered.size === 0) this.#stats.strayConnections.http++;
    // Requests that arrived whole are answered before the connection is closed; what came behind them has no answer.
    if (requests.some((request) => request.complete)) return;
    exchange.parted = true;
    farewell(socket, faultAnswer(error));
  }
}

function faultAnswer(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): Buffer {
  const first = error.rawPacket;
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return plainAnswer('408 Request Timeout', 'the request did not arrive in time: send it again');
    case 'HPE_HEADER_OVERFLOW':
      return plainAnswer('431 Request Header Fields Too Large', 'the headers are larger than is taken');
    default:
  }
  if (first !== undefined && beginsLikeHttp2(first)) {
    return http2Refusal(
      GOAWAY_REASON.http11Required,
      'Fluo takes OTLP over HTTP/1.1 at this port, and gRPC at another one (4317 unless configured otherwise)',
    );
  }
  if (first?.[0] === TLS_HANDSHAKE) {
    return plainAnswer('400 Bad Request', 'this port takes HTTP without TLS: use `http://` in the endpoint');
  }
  return plainAnswer('400 Bad Request', `this is no HTTP request: ${error.message}`);
}
