/** Sends recorded OTLP/JSON lines to an OTLP/HTTP receiver, as fast as it takes them: in order, shuffled, or some of them twice. */
import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { seededRandom } from './seeded-random.ts';

/** The lines of a gzipped file. */
export async function readLines(path: string): Promise<string[]> {
  const lines: string[] = [];
  const input = createReadStream(path).pipe(createGunzip());
  for await (const line of createInterface({ input })) if (line !== '') lines.push(line);
  return lines;
}

/** The same lines in an order that the seed chooses. */
export function shuffled(lines: readonly string[], seed: number): string[] {
  const random = seededRandom(seed);
  const all = [...lines];
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [all[last], all[other]] = [all[other] as string, all[last] as string];
  }
  return all;
}

/** Lines of which a share comes again a little later, as a client sends that did not get the answer. */
export function repeated(lines: readonly string[], share: number, seed: number): string[] {
  const random = seededRandom(seed);
  const all: string[] = [];
  let again: string[] = [];
  for (const line of lines) {
    all.push(line);
    if (random() < share) again.push(line);
    if (again.length >= 5) {
      all.push(...again);
      again = [];
    }
  }
  return [...all, ...again];
}

/**
 * Posts each line to a URL, several at a time, those that are refused for overload again; resolves with the number of requests when all
 * were accepted.
 */
export async function replay(
  lines: readonly string[],
  url: string | ((line: string) => readonly { url: string; body: string }[]),
  concurrency = 4,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency * 2 });
  let next = 0;
  let sent = 0;
  const send = async (target: string, body: string): Promise<void> => {
    for (;;) {
      const { status, retryAfter, text } = await post(agent, target, body);
      sent++;
      if (status === 200) return;
      if (status !== 429 && status !== 503) throw new Error(`${target} answered ${status}: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000));
    }
  };
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < lines.length) {
        const line = lines[next++] as string;
        if (typeof url === 'string') await send(url, line);
        else await Promise.all(url(line).map((part) => send(part.url, part.body)));
      }
    }),
  );
  agent.destroy();
  return sent;
}

function post(
  agent: Agent,
  url: string,
  body: string,
): Promise<{ status: number; retryAfter: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: Number(response.headers['retry-after'] ?? 1),
            text,
          }),
        );
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}

interface SentSpan {
  readonly traceId: string;
}
interface SentRequest {
  readonly resourceSpans: readonly {
    readonly resource?: unknown;
    readonly scopeSpans: readonly { readonly scope?: unknown; readonly spans: readonly SentSpan[] }[];
  }[];
}

/** Routes the spans of a request to replicas by trace id, as the Collector's load-balancing exporter does. */
export function byTraceId(urls: readonly string[]): (line: string) => { url: string; body: string }[] {
  return (line) => {
    const whole = JSON.parse(line) as SentRequest;
    return urls.flatMap((url, replica) => {
      const resourceSpans = whole.resourceSpans
        .map((resource) => ({
          ...resource,
          scopeSpans: resource.scopeSpans
            .map((scope) => ({
              ...scope,
              spans: scope.spans.filter(
                ({ traceId }) => Number.parseInt(traceId.slice(-6), 16) % urls.length === replica,
              ),
            }))
            .filter(({ spans }) => spans.length > 0),
        }))
        .filter(({ scopeSpans }) => scopeSpans.length > 0);
      return resourceSpans.length === 0 ? [] : [{ url, body: JSON.stringify({ resourceSpans }) }];
    });
  };
}
