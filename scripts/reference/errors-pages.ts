/** The table of codes, and a page for each. */
import { CODES, type CodeEntry } from '../../src/diagnostic/codes.ts';
import { explainCode } from '../../src/diagnostic/explain-code.ts';
import { page, table } from './markdown.ts';

const AREAS: readonly (readonly [prefix: string, title: string])[] = [
  ['FL1', 'Syntax of a rule'],
  ['FL2', 'Meaning of a rule'],
  ['FL3', 'Rule files'],
  ['FL4', 'Lints'],
  ['FL5', 'Traces'],
  ['FL6', 'Rule tests'],
  ['FL7', 'Commands and configuration'],
  ['FL8', 'The live engine'],
  ['FL9', 'Bugs of Fluo'],
];

const ENTRIES = Object.entries(CODES as Readonly<Record<string, CodeEntry>>).sort(([a], [b]) =>
  a < b ? -1 : 1,
);

export function errorsPage(): string {
  const parts = [
    '# Codes',
    'Every message of Fluo has a code. `fluo explain CODE` prints the same text as the page of the code.',
  ];
  for (const [prefix, title] of AREAS) {
    const rows = ENTRIES.filter(([code]) => code.startsWith(prefix)).map(([code, entry]) => [
      `[${code}](errors/${code}.md)`,
      entry.name,
      `${entry.title}.`,
    ]);
    if (rows.length > 0) parts.push(`## ${title}`, table(['code', 'name', 'what must hold'], rows));
  }
  return page(parts);
}

export function codePages(): Record<string, string> {
  return Object.fromEntries(ENTRIES.map(([code]) => [`errors/${code}.md`, explainCode(code) ?? '']));
}
