/**
 * Comments that hold more than they were meant to. A `//` comment ends at the line's end, and YAML joins the lines of a folded,
 * plain or quoted text into one: what stood on the next lines is then part of the comment, and the rule is another one.
 */
import type { Diagnostic, SourceText, TextRange } from '../../diagnostic/diagnostic.ts';
import { lex } from '../../language/lexer.ts';
import { Problems } from '../../language/problems.ts';
import type { YamlScalar } from '../yaml/read-yaml.ts';

/** One error for each comment of the scalar's text with a word of a later line of the file in it. Cost: linear. */
export function foldedComments(file: SourceText, scalar: YamlScalar, text: string): Diagnostic[] {
  // One line of the file cannot swallow another, and most texts have no comment at all.
  if (!text.includes('//') || !scalar.raw.includes('\n')) return [];
  const { comments } = lex(text, new Problems({ name: file.name, text }));
  return comments.flatMap(({ range }) => {
    const end = endOfLine(file.text, scalar.toOuter(range.start));
    return swallows(text, scalar, range, end) ? [foldedComment(file, scalar.toOuter(range.start), end)] : [];
  });
}

/** Whether a character of the comment stands behind `lineEnd`, the end of the line on which it begins. */
function swallows(text: string, scalar: YamlScalar, range: TextRange, lineEnd: number): boolean {
  // The last character of a comment is no blank, so its place in the file is exact.
  return text.slice(range.start, range.end).trim() !== '' && scalar.toOuter(range.end - 1) >= lineEnd;
}

function foldedComment(file: SourceText, start: number, end: number): Diagnostic {
  return {
    code: 'FL320',
    severity: 'error',
    message: 'YAML joins the next line to this comment, and so the rule loses it',
    source: file,
    range: { start, end },
    help: 'write the text as a block that keeps its lines, such as `condition: |`, or leave the comment out',
  };
}

/** Of the line that holds the offset, without its line end and the blanks before it. */
function endOfLine(text: string, offset: number): number {
  const lineFeed = text.indexOf('\n', offset);
  const line = text.slice(offset, lineFeed === -1 ? text.length : lineFeed);
  return offset + line.trimEnd().length;
}
