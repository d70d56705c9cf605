/** The words of the language, and which texts can stand in a rule without quotes. */

/** Mean something wherever they stand alone: a span, an attribute or a value of that name is quoted. */
export const KEYWORDS = [
  'across',
  'within',
  'when',
  'always',
  'never',
  'each',
  'as',
  'and',
  'or',
  'not',
  'in',
  'exists',
  'matches',
  'contains',
  'starts_with',
  'ends_with',
  'true',
  'false',
] as const;
export type Keyword = (typeof KEYWORDS)[number];

/** With a `(` behind them, in a condition. Without one they are names. */
export const CONDITION_FUNCTIONS = ['has', 'all', 'count', 'distinct', 'sum'] as const;

/** With a `(` behind them, on the left side of a comparison. */
export const CONVERSIONS = ['number', 'text'] as const;
export type Conversion = (typeof CONVERSIONS)[number];

/** With a `(` behind them and a `.` before. */
export const STEPS = ['where', 'before', 'after', 'within', 'child_of', 'inside'] as const;

export const TEXT_OPERATORS = ['matches', 'contains', 'starts_with', 'ends_with'] as const;

/** Prefixes and stand-ins that a bound name may not be. */
export const RESERVED_NAMES = ['this', 'span', 'resource', 'trace'] as const;

const KEYWORD_SET: ReadonlySet<string> = new Set(KEYWORDS);
const WORD_SET: ReadonlySet<string> = new Set([
  ...KEYWORDS,
  ...CONDITION_FUNCTIONS,
  ...CONVERSIONS,
  ...STEPS,
  'unique',
]);

export function isKeyword(text: string): text is Keyword {
  return KEYWORD_SET.has(text);
}

/** Keywords, and the names of functions and steps: what a bare value or a bound name may not be. */
export function isWordOfLanguage(text: string): boolean {
  return WORD_SET.has(text);
}

/** `"text"` with the two escapes that the language knows. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** One word: a letter or `_`, then letters, digits, `_` and `-`. */
export function isWord(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(text);
}
