/**
 * The HTTP server for people and programs that run Fluo: `/metrics`, `/healthz`, `/readyz`, and the API. It asks for no password, so it
 * listens on this machine only unless told otherwise, and answers no web page of another origin.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { listen } from '../receiver/otlp/listen.ts';
import type { Address } from './address.ts';
import type { Health } from './health.ts';
import { EXPOSITION_TYPE, type Registry } from './metrics/registry.ts';

/** Answers a request below `/api/`. Never rejects. */
export type ApiHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface OperationsOptions {
  readonly address: Address;
  /** Further names that it is reached by: lower case, without ports. */
  readonly hosts: readonly string[];
  readonly registry: Registry;
  readonly health: Health;
  /** Null while the server starts: the API answers 503. */
  readonly api: () => ApiHandler | null;
  readonly version: string;
}

export interface OperationsListener {
  readonly address: Address;
  /** Resolves when all connections are closed. */
  close(): Promise<void>;
}

export async function startOperations(
  options: OperationsOptions,
): Promise<{ readonly listener: OperationsListener } | { readonly problem: Diagnostic }> {
  const server = createServer({ maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000 });
  server.maxConnections = 200;
  server.on('request', (request, response) => answer(options, request, response));
  server.on('clientError', (_error, socket) => socket.destroy());
  const listening = await listen(server, options.address, 'the API');
  if ('problem' in listening) return listening;
  return {
    listener: {
      address: listening.address,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
          // An event stream never ends by itself.
          setTimeout(() => server.closeAllConnections(), 1_000).unref();
        }),
    },
  };
}

function answer(options: OperationsOptions, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (isForeignPage(request, options)) {
    sendJson(response, 403, { error: 'a web page of another origin may not ask this server' });
    return;
  }
  if (path.startsWith('/api/')) {
    const api = options.api();
    if (api === null)
      sendJson(response, 503, { error: 'the server is starting', ...options.health.report() });
    else void api(request, response);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendJson(response, 405, { error: 'ask with GET' });
    return;
  }
  switch (path) {
    case '/metrics':
      send(response, 200, EXPOSITION_TYPE, options.registry.expose());
      return;
    case '/healthz':
      send(response, 200, PLAIN, 'ok\n');
      return;
    case '/readyz': {
      const report = options.health.report();
      sendJson(response, report.status === 'ready' ? 200 : 503, report);
      return;
    }
    case '/':
      send(
        response,
        200,
        PLAIN,
        `Fluo ${options.version}\n\n/metrics   for Prometheus\n/healthz   whether the process lives\n/readyz    whether it takes spans, and what is not as it should be\n/api/v1    signals, verdicts and rules as JSON\n`,
      );
      return;
    default:
      sendJson(response, 404, {
        error: 'there is nothing here: see /metrics, /healthz, /readyz and /api/v1',
      });
  }
}

const PLAIN = 'text/plain; charset=utf-8';

/**
 * A page that a browser shows could ask a server on the visitor's own machine; browsers say where such a request comes from. A name that
 * leads to this machine by a trick of DNS is known by being no name of this machine.
 */
function isForeignPage({ headers }: IncomingMessage, { address, hosts }: OperationsOptions): boolean {
  const listensAt = address.host;
  const { origin, host = '' } = headers;
  const site = headers['sec-fetch-site'];
  if (origin === undefined && site === undefined) return false;
  if (site === 'cross-site' || site === 'same-site') return true;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) return true;
  const isLocal = listensAt === 'localhost' || isIP(listensAt) !== 0;
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (hosts.includes(name)) return false;
  return isLocal && listensAt !== '0.0.0.0' && listensAt !== '::' && name !== 'localhost' && isIP(name) === 0;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', `${JSON.stringify(body, null, 2)}\n`);
}
