/**
 * The connections of the gRPC server. They are opened by a server of its own, which looks at their first bytes before HTTP/2 does:
 * who speaks something else is told so, and so is one too many.
 */
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { Closing } from './closing.ts';
import { farewell, plainAnswer, SURPLUS, TLS_HANDSHAKE } from './farewell.ts';
import { beginsLikeHttp2, GOAWAY_REASON, http2Refusal } from './http2-refusal.ts';
import type { ReceiverLimits } from './receiver-limits.ts';
import type { ReceiverStats } from './receiver-stats.ts';

export class GrpcConnections {
  /** Opens the port. */
  readonly server: Server;
  readonly #http2: Http2Server;
  readonly #stats: ReceiverStats;
  readonly #limits: ReceiverLimits;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Map<ServerHttp2Session, Socket | null>();
  readonly #closing: Closing;
  /** Node hides the socket of a session; a session begins while its socket is handed over. */
  #opening: Socket | null = null;

  constructor(http2: Http2Server, stats: ReceiverStats, limits: ReceiverLimits) {
    this.#http2 = http2;
    this.#stats = stats;
    this.#limits = limits;
    this.server = createServer({ noDelay: true }, (socket) => this.#connected(socket));
    this.#closing = new Closing(this.server, this.#sockets);
    this.server.maxConnections = limits.connections + SURPLUS;
    this.server.on('drop', () => stats.refusedConnections.grpc++);
    http2.on('session', (session: ServerHttp2Session) => this.#began(session));
    // A session in error is ended by Node; there is nobody else to tell.
    http2.on('sessionError', () => stats.strayConnections.grpc++);
  }

  /** See `RunningReceiver.close`. */
  close(graceful: boolean): Promise<void> {
    const closed = this.#closing.begin();
    for (const session of this.#sessions.keys()) {
      if (graceful) session.close();
      else session.destroy();
    }
    const inSession = new Set(this.#sessions.values());
    for (const socket of this.#sockets) if (!graceful || !inSession.has(socket)) socket.destroy();
    return closed;
  }

  #connected(socket: Socket): void {
    const surplus = this.#sockets.size >= this.#limits.connections;
    this.#sockets.add(socket);
    this.#stats.openConnections.grpc++;
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#stats.openConnections.grpc--;
      this.#closing.look();
    });
    if (surplus) {
      this.#stats.refusedConnections.grpc++;
      const text = `${this.#limits.connections} connections are open, which is the limit: send over fewer, or through a Collector, or raise \`serve.limits.connections\` of Fluo`;
      farewell(socket, http2Refusal(GOAWAY_REASON.enhanceYourCalm, text));
      return;
    }
    const timer = setTimeout(() => socket.destroy(), this.#limits.headersTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('data', (first: Buffer) => {
      clearTimeout(timer);
      socket.pause();
      if (!beginsLikeHttp2(first)) {
        this.#stats.strayConnections.grpc++;
        farewell(socket, strayAnswer(first));
        return;
      }
      socket.unshift(first);
      this.#opening = socket;
      this.#http2.emit('connection', socket);
      this.#opening = null;
    });
  }

  #began(session: ServerHttp2Session): void {
    this.#sessions.set(session, this.#opening);
    session.once('close', () => this.#sessions.delete(session));
    // A client that never says who it is gets less time than one that has nothing to send.
    session.setTimeout(this.#limits.headersTimeoutMs, () => session.close());
    session.once('remoteSettings', () => session.setTimeout(this.#limits.idleTimeoutMs));
    if (this.#closing.begun) session.close();
  }
}

function strayAnswer(first: Buffer): Buffer {
  if (first[0] === TLS_HANDSHAKE) {
    return plainAnswer(
      '400 Bad Request',
      'this port takes gRPC without TLS: set `insecure: true` under `tls` in the Collector, or `http://` in the endpoint of an SDK',
    );
  }
  return plainAnswer(
    '400 Bad Request',
    'this port takes OTLP over gRPC: send OTLP over HTTP to the other port, 4318 unless configured otherwise',
  );
}
