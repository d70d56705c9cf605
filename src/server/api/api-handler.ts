/** The API behind a listener of Node: reads a request, guards it, routes it, and writes the answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiRequest, type ApiResponse, problem } from './api-request.ts';
import { type GuardOptions, refusalOf } from './guard.ts';
import { type Route, routed } from './router.ts';

export interface ApiHandlerOptions extends GuardOptions {
  readonly routes: readonly Route[];
  /** Told of what a route threw: a bug, or a disk that refuses. */
  readonly onFailure: (error: unknown) => void;
}

const LONGEST_BODY = 65_536;

/** Never rejects. */
export function apiHandler(
  options: ApiHandlerOptions,
): (message: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (message, response) => {
    try {
      send(message, response, await answerTo(message, options));
    } catch (error) {
      // The client went away in the middle of its request.
      if (message.destroyed && !message.complete) return;
      options.onFailure(error);
      const help = 'look at the log of the server';
      send(
        message,
        response,
        problem(503, 'FL875', 'the server could not do that now', help, { 'retry-after': '5' }),
      );
    }
  };
}

/** Exported for tests, which have no sockets. */
export async function answerApi(request: ApiRequest, options: ApiHandlerOptions): Promise<ApiResponse> {
  return refusalOf(request, options) ?? (await routed(options.routes, request));
}

async function answerTo(message: IncomingMessage, options: ApiHandlerOptions): Promise<ApiResponse> {
  const target = message.url ?? '/';
  const question = target.indexOf('?');
  const body = await readBody(message);
  if (body === null) {
    const help = 'say less';
    return problem(413, 'FL872', `the body is longer than ${LONGEST_BODY} bytes`, help, {
      connection: 'close',
    });
  }
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const request: ApiRequest = {
    method: message.method ?? 'GET',
    path: question === -1 ? target : target.slice(0, question),
    query: new URLSearchParams(question === -1 ? '' : target.slice(question + 1)),
    headers,
    body,
  };
  return answerApi(request, options);
}

/** Null when it is too long. */
async function readBody(message: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  message: IncomingMessage,
  response: ServerResponse,
  { status, type, headers, body }: ApiResponse,
): void {
  if (response.destroyed || response.headersSent) return;
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    ...headers,
    'content-type': `${type}; charset=utf-8`,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
  });
  response.end(message.method === 'HEAD' ? undefined : bytes);
}
