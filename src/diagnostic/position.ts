/** Offsets to lines and columns, and code frames. */
import { displayWidth } from '../base/display-width.ts';
import { printable, wholePairs } from '../base/printable.ts';
import type { SourceText, TextRange } from './diagnostic.ts';

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** Line and column of an offset. Line ends: LF, CRLF. Cost: linear in a text once, then logarithmic while the same text is asked. */
export function positionOf(text: string, offset: number): Position {
  const end = Math.min(Math.max(offset, 0), text.length);
  const starts = lineStartsOf(text);
  let line = 1;
  for (let above = starts.length; line < above; ) {
    const middle = (line + above + 1) >> 1;
    if ((starts[middle - 1] ?? 0) <= end) line = middle;
    else above = middle - 1;
  }
  return { line, column: end - (starts[line - 1] ?? 0) + 1 };
}

/** A file of ten thousand rules is asked for as many positions: of the last text, the line starts are kept. */
let last: { readonly text: string; readonly starts: readonly number[] } = { text: '', starts: [0] };

function lineStartsOf(text: string): readonly number[] {
  if (last.text === text) return last.starts;
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  last = { text, starts };
  return starts;
}

/** UTF-16 units of a line that a frame shows. */
const LONGEST_LINE = 160;
/** A range over more lines than this shows its first lines and its last. */
const MOST_LINES = 5;

/**
 * Draws the lines of a range with a caret line below each, and one line of context above:
 *
 *     3 |   and trace.hass(inventory.reserve)
 *       |             ^^^^
 *
 * Long lines are cut around the range. Carets stand below what they mean also where tabs, wide characters or escapes make the
 * line wider or narrower. Control characters are shown as escapes. No colour, no trailing line end. Cost: linear in the text.
 */
export function codeFrame(source: SourceText, range: TextRange): string {
  const start = Math.min(Math.max(range.start, 0), source.text.length);
  const end = Math.min(Math.max(range.end, start), source.text.length);
  const from = positionOf(source.text, start);
  const to = positionOf(source.text, Math.max(start, end - 1));
  const shown = lineNumbers(from.line, to.line);
  const gutter = String(to.line).length;
  const empty = `${' '.repeat(gutter)} |`;
  const out: string[] = [];
  const starts = lineStartsOf(source.text);
  for (const next of shown) {
    if (next === null) {
      out.push(`${' '.repeat(gutter)} ...`);
      continue;
    }
    const lineStart = starts[next - 1] ?? 0;
    const line = lineAt(source.text, lineStart);
    const first = next === from.line ? start - lineStart : indentOf(line);
    const last = Math.min(next === to.line ? end - lineStart : line.length, line.length);
    const cut = window(line, next < from.line ? 0 : first);
    out.push(`${String(next).padStart(gutter)} | ${cut.show(0, line.length)}`.trimEnd());
    if (next < from.line) continue;
    const before = displayWidth(cut.show(0, first));
    const width = Math.max(1, displayWidth(cut.show(first, last)));
    out.push(`${empty} ${' '.repeat(before)}${'^'.repeat(width)}`);
  }
  return out.join('\n');
}

/** The lines to show, null for a gap. */
function lineNumbers(from: number, to: number): (number | null)[] {
  const lines: (number | null)[] = from > 1 ? [from - 1] : [];
  if (to - from < MOST_LINES) {
    for (let line = from; line <= to; line++) lines.push(line);
    return lines;
  }
  return [...lines, from, from + 1, null, to];
}

function lineAt(text: string, lineStart: number): string {
  const end = text.indexOf('\n', lineStart);
  return text.slice(lineStart, end === -1 ? undefined : end).replace(/\r$/, '');
}

function indentOf(line: string): number {
  return /^\s*/.exec(line)?.[0].length ?? 0;
}

/** What is visible of a line: `show` gives the printable text between two offsets of the whole line. */
function window(line: string, column: number): { show(from: number, to: number): string } {
  let left = 0;
  let right = line.length;
  if (line.length > LONGEST_LINE) {
    left = wholePairs(line, Math.max(0, Math.min(column - 60, line.length - LONGEST_LINE)));
    right = wholePairs(line, Math.min(line.length, left + LONGEST_LINE));
  }
  return {
    show(from, to) {
      const text = printable(
        line.slice(Math.max(left, from), Math.max(left, Math.min(right, to))).replaceAll('\t', ' '),
      );
      const dots = {
        left: left > 0 && from === 0 ? '…' : '',
        right: right < line.length && to > right ? '…' : '',
      };
      return dots.left + text + (to === line.length ? dots.right : '');
    },
  };
}
