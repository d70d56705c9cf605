/** Predicates: what is asked of one span. */
import type { ComparisonOperator, LeftNode, PredicateNode, TextOperator } from '../ast.ts';
import { nearest, shorten } from '../lexer.ts';
import type { Token } from '../tokens/token.ts';
import {
  CONDITION_FUNCTIONS,
  CONVERSIONS,
  type Conversion,
  quoted,
  TEXT_OPERATORS,
} from '../tokens/words.ts';
import { parseAttribute } from './attribute.ts';
import { type Cursor, rangeOf } from './cursor.ts';
import { reportJunk } from './junk.ts';
import { parseList, parseRight } from './value.ts';

/** Reads `predicate` up to what closes it; null where there is none, which is told. */
export function parsePredicate(cursor: Cursor): PredicateNode | null {
  return joined(cursor, 'or', () => joined(cursor, 'and', () => parseTerm(cursor)));
}

function joined(cursor: Cursor, word: 'and' | 'or', parse: () => PredicateNode | null): PredicateNode | null {
  const { start } = cursor.token;
  const terms: PredicateNode[] = [];
  do {
    const term = parse();
    if (term !== null) terms.push(term);
    if (term === null) cursor.recover();
    else if (!cursor.atBoundary()) {
      reportJunk(cursor, 'predicate');
      cursor.recover();
    }
  } while (cursor.takeInfix(word) !== null);
  const [first] = terms;
  if (first === undefined) return null;
  return terms.length === 1 ? first : { kind: `p-${word}`, terms, range: cursor.rangeFrom(start) };
}

/** Whether an operator of predicates is next: in a condition none can stand behind a selector. */
export function atPredicateOperator(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind === 'operator') return true;
  if (token.kind === 'unknown') return token.text === '!~';
  const words = [...TEXT_OPERATORS, 'in', 'exists'] as const;
  if (words.some((word) => cursor.isKeyword(word))) return true;
  return cursor.isKeyword('not') && words.some((word) => cursor.isKeyword(word, cursor.peek()));
}

/** One test, without the `and` behind it. */
export function parseOneTest(cursor: Cursor): PredicateNode | null {
  return parseTerm(cursor);
}

function parseTerm(cursor: Cursor): PredicateNode | null {
  const { token } = cursor;
  if (cursor.isKeyword('not') || isCapitalNot(cursor)) {
    if (!token.keyword) cursor.reportCase(token, 'not');
    cursor.advance();
    return cursor.deeper(() => {
      const term = parseTerm(cursor);
      return term && { kind: 'p-not', term, range: cursor.rangeFrom(token.start) };
    });
  }
  return parseTest(cursor);
}

/** `NOT verified`, `Not (a)`: an attribute of that name would have an operator behind it. */
export function isCapitalNot(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind !== 'name' || token.text === 'not' || token.text.toLowerCase() !== 'not') return false;
  const next = cursor.peek();
  return (
    next.kind === '(' ||
    next.kind === 'text' ||
    next.kind === 'macro' ||
    (next.kind === 'name' && !next.keyword)
  );
}

function parseTest(cursor: Cursor): PredicateNode | null {
  const { token } = cursor;
  if (token.kind === '(') {
    const open = cursor.index;
    cursor.advance();
    return cursor.deeper(() => {
      const inner = parsePredicate(cursor);
      cursor.close(open);
      return inner;
    });
  }
  if (
    token.kind === 'number' ||
    token.kind === 'duration' ||
    cursor.isKeyword('true') ||
    cursor.isKeyword('false')
  ) {
    return swappedTest(cursor);
  }
  const left = parseLeft(cursor);
  if (left === null) return null;
  return parseOperator(cursor, left);
}

/** `1000 < amount`: the attribute stands on the left. */
function swappedTest(cursor: Cursor): PredicateNode | null {
  const value = parseRight(cursor);
  const operator = cursor.token;
  if (value === null || value.kind === 'reference') return null;
  if (operator.kind !== 'operator') {
    return cursor.unexpected(
      `an operator behind \`${shorten(value.raw)}\``,
      'begin a test with an attribute, as in `amount > 1000`',
    );
  }
  cursor.advance();
  const left = parseLeft(cursor);
  if (left === null) return null;
  const turned = turn(operator.text as ComparisonOperator);
  const range = { start: value.range.start, end: cursor.lastEnd };
  const text = `${cursor.textOf(left.range)} ${turned} ${cursor.textOf(value.range)}`;
  cursor.report({
    code: 'FL126',
    range: value.range,
    message: `\`${shorten(value.raw)}\` stands on the left side, where an attribute belongs`,
    help: `write \`${shorten(text, 80)}\``,
    fix: { range, text },
  });
  reportThirdSide(cursor);
  return { kind: 'test', left, operator: turned, right: value, range };
}

function reportThirdSide(cursor: Cursor): void {
  if (!cursor.is('operator')) return;
  cursor.report({
    code: 'FL134',
    range: cursor.token,
    message: 'a comparison has two sides, and this is a third',
    help: 'join two comparisons with `and`, as in `amount > 10 and amount < 100`',
  });
  cursor.recover();
}

/** The operator that says the same with its sides exchanged. */
export function turn(operator: ComparisonOperator): ComparisonOperator {
  return ({ '>': '<', '>=': '<=', '<': '>', '<=': '>=', '==': '==', '!=': '!=' } as const)[operator];
}

function parseLeft(cursor: Cursor): LeftNode | null {
  const { token } = cursor;
  if (token.kind === 'name' && token.call) {
    if ((CONVERSIONS as readonly string[]).includes(token.text)) return parseConversion(cursor, token);
    reportCall(cursor, token);
    cursor.advance();
    return cursor.leave(cursor.index);
  }
  if (token.kind === 'name' && token.keyword) return keywordOnTheLeft(cursor, token);
  if (
    token.kind === 'name' &&
    (token.text.startsWith('this.') || (token.text === 'this' && cursor.peek().kind === '.'))
  ) {
    cursor.report({
      code: 'FL135',
      range: token,
      message: '`this` stands on the right side only: the left side is the span in question as it is',
      help: `write the attribute alone${token.text.length > 5 ? `: \`${shorten(token.text.slice(5))}\`` : ''}`,
      fix: token.text.length > 5 ? { range: rangeOf(token), text: token.text.slice(5) } : undefined,
    });
  }
  const attribute = parseAttribute(cursor);
  return attribute && { kind: 'left', attribute, convert: null, range: attribute.range };
}

function parseConversion(cursor: Cursor, token: Token): LeftNode | null {
  cursor.advance();
  const open = cursor.index;
  cursor.advance();
  const attribute = parseAttribute(cursor);
  if (attribute === null) return cursor.leave(open);
  cursor.close(open, { help: `\`${token.text}\` converts one attribute, as in \`${token.text}(amount)\`` });
  return { kind: 'left', attribute, convert: token.text as Conversion, range: cursor.rangeFrom(token.start) };
}

/** `in == 1`: a keyword with an operator behind it was to be a name. */
function keywordOnTheLeft(cursor: Cursor, token: Token): LeftNode | null {
  const next = cursor.peek();
  const range = rangeOf(token);
  if (next.kind !== 'operator' && !cursor.isKeyword('exists', next) && !cursor.isKeyword('in', next)) {
    return cursor.unexpected(
      'an attribute',
      token.text === 'exists'
        ? 'write `exists` behind the attribute, as in `tenant_id exists`'
        : 'begin a test with an attribute, as in `amount > 1000`',
    );
  }
  cursor.report({
    code: 'FL111',
    range,
    message: `\`${token.text}\` is a word of the language, and no attribute when it is not quoted`,
    help: `write \`${quoted(token.text)}\``,
    fix: { range, text: quoted(token.text) },
  });
  cursor.advance();
  const attribute = { kind: 'attribute', where: 'any', name: token.text, quoted: true, range } as const;
  return { kind: 'left', attribute, convert: null, range };
}

/** `count(x)` and `lower(x)` within a predicate, and `tags.contains("x")`. */
function reportCall(cursor: Cursor, token: Token): void {
  const isCondition = (CONDITION_FUNCTIONS as readonly string[]).includes(token.text);
  const near = nearest(token.text, CONVERSIONS);
  cursor.report({
    code: isCondition ? 'FL130' : 'FL115',
    range: token,
    message: isCondition
      ? `\`${token.text}\` asks about a whole trace, and a predicate asks one span`
      : `unknown function \`${shorten(token.text)}\`${near === null ? '' : `: did you mean \`${near}\`?`}`,
    help: isCondition
      ? 'move it out of the predicate, next to the selector'
      : 'a predicate knows `number(attribute)` and `text(attribute)`; compare with operators',
  });
}

function parseOperator(cursor: Cursor, left: LeftNode): PredicateNode | null {
  const { token } = cursor;
  const { start } = left.range;
  if (token.kind === 'operator') {
    cursor.advance();
    return comparison(cursor, left, token.text as ComparisonOperator);
  }
  if (token.kind === 'unknown' && token.text === '!~') return notMatching(cursor, left);
  if (token.kind === '.' && cursor.peek().call) return methodCall(cursor, left);
  const text = cursor.takeInfix(...TEXT_OPERATORS);
  if (text !== null) return comparison(cursor, left, text as TextOperator);
  const not = cursor.isInfix('not') ? cursor.token : null;
  if (not !== null) {
    const next = cursor.peek();
    if (cursor.isInfix('in', next) || cursor.isInfix('exists', next)) cursor.takeInfix('not');
    else return notOperator(cursor, left, next);
  }
  if (cursor.takeInfix('exists') !== null) {
    return { kind: 'exists', left, negated: not !== null, range: cursor.rangeFrom(start) };
  }
  if (cursor.takeInfix('in') !== null) {
    const list = parseList(cursor);
    return list && { kind: 'in', left, negated: not !== null, list, range: cursor.rangeFrom(start) };
  }
  if (token.kind === 'name' && !token.keyword && !cursor.atBoundary() && token.text !== '*') {
    if (!isNull(cursor, left) && !likeText(cursor, left, null)) reportOperator(cursor, token);
    return null;
  }
  return { kind: 'is-true', left, range: cursor.rangeFrom(start) };
}

/** `path !~ "x"`, of PromQL and TraceQL. */
function notMatching(cursor: Cursor, left: LeftNode): PredicateNode | null {
  const operator = cursor.advance();
  const term = comparison(cursor, left, 'matches');
  const range = cursor.rangeFrom(left.range.start);
  const text = `not ${cursor.textOf(left.range)} matches ${cursor.textOf({ start: operator.end, end: range.end }).trim()}`;
  cursor.report({
    code: 'FL105',
    range: operator,
    message: '`!~` is `not ... matches` in this language',
    help: `write \`${shorten(text, 80)}\`; the expression is RE2 and matches the whole text`,
    fix: { range, text },
  });
  return term && { kind: 'p-not', term, range };
}

function comparison(
  cursor: Cursor,
  left: LeftNode,
  operator: ComparisonOperator | TextOperator,
): PredicateNode | null {
  if (cursor.is('[')) {
    return cursor.unexpected('one value', 'write `in [...]` to compare with each value of a list');
  }
  const right = parseRight(cursor);
  if (right === null) return null;
  const test: PredicateNode = {
    kind: 'test',
    left,
    operator,
    right,
    range: cursor.rangeFrom(left.range.start),
  };
  reportThirdSide(cursor);
  return test;
}

/** `path.starts_with("/admin")`: an operator stands between its sides. */
function methodCall(cursor: Cursor, left: LeftNode): null {
  const dot = cursor.advance();
  const name = cursor.advance();
  const known = (TEXT_OPERATORS as readonly string[]).includes(name.text);
  const operator = operatorMeant(name.text);
  cursor.report({
    code: 'FL117',
    range: { start: dot.start, end: name.end },
    message: `an attribute has no functions, and \`.${shorten(name.text)}(\` calls one`,
    help:
      operator !== null || known
        ? `write \`${shorten(cursor.textOf(left.range))} ${operator ?? name.text} ...\`, without parentheses`
        : 'compare with an operator, as in `table contains "x"`',
  });
  return cursor.leave(cursor.index);
}

/** `path not contains "x"`: only `in` and `exists` take `not` before them. */
function notOperator(cursor: Cursor, left: LeftNode, next: Token): null {
  if (/^i?like$/i.test(next.text) && cursor.peek(2).kind === 'text') {
    const not = cursor.advance();
    likeText(cursor, left, not);
    return null;
  }
  const isText = next.kind === 'name' && (TEXT_OPERATORS as readonly string[]).includes(next.text);
  return cursor.unexpected(
    '`in` or `exists` behind `not`',
    isText
      ? `put \`not\` in front: \`not ${shorten(cursor.textOf(left.range))} ${next.text} ...\``
      : 'put `not` in front of the whole comparison',
    { range: cursor.token },
  );
}

/** `is null`, `is not null`, of SQL. Takes it; false where it is not here. */
function isNull(cursor: Cursor, left: LeftNode): boolean {
  const { token } = cursor;
  if (token.text.toLowerCase() !== 'is') return false;
  const negated = cursor.isInfix('not', cursor.peek());
  const value = cursor.peek(negated ? 2 : 1);
  if (value.kind !== 'name' || !/^(?:null|nil|none|undefined|missing|set)$/i.test(value.text)) return false;
  const exists = negated !== (value.text.toLowerCase() === 'set');
  for (let words = negated ? 3 : 2; words > 0; words--) cursor.advance();
  const text = `${cursor.textOf(left.range)} ${exists ? 'exists' : 'not exists'}`;
  cursor.report({
    code: 'FL117',
    range: { start: token.start, end: value.end },
    message: `there is no \`${value.text}\` in this language: an attribute is there or it is not`,
    help: `write \`${shorten(text, 80)}\``,
    fix: { range: { start: left.range.start, end: value.end }, text },
  });
  return true;
}

/** `like "%x"`, of SQL: `%` stands for any text. Takes it; false where it is not here. */
function likeText(cursor: Cursor, left: LeftNode, not: Token | null): boolean {
  const { token } = cursor;
  const value = cursor.peek();
  if (!/^i?like$/i.test(token.text) || value.kind !== 'text' || (not === null && !value.text.includes('%')))
    return false;
  const [, before = '', middle = '', after = ''] = /^(%?)(.*?)(%?)$/s.exec(value.text) ?? [];
  const [operator, text] =
    /[%_]/.test(middle) && middle.includes('%')
      ? ['matches', value.text.split('%').map(literalRe2).join('.*')]
      : [
          before !== '' ? (after !== '' ? 'contains' : 'ends_with') : after !== '' ? 'starts_with' : '==',
          middle,
        ];
  cursor.advance();
  cursor.advance();
  const proposal = `${not === null ? '' : 'not '}${cursor.textOf(left.range)} ${operator} ${quoted(text)}`;
  cursor.report({
    code: 'FL117',
    range: token,
    message: `unknown operator \`${token.text}\`: did you mean \`${operator}\`?`,
    help: `write \`${shorten(proposal, 80)}\``,
    fix: { range: { start: left.range.start, end: value.end }, text: proposal },
  });
  return true;
}

function literalRe2(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** What other languages call the operators. */
const OPERATOR_ALIASES: Readonly<Record<string, string>> = {
  is: '==',
  eq: '==',
  equals: '==',
  equal: '==',
  ne: '!=',
  neq: '!=',
  gt: '>',
  gte: '>=',
  ge: '>=',
  lt: '<',
  lte: '<=',
  le: '<=',
  like: 'contains',
  ilike: 'contains',
  includes: 'contains',
  include: 'contains',
  has: 'contains',
  startswith: 'starts_with',
  begins_with: 'starts_with',
  endswith: 'ends_with',
  match: 'matches',
  regex: 'matches',
  exist: 'exists',
};

function operatorMeant(name: string): string | null {
  const lower = name.toLowerCase();
  if (Object.hasOwn(OPERATOR_ALIASES, lower)) return OPERATOR_ALIASES[lower] ?? null;
  return nearest(lower, [...TEXT_OPERATORS, 'exists', 'in']);
}

function reportOperator(cursor: Cursor, token: Token): void {
  const meant = operatorMeant(token.text);
  cursor.report({
    code: 'FL117',
    range: token,
    message: `unknown operator \`${shorten(token.text)}\`${meant === null ? '' : `: did you mean \`${meant}\`?`}`,
    help: 'the operators are == != > >= < <= matches contains starts_with ends_with in exists; terms are joined with `and` or `or`',
    fix: meant === null ? undefined : { range: rangeOf(token), text: meant },
  });
}
