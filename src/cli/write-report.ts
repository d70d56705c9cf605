/** Writes a report in all formats that were asked for, to standard output and to files. */
import type { Diagnostic, TextRange } from '../diagnostic/diagnostic.ts';
import type { ReportFormat } from '../report/reporters.ts';
import { PLAIN_STYLE, type ReporterOptions } from '../report/style.ts';
import { type Invocation, isOn } from './arguments.ts';
import { styleOf } from './colour.ts';
import { FileError, type Io } from './io.ts';
import type { PlannedOutput } from './outputs.ts';
import { pathFrom } from './paths.ts';
import { versionOf } from './version.ts';

type Reporter<Report> = (report: Report, options: ReporterOptions) => Iterable<string>;

/** Width of reports that do not go to a terminal. */
const FILE_WIDTH = 100;

/** Returns a diagnostic for each file that could not be written; the other outputs are written all the same. */
export function writeReport<Report>(
  io: Io,
  invocation: Invocation,
  outputs: readonly PlannedOutput[],
  reporters: Readonly<Record<ReportFormat, Reporter<Report>>>,
  report: Report,
  more: Pick<ReporterOptions, 'limit'> = {},
): Diagnostic[] {
  const version = versionOf(io);
  return outputs.flatMap(({ format, file }) => {
    const reporter = reporters[format];
    if (file === null) {
      const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
      const width = io.stdout.isTerminal ? io.stdout.columns : FILE_WIDTH;
      for (const piece of inLargePieces(reporter(report, { ...more, style, width, version })))
        io.stdout.write(piece);
      return [];
    }
    try {
      const text = inLargePieces(
        reporter(report, { ...more, style: PLAIN_STYLE, width: FILE_WIDTH, version }),
      );
      io.files.write(pathFrom(io.cwd, file.value), text);
      return [];
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return [unwritable(invocation, file.value, file.range, error)];
    }
  });
}

const PIECE = 64 * 1024;

/** Joins small pieces: a write for each would cost a system call. */
function* inLargePieces(pieces: Iterable<string>): Iterable<string> {
  let joined = '';
  for (const piece of pieces) {
    joined += piece;
    if (joined.length < PIECE) continue;
    yield joined;
    joined = '';
  }
  if (joined !== '') yield joined;
}

function unwritable(invocation: Invocation, name: string, range: TextRange, error: FileError): Diagnostic {
  const reason: Partial<Record<FileError['kind'], string>> = {
    'not-a-file': 'it is a folder',
    'not-a-folder': 'a part of the path is a file',
    'no-permission': 'the system gives no permission',
  };
  return {
    code: 'FL719',
    severity: 'error',
    message: `\`${name}\` cannot be written: ${reason[error.kind] ?? error.message}`,
    source: invocation.commandLine.source,
    range,
    help: 'name another file, or make this one writable',
  };
}
