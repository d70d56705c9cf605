/**
 * The examples of a page of documentation, in order. A comment before a fenced block says what is done with it:
 *
 *     <!-- run: 1 -->                      the commands of the block are run; the last one ends with this exit code
 *     <!-- output -->                      the block is what the last command printed; `...` stands for anything
 *     <!-- file: shop.mjs -->              the block is written to this file
 *     <!-- show: invariants/payment.yaml -->   the block is what this file holds; `...` stands for anything
 *     <!-- record: shop.mjs out.jsonl A=1 -->  the program is run, and its traces are written to the file (there is no block)
 */
export type Example =
  | {
      readonly kind: 'run';
      readonly line: number;
      readonly commands: readonly string[];
      readonly code: number;
    }
  | { readonly kind: 'output'; readonly line: number; readonly text: string }
  | { readonly kind: 'file' | 'show'; readonly line: number; readonly path: string; readonly text: string }
  | {
      readonly kind: 'record';
      readonly line: number;
      readonly program: string;
      readonly path: string;
      readonly env: Readonly<Record<string, string>>;
    };

const MARKER = /^<!-- (run|output|file|show|record)(?:: ([^\n]*))? -->\n(?:\n*```\w*\n([\s\S]*?)^```$)?/gm;

/** Throws on a marker without its block. */
export function examplesOf(page: string): Example[] {
  return [...page.matchAll(MARKER)].map((match): Example => {
    const [, kind, argument = '', text] = match;
    const line = page.slice(0, match.index).split('\n').length;
    if (kind === 'record') {
      const [program = '', path = '', ...settings] = argument.split(' ');
      const env = Object.fromEntries(settings.map((setting) => setting.split('=', 2)));
      return { kind, line, program, path, env };
    }
    if (text === undefined) throw new Error(`line ${line}: no block follows`);
    if (kind === 'run') {
      const commands = text.split('\n').filter((one) => one !== '');
      return { kind, line, commands, code: Number(argument) };
    }
    if (kind === 'file' || kind === 'show') return { kind, line, path: argument, text };
    return { kind: 'output', line, text };
  });
}

/** Whether the text has these lines, in this order; `...` alone on a line stands for any lines, within a line for any text. */
export function shows(text: string, wanted: string): boolean {
  const pattern = wanted
    .trimEnd()
    .split('\n')
    .map((line) =>
      line === '...'
        ? '(?:.*\\n)*?'
        : `${line
            .split(/ *\.\.\. */)
            .map(escaped)
            .join('.*')}.*\\n`,
    )
    .join('');
  return new RegExp(`^${pattern}`, 'm').test(`${text}\n`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/ {2,}/g, ' {2,}');
}
