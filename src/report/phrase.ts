/**
 * A sentence in which prose and quoted code are kept apart, so that each format can neutralise and mark the code in its own way.
 *
 *     say`Nothing matches ${selector}`      the interpolated text is code: a name, a selector, a value
 */
import { clip, printable } from '../base/printable.ts';

export type Phrase = readonly (string | { readonly code: string })[];

export function say(prose: TemplateStringsArray, ...quoted: readonly (string | Phrase)[]): Phrase {
  const phrase: (string | { readonly code: string })[] = [];
  prose.forEach((text, place) => {
    if (text !== '') phrase.push(text);
    const next = quoted[place];
    if (typeof next === 'string') phrase.push({ code: next });
    else if (next !== undefined) phrase.push(...next);
  });
  return phrase;
}

/** Reads a message in which code stands between backticks, as diagnostics have it. */
export function phraseOf(message: string): Phrase {
  const parts = message.split('`');
  if (parts.length % 2 === 0) return [message];
  return parts.map((part, place) => (place % 2 === 0 ? part : { code: part })).filter((part) => part !== '');
}

const LONGEST_CODE = 300;

/** One line of plain text, code between backticks, nothing in it that does not print. */
export function plainPhrase(phrase: Phrase): string {
  return phrase
    .map((part) =>
      typeof part === 'string' ? printable(part) : `\`${printable(clip(part.code, LONGEST_CODE))}\``,
    )
    .join('');
}

export function joinPhrases(phrases: readonly Phrase[], between: string): Phrase {
  return phrases.flatMap((phrase, place) => (place === 0 ? phrase : [between, ...phrase]));
}
