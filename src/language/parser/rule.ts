/** Whole rules: `across`, the long form, the short form. */
import { didYouMean } from '../../base/suggest.ts';
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import type {
  AcrossNode,
  AttributeNode,
  BoundNode,
  ClauseNode,
  CommentNode,
  ConditionNode,
  EachNode,
  RuleNode,
  SelectorNode,
  WhenNode,
} from '../ast.ts';
import { shorten } from '../lexer.ts';
import type { Token } from '../tokens/token.ts';
import { isWordOfLanguage, quoted, RESERVED_NAMES } from '../tokens/words.ts';
import { parseAttribute } from './attribute.ts';
import { parseCondition } from './condition.ts';
import { type Cursor, found, rangeOf } from './cursor.ts';
import { atIf, reportImplication, reportSql } from './foreign.ts';
import { reportJunk } from './junk.ts';
import { parseDurationOnly, parseSelectorParts } from './selector.ts';

/** What is judged: the parts of a RuleNode that braces of `across` hold. */
interface Judged {
  readonly when: WhenNode | null;
  readonly clauses: readonly ClauseNode[];
  readonly condition: ConditionNode | null;
}

/** Reads a whole text as a rule. Parts that could not be read are left out, which is told. */
export function parseWholeRule(cursor: Cursor, comments: readonly CommentNode[]): RuleNode {
  const { start } = cursor.token;
  const atAcross = cursor.isKeyword('across') && cursor.peek().kind !== '.';
  const { across, judged } = atAcross ? parseAcross(cursor) : { across: null, judged: parseJudged(cursor) };
  const range = cursor.rangeFrom(start);
  if (!cursor.is('end')) reportTrailing(cursor);
  reportUniques(cursor);
  return { kind: 'rule', across, ...judged, comments, range };
}

/** Reads a whole text as a selector. */
export function parseWholeSelector(cursor: Cursor): SelectorNode | null {
  const selector = parseSelectorParts(cursor);
  if (selector !== null && !cursor.is('end')) {
    cursor.report({
      code: 'FL114',
      range: cursor.token,
      message: `expected the end of the selector, but found ${found(cursor.token)}`,
      help: 'a selector is a span name and steps; `and`, `or` and comparisons stand in its `.where(...)` or in a rule',
    });
  }
  reportUniques(cursor);
  return selector;
}

function parseAcross(cursor: Cursor): { across: AcrossNode | null; judged: Judged } {
  const { start } = cursor.advance();
  const key = parseKey(cursor);
  while (!cursor.isInfix('within') && !cursor.is('{') && !cursor.is('end')) cursor.skip();
  const within =
    cursor.takeInfix('within') === null
      ? cursor.unexpected('`within` and a duration', 'write `across payment_intent_id within 10m { ... }`')
      : parseDurationOnly(cursor, '`across`');
  if (within === null) while (!cursor.is('{') && !cursor.is('end')) cursor.advance();
  const open = cursor.index;
  let judged: Judged;
  if (cursor.take('{') === null) {
    cursor.unexpected('`{`', 'put the rule in braces: `across payment_intent_id within 10m { ... }`');
    judged = parseJudged(cursor);
  } else {
    judged = parseJudged(cursor);
    cursor.close(open);
  }
  if (within === null || key.length === 0) return { across: null, judged };
  return { across: { kind: 'across', key, within, range: cursor.rangeFrom(start) }, judged };
}

function parseKey(cursor: Cursor): AttributeNode[] {
  const key: AttributeNode[] = [];
  const open = cursor.index;
  const listed = cursor.take('(') !== null;
  if (cursor.isKeyword('within') && cursor.peek().kind !== 'operator') {
    cursor.unexpected(
      'an attribute behind `across`',
      'name the attribute that the spans share, as in `across payment_intent_id within 10m { ... }`',
    );
    return key;
  }
  do {
    const attribute = parseAttribute(cursor);
    if (attribute === null) {
      if (listed) cursor.leave(open);
      return key;
    }
    key.push(attribute);
  } while (listed && cursor.take(',') !== null);
  if (listed) cursor.close(open, { help: 'separate the attributes of the key with `,`' });
  else if (cursor.is(',') || cursor.isInfix('and')) {
    const text = shorten(cursor.textOf(key[0]?.range ?? cursor.token));
    cursor.unexpected('`within`', `put several attributes in parentheses: \`across (${text}, ...)\``);
  } else if (!cursor.isInfix('within')) {
    cursor.unexpected('`within` and a duration', 'write `across payment_intent_id within 10m { ... }`');
  }
  return key;
}

function parseJudged(cursor: Cursor): Judged {
  if (cursor.is('end') || cursor.is('}')) {
    cursor.report({
      code: 'FL121',
      range: cursor.token,
      message: 'the rule is empty',
      help: 'write a condition, as in `payment.charge and inventory.reserve`, or `when { ... } always { ... }`',
    });
    return { when: null, clauses: [], condition: null };
  }
  if (cursor.atClause()) return parseClauses(cursor);
  if (reportSql(cursor)) return { when: null, clauses: [], condition: null };
  if (atIf(cursor)) cursor.ifToken = cursor.advance();
  cursor.ruleStart = cursor.token.start;
  const condition = parseCondition(cursor);
  cursor.ruleStart = -1;
  // No `then` has been met.
  if (cursor.ifToken !== null) reportImplication(cursor, cursor.ifToken, '', '', null);
  if (cursor.atClause()) {
    cursor.report({
      code: 'FL123',
      range: cursor.token,
      message: `a condition stands before \`${shorten(cursor.token.text)}\`, outside of braces`,
      help: 'write `when { condition } always { ... }`, or the condition alone',
    });
    parseClauses(cursor);
  }
  return { when: null, clauses: [], condition };
}

function parseClauses(cursor: Cursor): Judged {
  let when: WhenNode | null = null;
  let whenAt: Token | null = null;
  let clausesMet = 0;
  const clauses: ClauseNode[] = [];
  for (;;) {
    if (!cursor.atClause()) {
      if (clausesMet + (whenAt === null ? 0 : 1) === 0 || !skipJoiner(cursor)) break;
      continue;
    }
    const token = cursor.token;
    const word = parseClauseWord(cursor);
    if (word === 'when') {
      reportSecondWhen(cursor, token, whenAt !== null, clausesMet > 0);
      const parsed = parseBraced(cursor, token, () => parseTrigger(cursor));
      if (whenAt === null && parsed !== null)
        when = { kind: 'when', ...parsed, range: cursor.rangeFrom(token.start) };
      whenAt ??= token;
    } else {
      clausesMet++;
      const condition = parseBraced(cursor, token, () => parseCondition(cursor));
      const polarity = word === 'never' ? 'never' : 'always';
      if (condition !== null && word !== null) {
        clauses.push({ kind: 'clause', polarity, condition, range: cursor.rangeFrom(token.start) });
      }
    }
  }
  if (whenAt !== null && clausesMet === 0) {
    cursor.report({
      code: 'FL122',
      range: whenAt,
      message: '`when` says when something is due, and nothing is: neither `always` nor `never` follows',
      help: 'add `always { ... }` with what must hold, or `never { ... }` with what must not',
    });
  }
  return { when, clauses, condition: null };
}

/** `when {...} and always {...}`, `when {...}, always {...}`: clauses follow each other with nothing between. */
function skipJoiner(cursor: Cursor): boolean {
  const next = cursor.peek();
  const joins =
    cursor.isInfix('and') ||
    cursor.is(',') ||
    cursor.isInfix('or') ||
    cursor.token.text === ';' ||
    cursor.token.text === 'then';
  if (!joins || next.kind !== 'name' || cursor.peek(2).kind !== '{') return false;
  cursor.report({
    code: 'FL114',
    range: cursor.token,
    message: `expected a clause or the end, but found ${found(cursor.token)}`,
    help: 'write one clause behind the other with nothing between; all of them must hold',
    fix: { range: rangeOf(cursor.token), text: '' },
  });
  cursor.advance();
  return true;
}

/** What people call the clauses. */
const CLAUSE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['if', 'when'],
  ['given', 'when'],
  ['then', 'always'],
  ['must', 'always'],
  ['require', 'always'],
  ['forbid', 'never'],
]);

function parseClauseWord(cursor: Cursor): 'when' | 'always' | 'never' | null {
  const token = cursor.advance();
  for (const word of ['when', 'always', 'never'] as const) {
    if (token.text === word) return word;
    if (token.text.toLowerCase() !== word) continue;
    cursor.reportCase(token, word);
    return word;
  }
  const alias = CLAUSE_ALIASES.get(token.text);
  const near =
    alias === undefined
      ? didYouMean(token.text.slice(0, 60), ['when', 'always', 'never'])
      : `did you mean \`${alias}\`?`;
  cursor.report({
    code: 'FL118',
    range: token,
    message: `no clause is called \`${shorten(token.text)}\`${near === '' ? '' : `: ${near}`}`,
    help: 'the clauses are `when { ... }`, `always { ... }` and `never { ... }`',
  });
  return near.includes('`when`') ? 'when' : null;
}

function reportSecondWhen(cursor: Cursor, token: Token, again: boolean, late: boolean): void {
  if (!again && !late) return;
  cursor.report({
    code: 'FL123',
    range: token,
    message: again
      ? 'a rule has one `when`, and this is another'
      : '`when` comes before `always` and `never`',
    help: again
      ? 'join both in one `when` with `and` or `or`, or write two rules'
      : 'move `when { ... }` to the beginning',
  });
}

function parseBraced<T>(cursor: Cursor, word: Token, parse: () => T | null): T | null {
  const open = cursor.index;
  if (cursor.take('{') === null) {
    cursor.unexpected(`\`{\` behind \`${word.text}\``, `write \`${word.text} { ... }\``);
    return parse();
  }
  if (cursor.is('}')) {
    cursor.report({
      code: 'FL121',
      range: { start: cursor.token.start - 1, end: cursor.token.end },
      message: `there is nothing in the braces of \`${word.text}\``,
      help: 'write a condition in them',
    });
    cursor.leave(open);
    return null;
  }
  const result = parse();
  if (cursor.is(')')) reportClosesNothing(cursor);
  cursor.close(open);
  return result;
}

function parseTrigger(cursor: Cursor): { each: EachNode | null; condition: ConditionNode | null } | null {
  const { token } = cursor;
  const next = cursor.peek();
  const capital =
    token.kind === 'name' && !token.keyword && token.text.toLowerCase() === 'each' && next.kind === 'name';
  if (!cursor.isKeyword('each') && !capital) {
    const condition = parseCondition(cursor);
    return condition && { each: null, condition };
  }
  if (capital) cursor.reportCase(token, 'each');
  const each = parseEach(cursor);
  if (each === null && cursor.bound === null) cursor.bindingBroken = true;
  let condition: ConditionNode | null = null;
  if (cursor.takeInfix('and') !== null) condition = parseCondition(cursor);
  else if (cursor.isInfix('or')) {
    cursor.report({
      code: 'FL124',
      range: cursor.token,
      message: '`or` cannot follow `each`: the bound span is there, whatever else is',
      help: 'write `and` and a condition, or two rules',
    });
    cursor.advance();
    parseCondition(cursor);
  } else if (!cursor.is('}')) {
    reportJunk(cursor, 'condition');
    while (!cursor.is('}') && !cursor.is('end') && !cursor.atClause()) cursor.skip();
  }
  return each === null && condition === null ? null : { each, condition };
}

function parseEach(cursor: Cursor): EachNode | null {
  const { start } = cursor.advance();
  const selector = parseSelectorParts(cursor);
  if (selector === null) while (!cursor.isInfix('as') && !cursor.atBoundary()) cursor.skip();
  if (cursor.takeInfix('as') === null) {
    if (selector !== null) {
      cursor.unexpected(
        '`as` and a name',
        `write \`each ${shorten(cursor.textOf(selector.range))} as r\`: the rest of the rule speaks of the span by that name`,
      );
    }
    if (!cursor.isInfix('and')) while (!cursor.atBoundary()) cursor.skip();
    return null;
  }
  const bound = parseBound(cursor);
  if (bound === null) return null;
  cursor.bound = bound.name;
  return selector && { kind: 'each', selector, bound, range: cursor.rangeFrom(start) };
}

function parseBound(cursor: Cursor): BoundNode | null {
  const { token } = cursor;
  const { text } = token;
  if (token.kind !== 'name' && token.kind !== 'text' && token.kind !== 'odd-name') {
    return cursor.unexpected('a name behind `as`', 'write a word, as in `each payment.charge as charge`');
  }
  const reserved = isWordOfLanguage(text) || (RESERVED_NAMES as readonly string[]).includes(text);
  const plain = token.kind === 'name' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
  if (reserved || !plain) {
    const word = text.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
    cursor.report({
      code: 'FL211',
      range: token,
      message: reserved
        ? `\`${text}\` has a meaning in the language, and cannot be the name of a bound span`
        : `a bound name is one word of letters, digits and \`_\`, without quotes, and \`${shorten(token.kind === 'text' ? quoted(text) : text)}\` is not`,
      help: reserved
        ? 'choose another name, as in `as r`'
        : `choose another name, as in \`as ${shorten(/\w/.test(word) ? word : 'r')}\``,
    });
  }
  cursor.advance();
  return { kind: 'bound', name: text, range: rangeOf(token) };
}

function reportClosesNothing(cursor: Cursor): void {
  cursor.report({
    code: 'FL114',
    range: cursor.token,
    message: `\`${cursor.token.text}\` closes nothing`,
    help: 'take it away, or open what it closes',
    fix: { range: rangeOf(cursor.token), text: '' },
  });
  while (cursor.is(')')) cursor.advance();
  if (cursor.takeInfix('and', 'or') !== null) parseCondition(cursor);
}

/** What stands behind a whole rule. */
function reportTrailing(cursor: Cursor): void {
  if (cursor.is(')') || cursor.is('}')) {
    reportClosesNothing(cursor);
    return;
  }
  cursor.report({
    code: 'FL114',
    range: cursor.token,
    message: `expected the end of the rule, but found ${found(cursor.token)}`,
    help:
      cursor.token.text === ';'
        ? 'take the `;` away: a rule ends where its text ends'
        : 'take it away, or write a rule of its own; one text holds one rule',
  });
}

function reportUniques(cursor: Cursor): void {
  for (const value of cursor.uniques) {
    const range: TextRange = value.range;
    cursor.report({
      code: 'FL129',
      range,
      message:
        '`unique` counts different values, and stands only in the last step behind `count(...)`, alone, after `==`',
      help: 'write `distinct(payment.charge, payment_intent_id) <= 1`; for the text write `"unique"`',
    });
  }
}
