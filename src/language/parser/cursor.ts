/** The parser's place in the tokens: looking, taking, and finding a place to go on after an error. */
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import type { ValueNode } from '../ast.ts';
import { shorten } from '../lexer.ts';
import type { Problem, Problems } from '../problems.ts';
import type { Token, TokenKind } from '../tokens/token.ts';
import type { Keyword } from '../tokens/words.ts';

/** Open parentheses and `not`s at one place. */
const DEEPEST_NESTING = 64;

export class Cursor {
  /** The name that `each` has bound so far. */
  bound: string | null = null;
  /** An `each` is there whose name could not be read: nothing can be said of names that are not bound. */
  bindingBroken = false;
  /** Where the condition that is read began, in the text; the innermost one. */
  conditionStart = -1;
  /** Where the condition that is the whole of a rule began; -1 within clauses. */
  ruleStart = -1;
  /** The `if` before the condition, which is told together with its `then`. */
  ifToken: Token | null = null;
  /** Where `unique` was met as a value; a count takes its own away, and what is left stands in a wrong place. */
  readonly uniques = new Set<ValueNode>();

  readonly #tokens: readonly Token[];
  readonly #problems: Problems;
  readonly #closers: Int32Array;
  #at = 0;
  #depth = 0;
  #abandoned = false;
  /** Index of the last text that was not closed, and may have swallowed brackets. */
  #swallowedAt = -1;
  /** One error a place: what is said second of a token is noise. */
  #lastReported = -1;

  constructor(tokens: readonly Token[], problems: Problems) {
    this.#tokens = tokens;
    this.#problems = problems;
    this.#closers = matchBrackets(tokens);
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  tokenAt(index: number): Token {
    return this.#tokens[index] as Token;
  }

  get index(): number {
    return this.#at;
  }

  /** Where the token before this one ended. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  peek(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  advance(): Token {
    const token = this.token;
    if (token.swallowed) this.#swallowedAt = this.#at;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  is(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  take(kind: TokenKind): Token | null {
    return this.is(kind) ? this.advance() : null;
  }

  isKeyword(word: Keyword, token = this.token): boolean {
    return token.keyword && token.text === word;
  }

  /** Takes a keyword where no name can stand; the same word in capitals is told and taken. */
  takeInfix(...words: Keyword[]): Keyword | null {
    const { token } = this;
    if (token.kind !== 'name') return null;
    for (const word of words) {
      if (token.text.toLowerCase() !== word) continue;
      if (token.text !== word) this.reportCase(token, word);
      this.advance();
      return word;
    }
    return null;
  }

  isInfix(word: Keyword, token = this.token): boolean {
    return token.kind === 'name' && token.text.toLowerCase() === word;
  }

  reportCase(token: Token, word: Keyword): void {
    this.report({
      code: 'FL106',
      range: token,
      message: `\`${token.text}\` is written in small letters: \`${word}\``,
      help: `write \`${word}\``,
      fix: { range: rangeOf(token), text: word },
    });
  }

  /** Whether the token behind this one can stand behind a value. */
  peekEndsValue(): boolean {
    const next = this.peek();
    return (
      [')', ']', '}', ',', 'end'].includes(next.kind) ||
      this.isKeyword('and', next) ||
      this.isKeyword('or', next)
    );
  }

  /** Whether anything was told so far: a text that is not whole is not proposed again. */
  get anyTold(): boolean {
    return this.#problems.any;
  }

  textOf(range: TextRange): string {
    return this.#problems.source.text.slice(range.start, range.end);
  }

  rangeFrom(start: number): TextRange {
    return { start, end: Math.max(start, this.lastEnd) };
  }

  report(problem: Problem): void {
    if (this.#abandoned) return;
    const behind = this.#tokens[this.#at - 1];
    const { start, end } = problem.range;
    if (behind?.swallowed === true && start >= behind.end) return;
    if (start === this.#lastReported) return;
    this.#lastReported = start;
    // Whatever was expected there, an unknown character is the one thing to say.
    const isPlain = problem.code === 'FL112' || problem.code === 'FL113' || problem.code === 'FL114';
    const unknown = isPlain && this.token.kind === 'unknown' && this.token.start === start;
    this.#problems.report({ ...problem, ...(unknown ? { code: 'FL101' } : {}), range: { start, end } });
  }

  /** `expected X but found Y`, at the token in question. */
  unexpected(expected: string, help: string, more: Partial<Problem> = {}): null {
    const { token } = this;
    this.report({
      code: 'FL112',
      range: token,
      message: `expected ${expected}, but found ${found(token)}`,
      help,
      ...more,
    });
    return null;
  }

  /** Runs one level deeper; null, once for all, where that is too deep. */
  deeper<T>(parse: () => T | null): T | null {
    if (this.#depth >= DEEPEST_NESTING) {
      this.report({
        code: 'FL120',
        range: this.token,
        message: `parentheses and \`not\` are nested deeper than ${DEEPEST_NESTING} here`,
        help: 'split the rule into several, or name a selector as a macro of the rule file',
      });
      this.abandon();
      return null;
    }
    this.#depth++;
    const result = parse();
    this.#depth--;
    return result;
  }

  /** Gives the rest of the text up. */
  abandon(): void {
    this.#abandoned = true;
    this.#at = this.#tokens.length - 1;
  }

  /** The index of what closes the bracket at `open`, or null where nothing does. */
  closerOf(open: number): number | null {
    const closer = this.#closers[open] ?? -1;
    return closer < 0 ? null : closer;
  }

  /**
   * Takes the closing bracket of the one at `open`. What stands before it is told, and skipped; a missing one is told, and
   * taken as written.
   */
  close(open: number, more: Partial<Problem> = {}): void {
    const opener = this.#tokens[open] as Token;
    const closer = CLOSERS[opener.kind as keyof typeof CLOSERS];
    if (this.take(closer) !== null) return;
    const match = this.closerOf(open);
    if (match === null) {
      if (this.#swallowedAt > open) return;
      this.report({
        code: 'FL113',
        range: this.token,
        message: `expected \`${closer}\`, which closes the \`${opener.kind}\` before, but found ${found(this.token)}`,
        help: `close the \`${opener.kind}\` with \`${closer}\``,
        // By what stands beside it: a rule in a file has other lines and columns than its own.
        notes: [`it is the one in \`${this.#around(opener)}\``],
      });
      return;
    }
    this.unexpected(`\`${closer}\``, `close the \`${opener.kind}\` before it, or take it away`, more);
    this.#at = Math.max(this.#at, match + 1);
  }

  #around({ start }: TextRange): string {
    const text = this.#problems.source.text;
    const from = Math.max(text.lastIndexOf('\n', start) + 1, start - 24);
    const [line = ''] = text.slice(from, start + 24).split('\n');
    return line.trim();
  }

  /** After an error within brackets: goes behind the closing one, if there is one. */
  leave(open: number): null {
    const match = this.closerOf(open);
    if (match !== null) this.#at = Math.max(this.#at, match + 1);
    return null;
  }

  /** After an error in a term: goes to where the next one may begin, or to what closes the brackets around. */
  recover(): void {
    while (!this.atBoundary()) this.skip();
  }

  /** Takes one token, or all between it and its closing bracket. */
  skip(): void {
    const match = this.closerOf(this.#at);
    if (match === null) this.advance();
    else this.#at = match + 1;
  }

  /** What ends a term: `and`, `or`, a closing bracket, the next clause, the end. */
  atBoundary(): boolean {
    const { token } = this;
    if (token.kind === 'end' || token.kind === ')' || token.kind === '}') return true;
    return this.isInfix('and') || this.isInfix('or') || this.atClause();
  }

  /** A word that begins a clause; or any name before a brace, where no name can stand. */
  atClause(): boolean {
    const next = this.peek().kind;
    if (this.token.kind !== 'name') return false;
    if (next === '{') return true;
    const isWord = this.isKeyword('when') || this.isKeyword('always') || this.isKeyword('never');
    return isWord && next !== '.' && next !== 'operator';
  }
}

const CLOSERS = { '(': ')', '[': ']', '{': '}' } as const;

/** For each opening bracket the index of its closing one, else -1. Linear: each token is pushed and popped once. */
function matchBrackets(tokens: readonly Token[]): Int32Array {
  const closers = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  const waiting = { ')': 0, ']': 0, '}': 0 };
  for (const [index, { kind }] of tokens.entries()) {
    if (kind === '(' || kind === '[' || kind === '{') {
      open.push(index);
      waiting[CLOSERS[kind]]++;
    } else if ((kind === ')' || kind === ']' || kind === '}') && waiting[kind] > 0) {
      // What was opened in between is never closed.
      for (let top = open.pop(); top !== undefined; top = open.pop()) {
        const closer = CLOSERS[tokens[top]?.kind as keyof typeof CLOSERS];
        waiting[closer]--;
        if (closer !== kind) continue;
        closers[top] = index;
        break;
      }
    }
  }
  return closers;
}

export function rangeOf(node: TextRange): TextRange {
  return { start: node.start, end: node.end };
}

/** A token as a message calls it. */
export function found(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the text';
    case 'text':
      return `the text \`"${shorten(token.text)}"\``;
    case 'macro':
      return `\`$${shorten(token.text)}\``;
    case 'unknown':
      return `\`${printable(shorten(token.text))}\`, which the language has no use for`;
    default:
      return `\`${shorten(token.text)}\``;
  }
}

/** Characters that cannot be seen are told by their number. */
function printable(text: string): string {
  return text.replace(
    /[\p{C}\p{Z}]/gu,
    (char) => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}
