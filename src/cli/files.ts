/** Reads files and folders that a person names, with a diagnostic where that cannot be done. */
import { basename, dirname, join } from 'node:path';
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic, SourceText, TextRange } from '../diagnostic/diagnostic.ts';
import type { GivenValue, Invocation } from './arguments.ts';
import { FileError, type FileErrorKind, type Files, type Io } from './io.ts';
import { pathFrom } from './paths.ts';

/** Where a path was written: in the command line, or in a configuration. */
export interface NamedPath {
  /** Absolute. */
  readonly path: string;
  /** As a person wrote it, for messages and reports. */
  readonly name: string;
  readonly place: Place | null;
}

export interface Place {
  readonly source: SourceText;
  readonly range: TextRange;
}

export type TextReading =
  | { readonly text: string; readonly diagnostics: readonly [] }
  | { readonly text: null; readonly diagnostics: readonly Diagnostic[] };

/** A path of the command line. */
export function namedPath(io: Io, invocation: Invocation, given: GivenValue): NamedPath {
  return {
    path: pathFrom(io.cwd, given.value),
    name: given.value,
    place: { source: invocation.commandLine.source, range: given.range },
  };
}

/** Reads a file that the command line names. */
export function readGivenText(io: Io, invocation: Invocation, given: GivenValue): TextReading {
  return readNamedText(io, namedPath(io, invocation, given));
}

/** Reads a file that the program found itself. */
export function readText(io: Io, path: string, name: string): TextReading {
  return readNamedText(io, { path, name, place: null });
}

export function readNamedText(io: Io, named: NamedPath): TextReading {
  try {
    return { text: io.files.readText(named.path), diagnostics: [] };
  } catch (error) {
    return { text: null, diagnostics: [unreadable(io, named, error)] };
  }
}

/** The diagnostic of a `FileError`; anything else is thrown on. */
export function unreadable(io: Io, named: NamedPath, error: unknown): Diagnostic {
  if (!(error instanceof FileError)) throw error;
  return error.kind === 'not-found' ? notFound(io, named) : refused(named, error.kind, error.message);
}

export function notFound(io: Io, named: NamedPath): Diagnostic {
  const near = didYouMean(basename(named.name), siblings(io, named.path));
  return {
    code: 'FL710',
    severity: 'error',
    message: `there is no file or folder \`${named.name}\``,
    ...placed(named),
    help: near === '' ? `check the path; relative paths start in \`${io.cwd}\`` : near,
  };
}

/**
 * All files below a folder that pass, by path; folders and files whose name begins with a dot, and `node_modules`, are left out.
 * Throws `FileError`. A folder that links lead to several times, or in a circle, is walked once.
 */
export function filesBelow(files: Files, folder: string, wanted: (path: string) => boolean): string[] {
  const found: string[] = [];
  const walked = new Set<string>();
  const walk = (at: string) => {
    const folderItself = files.realPath(at);
    if (walked.has(folderItself)) return;
    walked.add(folderItself);
    for (const name of files.list(at)) {
      if (name.startsWith('.') || name === 'node_modules') continue;
      const path = join(at, name);
      const kind = files.kindOf(path);
      if (kind === 'file' && wanted(path)) found.push(path);
      if (kind === 'folder') walk(path);
    }
  };
  walk(folder);
  return found;
}

function refused(named: NamedPath, kind: FileErrorKind, message: string): Diagnostic {
  const reason: Record<FileErrorKind, readonly [string, string]> = {
    'not-found': ['it is not there', 'check the path'],
    'not-a-file': ['it is a folder', 'name a file in it'],
    'not-a-folder': ['it is a file', 'name the folder that it lies in'],
    'no-permission': [
      'the system gives no permission',
      'change its permissions, or run as a user who may read it',
    ],
    other: [message, 'check the file and the disk that it lies on'],
  };
  const [why, help] = reason[kind];
  return {
    code: 'FL711',
    severity: 'error',
    message: `\`${named.name}\` cannot be read: ${why}`,
    ...placed(named),
    help,
  };
}

function placed(named: NamedPath): Pick<Diagnostic, 'source' | 'range' | 'file'> {
  return named.place === null
    ? { file: named.name }
    : { source: named.place.source, range: named.place.range };
}

function siblings(io: Io, path: string): readonly string[] {
  try {
    return io.files.list(dirname(path));
  } catch {
    return [];
  }
}
