/** A server in this process, on free ports of the loopback, in a temporary folder, with rules that a test edits and a webhook that it awaits. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceText } from '../../diagnostic/diagnostic.ts';
import { encodeRequest } from '../../otlp/proto/encode-request.ts';
import type { Span } from '../../trace/span.ts';
import { makeSpan } from '../../trace/testing/make-span.ts';
import { reachableUrl } from '../address.ts';
import { systemClock } from '../clock.ts';
import { type Log, SILENT_LOG } from '../log.ts';
import { type RunningServer, type Startup, startServer } from '../server.ts';
import { DEFAULT_SERVER_SETTINGS, type ServerSettings } from '../settings.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

export interface Told {
  readonly event: string;
  readonly signal: { readonly id: string; readonly rule: { readonly id: string } };
}

export class LiveServer {
  readonly folder: string;
  readonly #hook: Webhook;
  #files: Record<string, string>;
  #changed = () => {};
  #running: RunningServer | null = null;
  /** Milliseconds by which the wall clock of servers that are started is off. */
  clockOffset = 0;
  /** Of servers that are started. */
  log: Log = SILENT_LOG;
  hasDuckDb = true;

  private constructor(folder: string, hook: Webhook, files: Record<string, string>) {
    this.folder = folder;
    this.#hook = hook;
    this.#files = files;
  }

  /** A place for servers, with rule files by name. */
  static async prepare(files: Record<string, string>): Promise<LiveServer> {
    return new LiveServer(await mkdtemp(join(tmpdir(), 'fluo-server-')), await Webhook.open(), files);
  }

  async start(settings: Partial<ServerSettings> = {}, strict = false): Promise<Startup> {
    const startup = await startServer({
      settings: {
        ...DEFAULT_SERVER_SETTINGS,
        folder: this.folder,
        grpc: LOOPBACK,
        http: LOOPBACK,
        api: LOOPBACK,
        ...settings,
      },
      rules: {
        read: () => ({
          files: Object.entries(this.#files).map(([name, text]): SourceText => ({ name, text })),
          paths: ['/rules'],
          problems: [],
          unread: [],
        }),
        watch: (_paths, listener) => {
          this.#changed = listener;
          return () => {};
        },
      },
      notify: [
        {
          type: 'webhook',
          name: 'test',
          url: this.#hook.url,
          minSeverity: 'low',
          sendRetractions: true,
          sendResolved: true,
          sendAuditOnly: true,
          headers: {},
          secret: null,
        },
      ],
      strict,
      version: '0.0.0',
      // No built programs lie there: segments are archived in this thread.
      packageFolder: this.folder,
      log: this.log,
      signal: new AbortController().signal,
      clock: { ...systemClock(), wall: () => Date.now() + this.clockOffset },
      hasDuckDb: () => this.hasDuckDb,
    });
    this.#running = startup.server;
    return startup;
  }

  get server(): RunningServer {
    if (this.#running === null) throw new Error('the server does not run');
    return this.#running;
  }

  /** As an editor does; resolves when the server says that it has read them. */
  async save(files: Record<string, string>): Promise<void> {
    const before = await this.metric('fluo_rule_reloads_total');
    this.#files = files;
    this.#changed();
    while ((await this.metric('fluo_rule_reloads_total')) === before) await turn();
  }

  /** While no server runs. */
  edit(files: Record<string, string>): void {
    this.#files = files;
  }

  /** By OTLP over HTTP; the status. */
  async send(spans: readonly Span[]): Promise<number> {
    const { http } = this.server;
    if (http === null) throw new Error('HTTP is off');
    const response = await fetch(`${reachableUrl(http)}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: encodeRequest(spans) as Uint8Array<ArrayBuffer>,
    });
    await response.arrayBuffer();
    return response.status;
  }

  async ask(
    path: string,
    init: RequestInit = {},
  ): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`${reachableUrl(this.server.api)}${path}`, init);
    return { status: response.status, body: await response.text() };
  }

  async json<Document>(path: string): Promise<Document> {
    return JSON.parse((await this.ask(path)).body) as Document;
  }

  /** The sum of a metric's series that begin so. */
  async metric(series: string): Promise<number> {
    const { body } = await this.ask('/metrics');
    return body
      .split('\n')
      .filter(
        (line) =>
          line.startsWith(`${series} `) || line.startsWith(`${series}{`) || line.startsWith(`${series},`),
      )
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Resolves when a metric has reached a value. */
  async reaches(series: string, value: number): Promise<void> {
    while ((await this.metric(series)) < value) await turn();
  }

  /** The next notification that was not taken yet. */
  told(): Promise<Told> {
    return this.#hook.next();
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#hook.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A span that ends now, of a trace with this number. */
export function spanOf(trace: number, name: string, more: Partial<Span> = {}): Span {
  const now = BigInt(Date.now()) * 1_000_000n;
  return makeSpan({
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: (BigInt(trace) * 100_000n + numberOf(name)).toString(16).padStart(16, '0'),
    name,
    start: now - 1_000_000n,
    end: now,
    ...more,
  });
}

/** Another one for each name, nearly. */
function numberOf(name: string): bigint {
  return BigInt([...name].reduce((sum, letter, at) => sum + letter.charCodeAt(0) * (at + 1), 1));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

class Webhook {
  readonly url: string;
  readonly #close: () => Promise<void>;
  readonly #waiting: ((told: Told) => void)[] = [];
  readonly #told: Told[] = [];

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async open(): Promise<Webhook> {
    let hook: Webhook | null = null;
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      response.end();
      hook?.take(JSON.parse(body) as Told);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    hook = new Webhook(`http://127.0.0.1:${port}/`, () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    });
    return hook;
  }

  take(told: Told): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#told.push(told);
    else waiting(told);
  }

  next(): Promise<Told> {
    const told = this.#told.shift();
    if (told !== undefined) return Promise.resolve(told);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): Promise<void> {
    return this.#close();
  }
}
