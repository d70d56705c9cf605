/**
 * Everything that the program touches outside itself, as one interface: commands are functions of it, and run in tests
 * with the in-memory twin (`memory-io.ts`). `node-io.ts` is the real one. Both pass `io.contract.test.ts`.
 */
import type { HttpClient } from '../base/http.ts';
import type { TempStorage } from '../history/check/temp-storage.ts';

export interface Io {
  /** The arguments behind the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. Relative paths given by a person start here. */
  readonly cwd: string;
  /** Absolute path of the package's folder: `library/` and `package.json` lie in it. */
  readonly packageFolder: string;
  /** What a bug report should name: `node v22.1.0, linux x64`. */
  readonly platform: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly files: Files;
  readonly http: HttpClient;
  /** Calls `listener` once for the first request to stop (Ctrl-C, SIGTERM); returns a function that ends it. */
  onInterrupt(listener: () => void): () => void;
}

interface Input {
  readonly isTerminal: boolean;
  /** The bytes until the end. May be walked once. */
  bytes(): AsyncIterable<Uint8Array>;
}

export interface Output {
  readonly isTerminal: boolean;
  /** Width in columns; 80 where nothing says. */
  readonly columns: number;
  /** Writes at once. A reader that went away (`| head`) is no error: what comes after is dropped. */
  write(text: string): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once after so many milliseconds; returns a function that ends it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export type FileKind = 'file' | 'folder' | 'other';

/**
 * Files and folders by absolute path. Methods throw `FileError`; `files.ts` turns that into diagnostics.
 * Text is UTF-8; a byte order mark is dropped when reading.
 */
export interface Files {
  /** Null where nothing is. Follows links. */
  kindOf(path: string): FileKind | null;
  /** The path without links; the path itself where nothing is. */
  realPath(path: string): string;
  /** In bytes. */
  sizeOf(path: string): number;
  readText(path: string): string;
  /** The bytes in order, in pieces. Throws on the first step if the file cannot be opened. */
  readBytes(path: string): AsyncIterable<Uint8Array>;
  /** Names in a folder, by code point. */
  list(folder: string): readonly string[];
  /** Replaces the file in one step (a reader sees the old text or the new one), makes missing folders. */
  write(path: string, text: string | Iterable<string>): void;
  /** Writes a file that is not there yet, makes missing folders; false where something is there already. */
  create(path: string, text: string): boolean;
  /** Room on disk that is given back at the end of the program, however that comes about. */
  temporaryStorage(): TempStorage;
  /** Writes a file into the system's temporary folder that stays there, and returns its path. */
  keepTemporary(name: string, text: string): string;
  /**
   * Calls `listener` with the absolute path of a file that changed in one of the paths (files, or folders with all that is
   * below them), possibly several times for one change. A path that is not there yet is waited for if its folder is there.
   * Returns a function that ends it.
   */
  watch(paths: readonly string[], listener: (path: string) => void): () => void;
}

export type FileErrorKind = 'not-found' | 'not-a-file' | 'not-a-folder' | 'no-permission' | 'other';

const CODES: Readonly<Record<FileErrorKind, string>> = {
  'not-found': 'ENOENT',
  'not-a-file': 'EISDIR',
  'not-a-folder': 'ENOTDIR',
  'no-permission': 'EACCES',
  other: 'EIO',
};

/** The one thing that `Files` throws. `code` is as the operating system names it, for readers that expect that. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly kind: FileErrorKind;
  readonly path: string;
  readonly code: string;

  constructor(kind: FileErrorKind, path: string, message: string, code: string = CODES[kind]) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.path = path;
  }
}
