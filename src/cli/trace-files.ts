/** The inputs of traces that a person names: files, folders with all that is below them, and `-` for standard input. */
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { commandLineError, type GivenValue, type Invocation } from './arguments.ts';
import { filesBelow, namedPath, notFound, unreadable } from './files.ts';
import type { Io } from './io.ts';
import { standardInputProblems } from './standard-input.ts';

export interface TraceFile {
  /** As a person would write it; `<stdin>` for standard input. */
  readonly name: string;
  /** Absolute; null for standard input. */
  readonly path: string | null;
  /** In bytes, as it lies on disk; null where that is not known. */
  readonly size: number | null;
  /** The value of the command line that it comes of. */
  readonly given: GivenValue;
}

export interface TraceFiles {
  /** In the order given, files of a folder by path; each file once. */
  readonly files: readonly TraceFile[];
  /** Absolute paths that were named, for `--watch`. */
  readonly roots: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Endings of files in a folder that are taken to be traces. A file that is named itself may have any. */
export const TRACE_FILE_ENDINGS = ['json', 'jsonl', 'ndjson', 'pb', 'binpb', 'bin', 'otlp', 'proto'] as const;

const IS_TRACE_FILE = new RegExp(`\\.(?:${TRACE_FILE_ENDINGS.join('|')})(?:\\.gz)?$`, 'i');

export function findTraceFiles(io: Io, invocation: Invocation, given: readonly GivenValue[]): TraceFiles {
  const files = new Map<string, TraceFile>();
  const roots: string[] = [];
  const diagnostics: Diagnostic[] = standardInputProblems(io, invocation, given);
  for (const value of given) {
    if (value.value === '-') {
      files.set('-', { name: '<stdin>', path: null, size: null, given: value });
      continue;
    }
    const named = namedPath(io, invocation, value);
    roots.push(named.path);
    const kind = io.files.kindOf(named.path);
    if (kind === null) {
      diagnostics.push(notFound(io, named));
      continue;
    }
    try {
      if (kind !== 'folder') {
        const size = kind === 'file' ? io.files.sizeOf(named.path) : null;
        files.set(named.path, { name: value.value, path: named.path, size, given: value });
        continue;
      }
      const found = filesBelow(io.files, named.path, (path) => IS_TRACE_FILE.test(path));
      if (found.length === 0) diagnostics.push(noTraceFiles(invocation, value));
      for (const path of found) {
        const name = join(value.value, path.slice(named.path.length + 1));
        if (!files.has(path)) files.set(path, { name, path, size: io.files.sizeOf(path), given: value });
      }
    } catch (error) {
      diagnostics.push(unreadable(io, named, error));
    }
  }
  return { files: [...files.values()], roots, diagnostics };
}

function noTraceFiles(invocation: Invocation, value: GivenValue): Diagnostic {
  return commandLineError(
    invocation.commandLine,
    value.range,
    'FL715',
    `no file of traces is in the folder \`${value.value}\``,
    `name the files themselves, or give them one of the endings ${TRACE_FILE_ENDINGS.join(', ')}, also with .gz`,
  );
}
