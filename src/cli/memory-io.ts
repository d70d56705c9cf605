/** The in-memory twin of the world outside: commands run in it in tests, with virtual time and files in a map. */
import { dirname, posix } from 'node:path';
import type { HttpClient, HttpOutcome, HttpRequest } from '../base/http.ts';
import { memoryStorage, type TempStorage } from '../history/check/temp-storage.ts';
import { type Clock, FileError, type FileKind, type Files, type Io, type Output } from './io.ts';

export interface MemoryWorld {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Absolute path to content. Folders exist as far as files are in them. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly folders?: readonly string[];
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  readonly stdinIsTerminal?: boolean;
  /** What is reached over HTTP, by its origin (`http://localhost:4319`); nobody else listens. */
  readonly servers?: Readonly<Record<string, MemoryServer>>;
  /** Both outputs are terminals of so many columns. */
  readonly terminalColumns?: number;
}

export type MemoryServer = (request: HttpRequest) => MemoryAnswer | Promise<MemoryAnswer>;

export interface MemoryAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface MemoryIo extends Io {
  readonly files: MemoryFiles;
  readonly clock: MemoryClock;
  readonly stdout: MemoryOutput;
  readonly stderr: MemoryOutput;
  /** As Ctrl-C does. */
  interrupt(): void;
}

export function memoryIo(world: MemoryWorld): MemoryIo {
  const listeners = new Set<() => void>();
  const cwd = world.cwd ?? '/project';
  const terminal = world.terminalColumns;
  const stdin =
    typeof world.stdin === 'string'
      ? new TextEncoder().encode(world.stdin)
      : (world.stdin ?? new Uint8Array());
  return {
    argv: world.argv,
    env: world.env ?? {},
    cwd,
    packageFolder: '/package',
    platform: 'memory',
    stdin: {
      isTerminal: world.stdinIsTerminal ?? world.stdin === undefined,
      async *bytes() {
        if (stdin.length > 0) yield stdin;
      },
    },
    stdout: new MemoryOutput(terminal),
    stderr: new MemoryOutput(terminal),
    clock: new MemoryClock(),
    files: new MemoryFiles(world.files ?? {}, [cwd, '/tmp', ...(world.folders ?? [])]),
    http: new MemoryHttp(world.servers ?? {}),
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    interrupt() {
      const [first] = listeners;
      listeners.clear();
      first?.();
    },
  };
}

export class MemoryHttp implements HttpClient {
  readonly #servers: Readonly<Record<string, MemoryServer>>;

  constructor(servers: Readonly<Record<string, MemoryServer>>) {
    this.#servers = servers;
  }

  async send(request: HttpRequest): Promise<HttpOutcome> {
    const server = this.#servers[new URL(request.url).origin];
    if (server === undefined) return { kind: 'failed', problem: 'the connection failed: ECONNREFUSED' };
    const { status, headers = {}, body = '' } = await server(request);
    return { kind: 'answered', status, header: (name) => headers[name.toLowerCase()] ?? null, body };
  }
}

class MemoryOutput implements Output {
  readonly isTerminal: boolean;
  readonly columns: number;
  text = '';

  constructor(columns: number | undefined) {
    this.isTerminal = columns !== undefined;
    this.columns = columns ?? 80;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** Time that passes only when told to. */
class MemoryClock implements Clock {
  #now = 1_767_225_600_000;
  readonly #pending = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const entry = { at: this.#now + milliseconds, callback };
    this.#pending.add(entry);
    return () => this.#pending.delete(entry);
  }

  /** Lets time pass, and calls what falls due in order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#pending].filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#pending.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }
}

export class MemoryFiles implements Files {
  readonly #files = new Map<string, Uint8Array>();
  readonly #folders = new Set<string>(['/']);
  readonly #unreadable = new Set<string>();
  readonly #watchers = new Set<{ paths: readonly string[]; listener: (path: string) => void }>();
  /** What was spilled and not removed again is still in it. */
  readonly storage = memoryStorage();

  constructor(files: Readonly<Record<string, string | Uint8Array>>, folders: readonly string[]) {
    for (const folder of folders) this.#makeFolder(folder);
    for (const [path, content] of Object.entries(files)) this.#put(path, content);
  }

  kindOf(path: string): FileKind | null {
    if (this.#files.has(path)) return 'file';
    return this.#folders.has(path) ? 'folder' : null;
  }

  realPath(path: string): string {
    return path;
  }

  sizeOf(path: string): number {
    return this.#content(path).length;
  }

  readText(path: string): string {
    return new TextDecoder().decode(this.#content(path));
  }

  async *readBytes(path: string): AsyncIterable<Uint8Array> {
    yield this.#content(path);
  }

  list(folder: string): readonly string[] {
    if (this.#files.has(folder)) throw new FileError('not-a-folder', folder, `${folder} is a file`);
    if (!this.#folders.has(folder)) throw new FileError('not-found', folder, `no ${folder}`);
    const names = new Set<string>();
    for (const path of [...this.#files.keys(), ...this.#folders]) {
      if (path !== '/' && dirname(path) === folder) names.add(posix.basename(path));
    }
    return [...names].sort();
  }

  write(path: string, text: string | Iterable<string>): void {
    if (this.#folders.has(path)) throw new FileError('not-a-file', path, `${path} is a folder`);
    if (this.#unreadable.has(path)) throw new FileError('no-permission', path, `no permission for ${path}`);
    this.#put(path, typeof text === 'string' ? text : [...text].join(''));
    for (const { paths, listener } of [...this.#watchers]) {
      if (paths.some((watched) => path === watched || path.startsWith(`${watched}/`))) listener(path);
    }
  }

  create(path: string, text: string): boolean {
    if (this.kindOf(path) !== null) return false;
    this.write(path, text);
    return true;
  }

  temporaryStorage(): TempStorage {
    return this.storage;
  }

  keepTemporary(name: string, text: string): string {
    const path = `/tmp/${name}`;
    this.#put(path, text);
    return path;
  }

  watch(paths: readonly string[], listener: (path: string) => void): () => void {
    const watcher = { paths, listener };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** From now on the path cannot be read. */
  forbid(path: string): void {
    this.#unreadable.add(path);
  }

  /** All files, as text. */
  all(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
    );
  }

  #content(path: string): Uint8Array {
    if (this.#unreadable.has(path)) throw new FileError('no-permission', path, `no permission for ${path}`);
    const content = this.#files.get(path);
    if (content !== undefined) return content;
    if (this.#folders.has(path)) throw new FileError('not-a-file', path, `${path} is a folder`);
    throw new FileError('not-found', path, `no ${path}`);
  }

  #put(path: string, content: string | Uint8Array): void {
    this.#makeFolder(dirname(path));
    this.#files.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }

  #makeFolder(folder: string): void {
    if (this.#files.has(folder)) throw new FileError('not-a-folder', folder, `${folder} is a file`);
    if (this.#folders.has(folder)) return;
    this.#makeFolder(dirname(folder));
    this.#folders.add(folder);
  }
}
