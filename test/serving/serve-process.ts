/** `fluo serve` as a process of its own, on ports that are free, with its data in a temporary folder: as a user runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ServeOptions {
  /** Rule files and folders, absolute. */
  readonly rules: readonly string[];
  /** Further lines of fluo.yaml. */
  readonly configuration?: string;
  /** A data folder that is there already. */
  readonly folder?: string;
  /** Options of node. */
  readonly nodeOptions?: readonly string[];
  /** Where to listen; any free port by default. */
  readonly listen?: { readonly http?: string; readonly grpc?: string; readonly api?: string };
  /** Options of `fluo serve`. */
  readonly serveOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** With fluo.yaml and `data` in it. */
  readonly folder: string;
  readonly data: string;
  /** URL with the path of traces. */
  readonly http: string;
  readonly grpc: string;
  readonly api: string;
  /** What it has written so far. */
  output(): string;
  /** SIGTERM, and the exit code when it has ended. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
  /** The folder goes. */
  remove(): void;
}

/** Starts a server and resolves when it says that it is ready; rejects with all it wrote when it ends before. */
export async function startServe(options: ServeOptions): Promise<ServeProcess> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'fluo-serve-'));
  writeFileSync(
    join(folder, 'fluo.yaml'),
    `version: 1\nrules: ${JSON.stringify(options.rules)}\ndata: data\n${options.configuration ?? ''}`,
  );
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeOptions ?? []),
      join(ROOT, 'bin', 'fluo.mjs'),
      'serve',
      '--config',
      join(folder, 'fluo.yaml'),
      ...['http', 'grpc', 'api'].flatMap((name) => [
        `--${name}`,
        options.listen?.[name as 'http' | 'grpc' | 'api'] ?? '127.0.0.1:0',
      ]),
      ...(options.serveOptions ?? []),
    ],
    { cwd: folder, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const addresses = new Promise<{ http: string; grpc: string; api: string }>((resolve) => {
    const listen = (piece: Buffer): void => {
      output += piece;
      const http = /OTLP\/HTTP\s+(http\S+)/.exec(output)?.[1];
      const grpc = /OTLP\/gRPC\s+(\S+:\d+)/.exec(output)?.[1];
      const api = /API\s+(http:\S+?)\/?\s/.exec(output)?.[1];
      if (http !== undefined && grpc !== undefined && api !== undefined) {
        resolve({ http, grpc: `http://${grpc}`, api });
      }
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
  });
  const started = await Promise.race([addresses, ended]);
  if (started === null || typeof started === 'number') {
    throw new Error(`fluo serve ended with ${started}:\n${output}`);
  }
  await until(async () => (await fetch(`${started.api}/readyz`)).ok);
  return {
    child,
    pid: child.pid ?? 0,
    folder,
    data: join(folder, 'data'),
    ...started,
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Asks until the answer is yes. A test that waits for ever ends by its own time limit. */
export async function until(question: () => Promise<boolean>, everyMs = 50): Promise<void> {
  while (!(await question().catch(() => false))) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** The value of a metric of the server, summed over its labels that match; 0 where there is none. */
export async function metric(api: string, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${api}/metrics`)).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name} `) && !line.startsWith(`${name}{`)) continue;
    if (labels !== '' && !line.includes(labels)) continue;
    sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
