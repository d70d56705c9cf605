/** One annotation as GitHub's workflow command: `::error file=...,line=...,title=...::message`. */
import { clip } from '../base/printable.ts';
import type { Severity } from '../diagnostic/diagnostic.ts';
import type { ReportedDiagnostic } from './check-report.ts';
import { githubMessage, githubProperty } from './escape.ts';

interface Annotation {
  readonly severity: Severity;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly title: string;
  readonly lines: readonly string[];
}

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };
const LONGEST_LINE = 1000;

/** With its line end. */
export function annotation(of: Annotation | ReportedDiagnostic): string {
  const { title, lines } = 'title' in of ? of : { title: `${of.code} ${of.name}`, lines: linesOf(of) };
  const oneLine = of.line !== null && of.endLine === of.line;
  const properties = [
    of.file === null ? '' : `file=${githubProperty(of.file)}`,
    of.file === null || of.line === null ? '' : `line=${of.line}`,
    of.file === null || of.endLine === null ? '' : `endLine=${of.endLine}`,
    // GitHub refuses columns of a range over several lines.
    of.file === null || of.column === null || !oneLine ? '' : `col=${of.column}`,
    of.file === null || of.endColumn === null || !oneLine ? '' : `endColumn=${of.endColumn}`,
    `title=${githubProperty(clip(title, 200))}`,
  ];
  const message = githubMessage(lines.map((line) => clip(line, LONGEST_LINE)));
  return `::${COMMANDS[of.severity]} ${properties.filter((property) => property !== '').join(',')}::${message}\n`;
}

function linesOf(diagnostic: ReportedDiagnostic): string[] {
  return [
    diagnostic.message,
    ...diagnostic.notes.map((note) => `note: ${note}`),
    ...(diagnostic.help === '' ? [] : [`help: ${diagnostic.help}`]),
  ];
}
