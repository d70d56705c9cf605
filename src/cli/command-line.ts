/** The command line as a text with positions, so that messages about it can point into it with carets. */
import type { SourceText, TextRange } from '../diagnostic/diagnostic.ts';

export interface CommandLine {
  /** As a person could type it again: `fluo check --rules 'my rules' a.json`. */
  readonly source: SourceText;
  /** The place of each argument, quotes included. */
  readonly ranges: readonly TextRange[];
  /** The place behind the last argument, where something is missing. */
  readonly end: TextRange;
}

export function commandLineOf(argv: readonly string[]): CommandLine {
  let text = 'fluo';
  const ranges: TextRange[] = [];
  for (const argument of argv) {
    text += ' ';
    const start = text.length;
    text += quoted(argument);
    ranges.push({ start, end: text.length });
  }
  return {
    source: { name: 'command line', text },
    ranges,
    // One blank behind the text, for a caret needs a character to stand under.
    end: { start: text.length, end: text.length + 1 },
  };
}

/** The argument as a POSIX shell takes it: in quotes where it needs them. */
export function quoted(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll('\n', ' ').replaceAll("'", "'\\''")}'`;
}
