/**
 * A diagnostic for the terminal:
 *
 *     error[FL203] `amount` is compared with a text
 *       --> invariants/payment.yaml:4:20
 *       4 |   payment.charge.where(amount > "1000")
 *         |                                 ^^^^^^
 *       note: ...
 *       help: ...
 */
import { clip, printable, printableLines } from '../base/printable.ts';
import type { Severity } from '../diagnostic/diagnostic.ts';
import type { ReportedDiagnostic } from './check-report.ts';
import { counted } from './counted.ts';
import type { Style } from './style.ts';

const LONGEST_MESSAGE = 1000;

/** The lines of one diagnostic, without a line end at the end. */
export function renderDiagnostic(diagnostic: ReportedDiagnostic, style: Style): string {
  const paint = severityPainter(diagnostic.severity, style);
  const label = `${diagnostic.severity}[${diagnostic.code}]`;
  const lines = [`${paint(label)} ${style.strong(printable(clip(diagnostic.message, LONGEST_MESSAGE)))}`];
  const place = placeText(diagnostic);
  if (place !== '') lines.push(`  ${style.dim('-->')} ${place}`);
  if (diagnostic.frame !== null) lines.push(...renderFrame(diagnostic.frame, paint, style));
  for (const note of diagnostic.notes) {
    lines.push(`  ${style.note('note')}: ${printable(clip(note, LONGEST_MESSAGE))}`);
  }
  if (diagnostic.help !== '') {
    lines.push(`  ${style.good('help')}: ${printable(clip(diagnostic.help, LONGEST_MESSAGE))}`);
  }
  return lines.join('\n');
}

/** `invariants/payment.yaml:4:20`, or as much of it as is known. */
export function placeText(at: Pick<ReportedDiagnostic, 'file' | 'line' | 'column'>): string {
  if (at.file === null) return '';
  const line = at.line === null ? '' : `:${at.line}${at.column === null ? '' : `:${at.column}`}`;
  return `${printable(at.file)}${line}`;
}

/** The lines of a code frame, indented by two, the gutter dimmed and the carets painted. */
export function renderFrame(frame: string, paint: (text: string) => string, style: Style): string[] {
  return printableLines(frame)
    .split('\n')
    .map((line) => {
      const parts = /^(\s*\d* \|)(.*)$/.exec(line);
      if (parts === null) return `  ${style.dim(line)}`;
      const [, gutter = '', text = ''] = parts;
      const isCaretLine = /^ *\^+$/.test(text) && !/\d/.test(gutter);
      return `  ${style.dim(gutter)}${isCaretLine ? paint(text) : text}`;
    });
}

function severityPainter(severity: Severity, style: Style): (text: string) => string {
  return severity === 'error' ? style.error : severity === 'warning' ? style.warning : style.note;
}

/** `3 errors, 1 warning`; `no problems` when there are none. */
export function summaryOf(count: {
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}): string {
  const parts = [
    count.errors > 0 ? counted(count.errors, 'error') : '',
    count.warnings > 0 ? counted(count.warnings, 'warning') : '',
    count.infos > 0 ? counted(count.infos, 'note') : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'no problems' : parts.join(', ');
}
