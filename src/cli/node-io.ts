/** The world outside as Node gives it. */
import {
  closeSync,
  createReadStream,
  existsSync,
  type FSWatcher,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskStorage } from '../history/check/disk-storage.ts';
import type { TempStorage } from '../history/check/temp-storage.ts';
import { fetchClient } from '../notify/fetch-client.ts';
import { EXIT } from './exit-code.ts';
import {
  type Clock,
  FileError,
  type FileErrorKind,
  type FileKind,
  type Files,
  type Io,
  type Output,
} from './io.ts';

/** Makes the real world. Listens to the exit of the process, to remove temporary folders. */
export function nodeIo(packageFolder: string): Io {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    packageFolder,
    platform: `node ${process.version}, ${process.platform} ${process.arch}`,
    stdin: {
      get isTerminal() {
        return process.stdin.isTTY === true;
      },
      bytes: () => process.stdin,
    },
    stdout: new StreamOutput(process.stdout, 'standard output'),
    stderr: new StreamOutput(process.stderr, 'standard error'),
    clock,
    files: new NodeFiles(),
    http: fetchClient(),
    onInterrupt(listener) {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      const end = () => {
        for (const signal of signals) process.off(signal, stop);
      };
      const stop = () => {
        end();
        listener();
      };
      for (const signal of signals) process.on(signal, stop);
      return end;
    },
  };
}

/** Large pieces: each is a turn of the reader's loop. */
const CHUNK_BYTES = 1024 * 1024;

const clock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

class StreamOutput implements Output {
  readonly #stream: NodeJS.WriteStream;
  #closed = false;

  constructor(stream: NodeJS.WriteStream, name: string) {
    this.#stream = stream;
    // A reader that went away must not stop the run: its exit code would say "clean" or "bug" of what was never judged.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
      // A full disk, say. What was to be read there is lost, and the exit code must not hide it.
      writeLastWords(
        `error[FL719] ${name} cannot be written: ${error.message}\n  help: send it elsewhere, or make room\n`,
      );
      process.exit(EXIT.usage);
    });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number {
    // A terminal that does not know its size says 0.
    return this.#stream.columns || 80;
  }

  write(text: string): void {
    if (!this.#closed && text !== '') this.#stream.write(text);
  }
}

export class NodeFiles implements Files {
  kindOf(path: string): FileKind | null {
    const stats = statOf(path);
    if (stats === null) return null;
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
  }

  realPath(path: string): string {
    return this.kindOf(path) === null ? path : attempt(path, () => realpathSync(path));
  }

  sizeOf(path: string): number {
    return attempt(path, () => statSync(path).size);
  }

  readText(path: string): string {
    const text = attempt(path, () => readFileSync(path, 'utf8'));
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  async *readBytes(path: string): AsyncIterable<Uint8Array> {
    try {
      yield* createReadStream(path, { highWaterMark: CHUNK_BYTES });
    } catch (error) {
      throw asFileError(path, error);
    }
  }

  list(folder: string): readonly string[] {
    return attempt(folder, () => readdirSync(folder)).sort();
  }

  write(path: string, text: string | Iterable<string>): void {
    attempt(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
        // A device or a pipe (`/dev/stdout`, `>(gzip)`) cannot be replaced, only written to; a folder fails here.
        writePieces(path, text);
        return;
      }
      // A link stays a link: what it leads to is replaced.
      const target = existsSync(path) ? realpathSync(path) : path;
      const next = `${target}.${process.pid}.tmp`;
      try {
        writePieces(next, text);
        renameSync(next, target);
      } catch (error) {
        rmSync(next, { force: true });
        throw error;
      }
    });
  }

  create(path: string, text: string): boolean {
    return attempt(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      try {
        writeFileSync(path, text, { flag: 'wx' });
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
    });
  }

  temporaryStorage(): TempStorage {
    return diskStorage();
  }

  keepTemporary(name: string, text: string): string {
    const path = join(mkdtempSync(join(tmpdir(), 'fluo-')), name);
    writeFileSync(path, text);
    return path;
  }

  watch(paths: readonly string[], listener: (path: string) => void): () => void {
    const watchers: FSWatcher[] = [];
    for (const path of paths) {
      const folder = this.kindOf(path) === 'folder';
      // What is not there yet is waited for, if its folder is there.
      if (!folder && this.kindOf(dirname(path)) !== 'folder') continue;
      // A file is watched through its folder: editors replace files, and a watch on the old one goes blind.
      const watched = folder ? path : dirname(path);
      const watcher = watchOrNull(watched, folder, (name) => {
        const changed = name === null ? path : join(watched, name);
        if (folder || changed === path) listener(changed);
      });
      watcher?.on('error', () => watcher.close());
      if (watcher !== null) watchers.push(watcher);
    }
    return () => {
      for (const watcher of watchers) watcher.close();
    };
  }
}

/** Null where it has gone this instant, or the system has no watches left. */
function watchOrNull(
  path: string,
  recursive: boolean,
  onEvent: (name: string | null) => void,
): FSWatcher | null {
  try {
    return watch(path, { recursive }, (_event, name) => onEvent(name));
  } catch {
    return null;
  }
}

/** Null also below a file (`notes.txt/a`), where there can be nothing. */
function statOf(path: string): Stats | null {
  try {
    return attempt(path, () => statSync(path));
  } catch (error) {
    if (error instanceof FileError && (error.kind === 'not-found' || error.kind === 'not-a-folder'))
      return null;
    throw error;
  }
}

/** Writes to standard error when the program is about to die and streams may no longer be flushed. */
export function writeLastWords(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody is listening.
  }
}

function writePieces(path: string, text: string | Iterable<string>): void {
  const descriptor = openSync(path, 'w');
  try {
    for (const piece of typeof text === 'string' ? [text] : text) writeFileSync(descriptor, piece);
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asFileError(path, error);
  }
}

const KINDS: Readonly<Record<string, FileErrorKind>> = {
  ENOENT: 'not-found',
  EISDIR: 'not-a-file',
  ENOTDIR: 'not-a-folder',
  // Making a folder where a file is.
  EEXIST: 'not-a-folder',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'no-permission',
};

/** Errors of the file system become `FileError`; all others are bugs and stay what they are. */
function asFileError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof FileError || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  return new FileError(KINDS[code] ?? 'other', path, (error as Error).message, code);
}
