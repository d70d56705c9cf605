/** Small words: articles, lists and durations in English. */
import { formatDuration, type Nanos } from '../../base/nanos.ts';

/** `a` or `an`, by the first word of what follows it (quotes and backticks aside). Initials are spelled: an `llm.call`. */
export function article(text: string): 'a' | 'an' {
  const [word = ''] = /[a-z]+/i.exec(text.slice(0, 40)) ?? [];
  const isSpelled = !/[aeiouy]/i.test(word);
  if (isSpelled) return /^[fhlmnrsx]/i.test(word) ? 'an' : 'a';
  return /^[aeio]/i.test(word) || /^un[^i]/i.test(word) ? 'an' : 'a';
}

/** `x`, `x and y`, `x, y and z`; with a comma before the last where an item has an `and` or an `or` of its own. */
export function list(items: readonly string[], conjunction: 'and' | 'or'): string {
  if (items.length <= 1) return items[0] ?? '';
  const last = items[items.length - 1] ?? '';
  const others = items.slice(0, -1);
  const nested = items.some((item) => / (?:and|or|that|whose) /.test(item));
  return `${others.join(', ')}${nested ? ',' : ''} ${conjunction} ${last}`;
}

const UNIT_WORDS: Readonly<Record<string, string>> = { m: 'min', us: 'µs', d: 'days' };

/** `250 ms`, `10 min`, `2 days`. */
export function durationWords(nanos: Nanos): string {
  const [, digits = '', unit = ''] = /^(-?\d+)(\D+)$/.exec(formatDuration(nanos)) ?? [];
  const word = unit === 'd' && digits === '1' ? 'day' : (UNIT_WORDS[unit] ?? unit);
  return `${digits} ${word}`;
}
