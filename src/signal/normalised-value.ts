/**
 * The kind of an attribute's value, for a fingerprint: words that stand for a state (`declined`, `GET`, `eu-west`) stay, and everything that tells one
 * request from another (ids, numbers, addresses, names, prose) becomes `*`. It looks at the value alone, so the order of requests changes nothing.
 */
import type { AttributeValue } from '../trace/attribute-value.ts';

const LONGEST_WORD = 32;
const MOST_PARTS = 4;

/** Names that stand for one request or one person, whatever their value looks like. */
const IDENTIFYING =
  /(^|[._-])(id|ids|uuid|guid|key|token|secret|hash|digest|signature|email|mail|user|username|login|address|ip|host|hostname|port|phone|url|uri|path|query|statement|body|message|text|description|title|prompt|name|label|time|timestamp|date|session|cookie|nonce)$/i;

/** `paymentIntentId` and `userID` end in an id as well. */
const CAMEL_ID = /[a-z](?:Id|ID|Ids|IDs|Uuid|Token|Key|Hash|Email|Name|Url)$/;

/** A word, or a few of them joined: letters, and single digits at their ends (`v2`, `http1`). */
const WORD_PART = /^[A-Za-z]{2,}\d?$|^[A-Za-z]\d?$/;

/** Never throws. `undefined`: the attribute is not there. */
export function normalisedValue(name: string, value: AttributeValue | undefined): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || IDENTIFYING.test(name) || CAMEL_ID.test(name)) return '*';
  if (value === '') return 'empty';
  return isStateWord(value) ? value : '*';
}

function isStateWord(value: string): boolean {
  if (value.length > LONGEST_WORD) return false;
  const parts = value.split(/[._/ -]/);
  return parts.length <= MOST_PARTS && parts.every((part) => WORD_PART.test(part) && !isRandom(part));
}

/** Letters drawn at random: of hex digits alone and long, or hardly with a vowel. */
function isRandom(word: string): boolean {
  if (word.length >= 8 && /^[a-f]+$/i.test(word)) return true;
  const vowels = word.match(/[aeiouy]/gi)?.length ?? 0;
  const changesOfCase = word.match(/[a-z][A-Z]/g)?.length ?? 0;
  return (word.length >= 10 && vowels * 6 < word.length) || changesOfCase > 3;
}
