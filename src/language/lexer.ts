/**
 * Cuts a rule's text into tokens, in one pass and linear time. Spellings of other languages (`=`, `&&`, `'text'`) are told and
 * read as what they mean, so that one slip is one error.
 */
import { suggest } from '../base/suggest.ts';
import type { TextRange } from '../diagnostic/diagnostic.ts';
import type { CommentNode } from './ast.ts';
import type { Problems } from './problems.ts';
import { durationMeant, readDuration, readNumber } from './tokens/number.ts';
import type { Token, TokenKind } from './tokens/token.ts';
import { isKeyword, quoted, STEPS } from './tokens/words.ts';

interface Lexed {
  /** Ends with the one token of kind `end`. */
  readonly tokens: readonly Token[];
  readonly comments: readonly CommentNode[];
}

export function lex(text: string, problems: Problems): Lexed {
  return new Lexer(text, problems).run();
}

const BLANKS = /[\s\uFEFF]+/uy;
const COMMENT = /\/\/[^\n]*/y;
/** Comments of other languages: `# note`, `-- note`. */
const FOREIGN_COMMENT = /(?:#|--(?=\s))[^\n]*/y;
/** What makes `=>` behind a measure a comparison, and not "then". */
const QUANTITY_FOLLOWS = /=>\s*(?:[-\d]|(?:trace\.)?(?:count|sum|distinct)\b|trace\.duration\b)/y;
const NAME = /[A-Za-z_*][A-Za-z0-9_*-]*(?:\.[A-Za-z_*][A-Za-z0-9_*-]*)*/y;
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** Numbers as other languages write them: `.5`, `+5`. */
const ODD_NUMBER = /\+?\.?[0-9][A-Za-z0-9_.]*/y;
const MACRO = /\$[A-Za-z_][A-Za-z0-9_-]*/y;
/** What glued to a name or a number makes it one that needs quotes; `//` begins a comment instead. */
const ODD_TAIL = /(?:(?!\/\/)[/:@#%~^?\\\p{L}\p{M}\p{N}_*.-])+/uy;
/** Few marks before the first letter: a longer run is looked at once only. */
const ODD_START = /(?:(?!\/\/)[/:@%~^?\\]){0,3}[\p{L}\p{N}_]/uy;
const OPERATORS = /[=!<>~&|≥≤≠]+/uy;
const UNKNOWN = /[^\s(){}[\],."'“”‘’`$=!<>~&|≥≤≠A-Za-z0-9_*\p{L}/-]+/uy;

/** Each spelling of an operator with what it is in this language. */
const OPERATOR_SPELLINGS: Readonly<Record<string, string>> = {
  '==': '==',
  '!=': '!=',
  '>=': '>=',
  '<=': '<=',
  '>': '>',
  '<': '<',
  '=': '==',
  '===': '==',
  '!==': '!=',
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '=~': 'matches',
  '~': 'matches',
  '&&': 'and',
  '&': 'and',
  '||': 'or',
  '|': 'or',
  '!': 'not',
};

/** Quotes of other languages and of word processors, with what may close them. */
const FOREIGN_QUOTES: Readonly<Record<string, string>> = {
  "'": "'’",
  '‘': "’‘'",
  '’': "’'",
  '“': '”“"',
  '”': '”“"',
  '`': '`',
};

const NOTHING_MORE: Partial<Token> = {};

class Lexer {
  readonly #text: string;
  readonly #problems: Problems;
  readonly #tokens: Token[] = [];
  readonly #comments: CommentNode[] = [];
  #at = 0;
  /** Those that are open here. */
  #parentheses = 0;

  constructor(text: string, problems: Problems) {
    this.#text = text;
    this.#problems = problems;
  }

  run(): Lexed {
    while (this.#at < this.#text.length) this.#next();
    const end = this.#tokens.at(-1)?.end ?? 0;
    this.#push('end', end, end, '');
    return { tokens: this.#tokens, comments: this.#comments };
  }

  #next(): void {
    if (this.#match(BLANKS) !== null) return;
    const start = this.#at;
    const char = this.#text.charAt(start);
    if ((char === '.' || char === '+') && this.#match(ODD_NUMBER) !== null) {
      this.#push('odd-number', start, this.#at, this.#text.slice(start, this.#at));
      return;
    }
    const kind = this.#bracketOrMark(char);
    if (kind !== null) this.#push(kind, start, this.#at, char);
    else if (char === '"') this.#string();
    else if (char in FOREIGN_QUOTES) this.#foreignString(char);
    else if (this.#foreignCommentHere(start)) return;
    else if (!this.#commentHere(start) && !this.#nameHere(start) && !this.#numberHere(start)) {
      this.#otherHere(start);
    }
  }

  #bracketOrMark(char: string): TokenKind | null {
    if (!'(){}[],.'.includes(char)) return null;
    if (char === '(') this.#parentheses++;
    if (char === ')') this.#parentheses--;
    // A slip must not make the rest of the rule look parenthesised.
    if (char === '{' || char === '}') this.#parentheses = 0;
    if (char === '(') this.#splitCall();
    this.#at++;
    return char as TokenKind;
  }

  #otherHere(start: number): void {
    const macro = this.#match(MACRO);
    if (macro !== null) {
      this.#push('macro', start, this.#at, macro.slice(1));
      return;
    }
    if (this.#looksOdd()) {
      this.#at = start;
      this.#oddTail();
      this.#push('odd-name', start, this.#at, this.#text.slice(start, this.#at));
      return;
    }
    if (this.#text.startsWith('->', start) || this.#thenHere(start) || this.#text.startsWith('!~', start)) {
      this.#at = start + 2;
      this.#push('unknown', start, this.#at, this.#text.slice(start, this.#at));
      return;
    }
    const operators = this.#match(OPERATORS);
    if (operators !== null) {
      this.#operators(start, operators);
      return;
    }
    if (this.#match(UNKNOWN) === null) this.#at++;
    this.#push('unknown', start, this.#at, this.#text.slice(start, this.#at));
  }

  /** Whether `=>` says "then" here, as between two conditions; else it is a misspelt `>=`. */
  #thenHere(start: number): boolean {
    if (this.#parentheses > 0 || !this.#text.startsWith('=>', start)) return false;
    const before = this.#tokens.at(-1);
    const behindMeasure = before?.kind === ')' || before?.text === 'trace.duration';
    QUANTITY_FOLLOWS.lastIndex = start;
    return !(behindMeasure && QUANTITY_FOLLOWS.test(this.#text));
  }

  #foreignCommentHere(start: number): boolean {
    if (this.#match(FOREIGN_COMMENT) === null) return false;
    const mark = this.#text.startsWith('#', start) ? '#' : '--';
    const range = { start, end: start + mark.length };
    this.#problems.report({
      code: 'FL101',
      range,
      message: `\`${mark}\` begins no comment in this language`,
      help: 'a comment begins with `//`',
      fix: { range, text: '//' },
    });
    return true;
  }

  #commentHere(start: number): boolean {
    const written = this.#match(COMMENT);
    if (written === null) return false;
    const text = written.trimEnd();
    const lineStart = this.#text.lastIndexOf('\n', start - 1) + 1;
    // Only what stands between the line's start and here is looked at, and a line has one comment: linear in all.
    const ownLine = start === 0 || this.#text.slice(lineStart, start).trim() === '';
    this.#comments.push({ range: { start, end: start + text.length }, text, ownLine });
    return true;
  }

  #nameHere(start: number): boolean {
    const name = this.#match(NAME);
    if (name === null) return false;
    if (this.#oddTail()) {
      this.#push('odd-name', start, this.#at, this.#text.slice(start, this.#at));
      return true;
    }
    const behindDot = this.#tokens.at(-1)?.kind === '.';
    this.#push('name', start, this.#at, name, { keyword: isKeyword(name) && !behindDot });
    return true;
  }

  #numberHere(start: number): boolean {
    const number = this.#match(NUMBER);
    if (number === null) return false;
    if (this.#oddTail()) this.#duration(start, this.#text.slice(start, this.#at));
    else if (this.#text.charAt(this.#at) === '.') {
      this.#at++;
      this.#push('odd-number', start, this.#at, this.#text.slice(start, this.#at));
    } else this.#number(start, number);
    return true;
  }

  /** A number with something glued to it: a duration, or something that was to be one, or a name. */
  #duration(start: number, raw: string): void {
    const nanos = readDuration(raw);
    if (nanos !== null) this.#push('duration', start, this.#at, raw, { nanos });
    else if (durationMeant(raw) !== null || /^-?[\d_.,]+$/.test(raw)) {
      this.#push('odd-number', start, this.#at, raw);
    } else this.#push('odd-name', start, this.#at, raw);
  }

  #number(start: number, number: string): void {
    const reading = readNumber(number);
    if (!reading.ok) {
      this.#problems.report({
        code: 'FL109',
        range: { start, end: this.#at },
        message:
          reading.problem === 'range'
            ? `the number \`${shorten(number)}\` is outside of what an attribute can hold`
            : `the number \`${shorten(number)}\` has more digits than a double can hold`,
        help:
          reading.problem === 'range'
            ? 'write a number between -1.8e308 and 1.8e308; text that consists of digits is quoted'
            : `write \`${reading.nearest}\`, which is what it would be compared as`,
      });
    }
    this.#push('number', start, this.#at, number, { value: reading.ok ? reading.value : reading.nearest });
  }

  /** A `(` follows: the last part of a NAME is a function or a step, and a token of its own. */
  #splitCall(): void {
    const last = this.#tokens.at(-1);
    if (last === undefined || (last.kind !== 'name' && last.kind !== 'odd-name') || last.keyword) return;
    const dot = last.text.lastIndexOf('.');
    // A NAME behind a dot, as in `.within (`, is a step too. An odd name is cut only before a step that is known.
    const tail = last.text.slice(dot + 1);
    if (last.kind === 'odd-name' && (dot === -1 || !(STEPS as readonly string[]).includes(tail))) return;
    this.#tokens.pop();
    if (dot > 0) {
      this.#push(last.kind, last.start, last.start + dot, last.text.slice(0, dot));
      this.#push('.', last.start + dot, last.start + dot + 1, '.');
    }
    this.#push('name', last.start + dot + 1, last.end, tail, { call: true });
  }

  #string(): void {
    const start = this.#at;
    const parts: string[] = [];
    let from = start + 1;
    let at = from;
    for (; at < this.#text.length; at++) {
      const char = this.#text.charAt(at);
      if (char === '"' || char === '\n') break;
      if (char !== '\\') continue;
      const escaped = this.#text.charAt(at + 1);
      if (escaped === '"' || escaped === '\\') {
        parts.push(this.#text.slice(from, at));
        from = at + 1;
        at++;
      } else if (escaped !== '\n' && escaped !== '') this.#unknownEscape(at, escaped);
    }
    const closed = this.#text.charAt(at) === '"';
    if (!closed) at = this.#beforeClosers(start + 1, at);
    parts.push(this.#text.slice(Math.min(from, at), at));
    this.#at = at;
    if (closed) this.#at++;
    else this.#unterminated({ start, end: at }, '"');
    this.#push('text', start, this.#at, parts.join(''), { swallowed: !closed });
  }

  #unknownEscape(at: number, escaped: string): void {
    const char = String.fromCodePoint(this.#text.codePointAt(at + 1) ?? 0);
    const range = { start: at, end: at + 1 + char.length };
    this.#problems.report({
      code: 'FL103',
      range,
      message: `\`\\${char}\` is no escape: only \`\\"\` and \`\\\\\` are`,
      help: `write \`\\\\${char}\`: a backslash is doubled${/[a-zA-Z.]/.test(escaped) ? ', also in a regular expression' : ''}`,
      fix: { range, text: `\\\\${char}` },
    });
  }

  #foreignString(quote: string): void {
    const start = this.#at;
    const closers = FOREIGN_QUOTES[quote] ?? quote;
    let at = start + 1;
    while (
      at < this.#text.length &&
      this.#text.charAt(at) !== '\n' &&
      !closers.includes(this.#text.charAt(at))
    )
      at++;
    const closed = at < this.#text.length && this.#text.charAt(at) !== '\n';
    if (!closed) at = this.#beforeClosers(start + 1, at);
    this.#at = closed ? at + 1 : at;
    const range = { start, end: this.#at };
    const text = this.#text.slice(start + 1, at);
    if (!closed) this.#unterminated(range, quote);
    else {
      this.#problems.report({
        code: 'FL104',
        range,
        message: `a text stands in double quotes, not in ${quote === '`' ? 'back' : '“”'.includes(quote) ? 'curved' : 'single'} quotes`,
        help: `write \`${shorten(quoted(text))}\``,
        fix: { range, text: quoted(text) },
      });
    }
    this.#push('text', start, this.#at, text, { swallowed: !closed });
  }

  /** A text that is not closed has most likely swallowed the brackets at the end of its line: they are given back. */
  #beforeClosers(start: number, end: number): number {
    let at = end;
    while (at > start && /[\s)\]}]/.test(this.#text.charAt(at - 1))) at--;
    return at;
  }

  #unterminated(range: TextRange, quote: string): void {
    this.#problems.report({
      code: 'FL102',
      range,
      message: `the text that begins with \`${quote}\` is not closed on its line`,
      help: 'close it with `"`; a quote inside is written `\\"`',
    });
  }

  #operators(start: number, run: string): void {
    const range = { start, end: this.#at };
    // `>-1` is cut by the number that follows; `!(` and `==!x` are runs of more than one.
    const spelling = Object.hasOwn(OPERATOR_SPELLINGS, run) ? run : longestSpelling(run);
    if (spelling === '' || run.length > 3) {
      this.#push('unknown', start, this.#at, run);
      return;
    }
    this.#at = start + spelling.length;
    const meant = OPERATOR_SPELLINGS[spelling] ?? spelling;
    if (meant !== spelling) {
      const end = this.#at;
      const glued = isKeyword(meant) && /[A-Za-z0-9_*-]/.test(this.#text.charAt(end)) ? ' ' : '';
      const before = isKeyword(meant) && /[A-Za-z0-9_*-]/.test(this.#text.charAt(start - 1)) ? ' ' : '';
      this.#problems.report({
        code: 'FL105',
        range: { start, end },
        message: `\`${spelling}\` is \`${meant}\` in this language`,
        help: `write \`${meant}\`${meant === '==' || meant === 'matches' ? '' : ` instead of \`${spelling}\``}`,
        fix: { range: { start, end }, text: `${before}${meant}${glued}` },
      });
    }
    const keyword = isKeyword(meant);
    this.#push(keyword ? 'name' : 'operator', start, Math.min(this.#at, range.end), meant, { keyword });
  }

  /** Takes what is glued to a name or number and cannot be part of one; false when there is nothing such. */
  #oddTail(): boolean {
    const from = this.#at;
    const tail = this.#match(ODD_TAIL);
    if (tail === null) return false;
    // A dot or a mark at the end belongs to what follows: `count(x) == 5.`, `when: {`.
    const kept = trimMarks(tail);
    this.#at = from + kept.length;
    return kept !== '';
  }

  /** Whether a name with other characters begins here: `/api`, `größe`. */
  #looksOdd(): boolean {
    return this.#match(ODD_START) !== null;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null || match[0] === '') return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #push(
    kind: TokenKind,
    start: number,
    end: number,
    text: string,
    more: Partial<Token> = NOTHING_MORE,
  ): void {
    const { keyword = false, call = false, value = 0, nanos = 0n, swallowed = false } = more;
    this.#tokens.push({ kind, start, end, text, keyword, call, value, nanos, swallowed });
  }
}

function longestSpelling(run: string): string {
  for (const length of [2, 1]) {
    const start = run.slice(0, length);
    if (Object.hasOwn(OPERATOR_SPELLINGS, start)) return start;
  }
  return '';
}

function trimMarks(tail: string): string {
  let end = tail.length;
  while (end > 0 && '.:?%@#~^\\'.includes(tail.charAt(end - 1))) end--;
  return tail.slice(0, end);
}

/** The start of a long text, for messages. */
export function shorten(text: string, length = 40): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The nearest of some words, or null. */
export function nearest(wanted: string, candidates: Iterable<string>): string | null {
  return suggest(wanted.slice(0, 60), candidates, 1)[0] ?? null;
}
