/**
 * A small HTTP service that is traced as real ones are: a server span continues the caller's trace, each call makes a client span and
 * passes the context on in `traceparent`. JSON in, JSON out.
 */
import { createServer } from 'node:http';
import { context, propagation, SpanKind } from '@opentelemetry/api';
import { inSpan } from '../../telemetry/telemetry.mjs';

/**
 * @typedef {object} Visit What a route is given.
 * @property {any} body of the request
 * @property {(name: string, attributes: object, work: (span: import('@opentelemetry/api').Span) => any, kind?: number) => Promise<any>} span
 * @property {(service: string, path: string, body: object) => Promise<any>} call another service
 */

/**
 * @param {object} options
 * @param {import('@opentelemetry/api').Tracer} options.tracer
 * @param {Record<string, { name?: string, attributes?: (body: any) => object, answer: (visit: Visit) => Promise<any> }>} options.routes
 *   by path; `name` is the server span's, the method and path where there is none
 * @param {(service: string) => string} options.addressOf base URL of another service
 */
export function tracedService({ tracer, routes, addressOf }) {
  const visit = (body) => ({
    body,
    span: (name, attributes, work, kind = SpanKind.INTERNAL) =>
      inSpan(tracer, name, attributes, work, { kind }),
    call: (service, path, sent) => call(tracer, addressOf(service), path, sent),
  });
  const server = createServer(async (request, response) => {
    const route = routes[request.url ?? ''];
    if (request.method !== 'POST' || route === undefined) {
      response.writeHead(404).end();
      return;
    }
    try {
      const body = await jsonOf(request);
      const caller = propagation.extract(context.active(), request.headers);
      const answer = await context.with(caller, () =>
        inSpan(
          tracer,
          route.name ?? `POST ${request.url}`,
          { 'http.request.method': 'POST', 'http.route': request.url, ...route.attributes?.(body) },
          async (span) => {
            const result = await route.answer(visit(body));
            span.setAttribute('http.response.status_code', 200);
            return result;
          },
          { kind: SpanKind.SERVER },
        ),
      );
      send(response, 200, answer ?? {});
    } catch (error) {
      send(response, 500, { error: error.message });
    }
  });
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve(server.address().port));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      }),
  };
}

function call(tracer, address, path, body) {
  return inSpan(
    tracer,
    `POST ${path}`,
    { 'http.request.method': 'POST', 'server.address': address },
    async () => {
      const headers = { 'content-type': 'application/json' };
      propagation.inject(context.active(), headers);
      const response = await fetch(`${address}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      return response.json();
    },
    { kind: SpanKind.CLIENT },
  );
}

async function jsonOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString('utf8') || '{}');
}

function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
