/** The traces that a person names, as the receiver's batches of records. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Disk } from '../receiver/disk.ts';
import type { RecordBatch } from '../receiver/record.ts';
import { findInputs, type InputFile, openInput, STANDARD_INPUT } from '../receiver/trace-input.ts';
import type { GivenValue, Invocation } from './arguments.ts';
import type { Io } from './io.ts';
import { pathFrom } from './paths.ts';

export interface TraceInputs {
  readonly files: readonly InputFile[];
  /** Of all inputs; null where one of them does not say. */
  readonly bytes: number | null;
  /** Whether all of it can be read a second time. */
  readonly isRepeatable: boolean;
  /** Absolute paths that were named, for `--watch`. */
  readonly roots: readonly string[];
  /** Warnings, too. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds the inputs. A diagnostic about a path that was given points into the command line. */
export async function findTraceInputs(
  io: Io,
  invocation: Invocation,
  given: readonly GivenValue[],
): Promise<TraceInputs> {
  const { files, diagnostics } = await findInputs(
    given.map(({ value }) => value),
    diskOf(io),
  );
  const sizes = files.map(({ size }) => size);
  return {
    files,
    bytes: sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0),
    isRepeatable: !sizes.includes(null),
    roots: given.filter(({ value }) => value !== STANDARD_INPUT).map(({ value }) => pathFrom(io.cwd, value)),
    diagnostics: diagnostics.map((diagnostic) => placedInCommandLine(diagnostic, invocation, given)),
  };
}

/** All records of all inputs, file after file; `bytesRead` counts over all of them. Can be walked again. */
export function recordsOf(
  io: Io,
  files: readonly InputFile[],
  onFile: (name: string) => void = () => {},
): AsyncIterable<RecordBatch> {
  const disk = diskOf(io);
  return {
    async *[Symbol.asyncIterator]() {
      let before = 0;
      for (const file of files) {
        onFile(file.name);
        let within = 0;
        for await (const batch of openInput(file, disk)) {
          within = batch.bytesRead;
          yield { ...batch, bytesRead: before + within };
        }
        before += within;
      }
    },
  };
}

function diskOf(io: Io): Disk {
  const { files } = io;
  const at = (path: string) => pathFrom(io.cwd, path);
  return {
    async stat(path) {
      const kind = files.kindOf(at(path));
      // A size that cannot be told is told with the reason.
      if (kind !== 'folder') return { kind: kind ?? 'file', size: files.sizeOf(at(path)) };
      return { kind, size: 0 };
    },
    realPath: async (path) => files.realPath(at(path)),
    list: async (folder) => files.list(at(folder)),
    read: (path) => files.readBytes(at(path)),
    readStandardInput: () => io.stdin.bytes(),
  };
}

function placedInCommandLine(
  diagnostic: Diagnostic,
  invocation: Invocation,
  given: readonly GivenValue[],
): Diagnostic {
  const place = given.find(({ value }) => value === diagnostic.file);
  if (place === undefined || diagnostic.source !== undefined) return diagnostic;
  const { file: _, ...rest } = diagnostic;
  return { ...rest, source: invocation.commandLine.source, range: place.range };
}
