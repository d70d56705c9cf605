/** What the lexer makes of a rule's text. */
import type { Nanos } from '../../base/nanos.ts';

export type TokenKind =
  /** A NAME of the grammar, keywords included; with or without `*`. */
  | 'name'
  /** `"..."`; `text` is what it says, escapes undone. */
  | 'text'
  | 'number'
  | 'duration'
  /** `$name`; `text` is without the `$`. */
  | 'macro'
  /** A comparison operator, in its right spelling. */
  | 'operator'
  | '('
  | ')'
  | '{'
  | '}'
  | '['
  | ']'
  | ','
  | '.'
  /** A run of characters that would be a name if it were quoted: `2fa.verify`, `Checkout/PlaceOrder`. */
  | 'odd-name'
  /** A run that begins like a number and is none: `5sec`, `1_000`. */
  | 'odd-number'
  /** Characters that the language has no use for. */
  | 'unknown'
  /** Behind the last one; it stands where that ends. */
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** A whole NAME that is a word with a meaning of its own. */
  readonly keyword: boolean;
  /** The last part of a NAME with a `(` behind it: a function or a step. */
  readonly call: boolean;
  /** Of a number. */
  readonly value: number | bigint;
  /** Of a duration. */
  readonly nanos: Nanos;
  /** Something was wrong with it that the lexer has told, and that swallowed what follows: an error right behind it is noise. */
  readonly swallowed: boolean;
}
