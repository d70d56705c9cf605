/** Offsets to lines and columns, and code frames. */
import type { SourceText, TextRange } from './diagnostic.ts';

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** Line and column of an offset. Line ends: LF, CRLF. Cost: linear in the offset. */
export function positionOf(text: string, offset: number): Position {
  const end = Math.min(Math.max(offset, 0), text.length);
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: end - lineStart + 1 };
}

const LONGEST_LINE = 160;

/**
 * Draws the lines around a range with a caret line below, one line of context above:
 *
 *     3 |   and trace.hass(inventory.reserve)
 *       |             ^^^^
 *
 * Long lines are cut around the range. No colour, no trailing line end.
 */
export function codeFrame(source: SourceText, range: TextRange): string {
  const from = positionOf(source.text, range.start);
  const lines = source.text.split('\n');
  const first = Math.max(1, from.line - 1);
  const gutter = String(from.line).length;
  const out: string[] = [];
  for (let number = first; number <= from.line; number++) {
    const line = (lines[number - 1] ?? '').replace(/\r$/, '').replaceAll('\t', ' ');
    const cut =
      number === from.line ? window(line, from.column - 1) : { text: line.slice(0, LONGEST_LINE), shift: 0 };
    out.push(`${String(number).padStart(gutter)} | ${cut.text}`.trimEnd());
    if (number === from.line) {
      const width = Math.max(
        1,
        Math.min(range.end - range.start, line.length - (from.column - 1), LONGEST_LINE),
      );
      out.push(`${' '.repeat(gutter)} | ${' '.repeat(from.column - 1 - cut.shift)}${'^'.repeat(width)}`);
    }
  }
  return out.join('\n');
}

function window(line: string, column: number): { text: string; shift: number } {
  if (line.length <= LONGEST_LINE) return { text: line, shift: 0 };
  const shift = Math.max(0, Math.min(column - 60, line.length - LONGEST_LINE));
  return { text: line.slice(shift, shift + LONGEST_LINE), shift };
}
