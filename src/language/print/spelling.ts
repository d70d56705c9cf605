/** How names and texts are spelled: bare where the language reads them back as they are, else in quotes. */
import { isKeyword, isWord, isWordOfLanguage, quoted as quote } from '../tokens/words.ts';

/** A span name as a selector spells it; quoted when it was, when it must be, or when a bound name hides it. */
export function spanNameSpelling(name: string, quoted: boolean, bound: ReadonlySet<string>): string {
  return !quoted && isPlainName(name) && !bound.has(name) ? name : quote(name);
}

/** An attribute's name without its prefix. */
export function attributeNameSpelling(name: string, quoted: boolean): string {
  return !quoted && isPlainName(name) ? name : quote(name);
}

/** Words that stand for something in other languages: the parser wants them in quotes. */
const MISTAKEN = /^(?:true|false|null|nil|none|undefined|this)$/i;

/** A text on the right side of a comparison. */
export function textSpelling(text: string, bare: boolean): string {
  return bare && isWord(text) && !isWordOfLanguage(text) && !MISTAKEN.test(text) ? text : quote(text);
}

function isPlainName(name: string): boolean {
  return name.split('.').every(isWord) && !isKeyword(name) && !name.startsWith('trace.');
}
