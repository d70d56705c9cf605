/** What a code means, at length: `fluo explain FL203` and the page of the reference say the same. */
import { CODES, type CodeEntry } from './codes.ts';

/** Markdown that ends with a line end; null for a code that does not exist. Upper or lower case. */
export function explainCode(code: string): string | null {
  const upper = code.toUpperCase();
  const entry: CodeEntry | undefined = Object.hasOwn(CODES, upper)
    ? (CODES as Readonly<Record<string, CodeEntry>>)[upper]
    : undefined;
  if (entry === undefined) return null;
  const parts = [`# ${upper}: ${entry.name}`, `${entry.title}.`, entry.explanation];
  if (entry.bad !== undefined) parts.push('Wrong:', fenced(entry.bad));
  if (entry.good !== undefined) parts.push('Right:', fenced(entry.good));
  return `${parts.join('\n\n')}\n`;
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.replace(/\n$/, '')}\n${fence}`;
}
