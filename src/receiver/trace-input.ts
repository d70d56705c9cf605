/**
 * From a path to batches of records: finds the files that a path stands for, unpacks gzip, recognises the format by
 * content, and cuts. Memory: a few chunks, and the largest record.
 */
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { Disk } from './disk.ts';
import { type Chunk, GzipError, gunzip } from './gunzip.ts';
import { helpFor } from './input-help.ts';
import { INPUT_LIMITS, type InputLimits } from './input-limits.ts';
import { JsonCutter } from './json-cutter.ts';
import { ProtoCutter } from './proto-cutter.ts';
import { HEAD_BYTES, recognise } from './recognise.ts';
import type { RecordBatch } from './record.ts';

/** The path that stands for standard input. */
export const STANDARD_INPUT = '-';

export interface InputFile {
  /** As given, or as found below a folder that was given; `-` for standard input. */
  readonly path: string;
  /** What it is called in messages: the path, or `<stdin>`. */
  readonly name: string;
  /** Bytes on disk; null where that is not known. */
  readonly size: number | null;
  /** Found in a folder: if it holds something else than traces, that is worth a warning, not an error. */
  readonly inFolder: boolean;
}

export interface FoundInputs {
  readonly files: readonly InputFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The files that paths stand for, in their order; a path that is given twice counts once. A folder stands for the files in it and below, by name,
 * without those that begin with a dot. What cannot be read is a diagnostic.
 */
export async function findInputs(paths: readonly string[], disk: Disk): Promise<FoundInputs> {
  const files: InputFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const path of new Set(paths)) {
    if (path === STANDARD_INPUT) files.push({ path, name: '<stdin>', size: null, inFolder: false });
    else await find(path, false, disk, files, diagnostics, new Set());
  }
  return { files, diagnostics };
}

/**
 * Reads a file to its end, batch by batch. Never rejects for what is in the file or for the disk: that comes as diagnostics, the
 * last one of a file that could not be read to its end. A batch comes for each chunk of about 1 MiB.
 */
export async function* openInput(
  input: InputFile | string,
  disk: Disk,
  limits: InputLimits = INPUT_LIMITS,
): AsyncGenerator<RecordBatch> {
  const file = typeof input === 'string' ? fileOf(input) : input;
  const out = new BatchBuilder(file.name);
  const reader = new RecordReader(file, out, limits);
  const progress = { bytesRead: 0 };
  try {
    const raw = file.path === STANDARD_INPUT ? disk.readStandardInput() : disk.read(file.path);
    for await (const chunk of unpacked(counted(raw, progress))) {
      reader.push(chunk.bytes);
      yield out.take(chunk.bytesRead);
      if (reader.done) return;
    }
    reader.end();
  } catch (error) {
    if (error instanceof GzipError) {
      // Nothing unpacked is no empty file.
      reader.end('damaged');
      out.object('FL504', `\`${file.name}\` is damaged: ${gzipReason(error)}`, 1);
    } else if (isErrno(error)) {
      out.object('FL501', unreadable(file.name, error), 0);
    } else throw error;
  }
  yield out.take(progress.bytesRead);
}

async function find(
  path: string,
  inFolder: boolean,
  disk: Disk,
  files: InputFile[],
  diagnostics: Diagnostic[],
  walked: Set<string>,
): Promise<void> {
  try {
    const { kind, size } = await disk.stat(path);
    if (kind !== 'folder') {
      // Of a pipe or a device nobody knows the size.
      files.push({ path, name: path, size: kind === 'file' ? size : null, inFolder });
      return;
    }
    // Links may lead to a folder several times, or in a circle.
    const folderItself = await disk.realPath(path);
    if (walked.has(folderItself)) return;
    walked.add(folderItself);
    const before = files.length;
    const names = (await disk.list(path)).filter((name) => !name.startsWith('.'));
    for (const name of [...names].sort()) {
      await find(`${path.replace(/\/+$/, '')}/${name}`, true, disk, files, diagnostics, walked);
    }
    if (!inFolder && files.length === before) {
      const message = `the folder \`${path}\` has no files in it`;
      diagnostics.push({ code: 'FL506', severity: 'warning', message, file: path, help: helpFor('FL506') });
    }
  } catch (error) {
    if (!isErrno(error)) throw error;
    diagnostics.push({
      code: 'FL501',
      severity: 'error',
      message: unreadable(path, error),
      file: path,
      help: await helpForUnreadable(path, error, disk),
    });
  }
}

function fileOf(path: string): InputFile {
  return { path, name: path === STANDARD_INPUT ? '<stdin>' : path, size: null, inFolder: false };
}

async function* counted(
  raw: AsyncIterable<Uint8Array>,
  progress: { bytesRead: number },
): AsyncGenerator<Chunk> {
  for await (const bytes of raw) {
    progress.bytesRead += bytes.length;
    if (bytes.length > 0) yield { bytes, bytesRead: progress.bytesRead };
  }
}

/** The stream as it is, or through gunzip where it begins with gzip's two bytes. */
async function* unpacked(source: AsyncGenerator<Chunk>): AsyncGenerator<Chunk> {
  const first: Chunk[] = [];
  let head = new Uint8Array(0);
  while (head.length < 2) {
    const { value, done } = await source.next();
    if (done === true) break;
    first.push(value);
    head = concat(head, value.bytes.subarray(0, 2));
  }
  const whole = (async function* () {
    yield* first;
    yield* source;
  })();
  if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzip(whole);
  else yield* whole;
}

/** Collects the head of a file, recognises it, and hands it all to the cutter for its format. */
class RecordReader {
  readonly #file: InputFile;
  readonly #out: BatchBuilder;
  readonly #limits: InputLimits;
  #head: Uint8Array | null = new Uint8Array(0);
  #json: JsonCutter | null = null;
  #proto: ProtoCutter | null = null;
  /** Nothing more is to be read. */
  done = false;

  constructor(file: InputFile, out: BatchBuilder, limits: InputLimits) {
    this.#file = file;
    this.#out = out;
    this.#limits = limits;
  }

  push(chunk: Uint8Array): void {
    if (this.#head === null) {
      this.#cut(chunk);
      return;
    }
    this.#head = this.#head.length === 0 ? chunk : concat(this.#head, chunk);
    if (this.#head.length >= HEAD_BYTES) this.#begin(this.#head);
  }

  end(file: 'whole' | 'damaged' = 'whole'): void {
    if (this.done) return;
    const head = this.#head;
    if (head !== null) {
      if (isBlank(head)) {
        if (file === 'damaged') return;
        const message = `\`${this.#file.name}\` is empty`;
        this.#out.object('FL505', message, 0, { severity: 'warning' });
        return;
      }
      this.#begin(head);
      if (this.done) return;
    }
    this.#proto?.end();
    this.#json?.end();
    this.#giveUp();
  }

  #begin(head: Uint8Array): void {
    this.#head = null;
    const found = recognise(head.subarray(0, HEAD_BYTES));
    switch (found.kind) {
      case 'proto':
        this.#proto = new ProtoCutter(this.#out, this.#limits, found.framing);
        this.#cut(head);
        return;
      case 'json':
        this.#json = new JsonCutter(this.#out, this.#limits);
        this.#cut(head.subarray(found.skip));
        return;
      case 'encoded':
        this.#refuse('FL503', `\`${this.#file.name}\` is ${found.what}, which is not read`);
        return;
      case 'unknown':
        this.#refuse('FL502', `\`${this.#file.name}\` holds no traces that Fluo knows, but ${found.what}`);
    }
  }

  #cut(chunk: Uint8Array): void {
    this.#json?.push(chunk);
    this.#proto?.push(chunk);
    this.#giveUp();
  }

  #giveUp(): void {
    const instead = this.#json?.unrecognised ?? null;
    if (instead !== null && !this.done) {
      this.#out.forget();
      this.#refuse('FL502', `\`${this.#file.name}\` holds no traces that Fluo knows, but ${instead}`);
    }
    if (this.#proto?.broken === true) this.done = true;
  }

  #refuse(code: 'FL502' | 'FL503', message: string): void {
    this.done = true;
    this.#out.object(code, message, 0, { severity: this.#file.inFolder ? 'warning' : 'error' });
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return (
    bytes.every((byte) => byte <= 0x20 && byte !== 0) ||
    String.fromCharCode(...bytes) === '\u00ef\u00bb\u00bf'
  );
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ELOOP: 'its links go in a circle',
  ENAMETOOLONG: 'the path is too long',
};

function unreadable(name: string, error: NodeJS.ErrnoException): string {
  const code = error.code ?? '';
  return `\`${name}\` cannot be read: ${REASONS[code] ?? `the system says ${code}`}`;
}

async function helpForUnreadable(path: string, error: NodeJS.ErrnoException, disk: Disk): Promise<string> {
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'give this user the right to read it';
  const slash = path.lastIndexOf('/');
  const folder = slash === -1 ? '.' : path.slice(0, slash) || '/';
  try {
    const near = didYouMean(path.slice(slash + 1), await disk.list(folder));
    if (near !== '') return near;
  } catch (secondError) {
    if (!isErrno(secondError)) throw secondError;
  }
  return 'check the path; it is taken from the working directory';
}

function gzipReason(error: GzipError): string {
  return error.message === 'unexpected end of file' ? 'it ends early' : error.message;
}
