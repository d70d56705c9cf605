/** Conditions: what is asked of a whole scope. */
import type { ConditionNode, SelectorNode } from '../ast.ts';
import { nearest, shorten } from '../lexer.ts';
import { attributeNameSpelling } from '../print/spelling.ts';
import { printSelector } from '../print.ts';
import type { Token, TokenKind } from '../tokens/token.ts';
import { CONDITION_FUNCTIONS, quoted, STEPS } from '../tokens/words.ts';
import { type Cursor, rangeOf } from './cursor.ts';
import {
  asksNoSpan,
  atImplication,
  atLooseWhere,
  atRelation,
  atTraceQl,
  helpForMetric,
  parseLooseAs,
  parseTraceQl,
  reportImplication,
  reportLooseWhere,
  reportRelation,
} from './foreign.ts';
import { attributeMeant } from './foreign-attribute.ts';
import { reportJunk } from './junk.ts';
import {
  atMeasure,
  atSwappedComparison,
  atTraceDuration,
  parseComparison,
  swappedComparison,
} from './measure.ts';
import { atPredicateOperator, isCapitalNot, parseOneTest, parsePredicate } from './predicate.ts';
import {
  parseDurationOnly,
  parseOneSelector,
  parseSelectorParts,
  parseSteps,
  withOuterSteps,
} from './selector.ts';

/** Reads `condition` up to what ends it; null where there is none, which is told. */
export function parseCondition(cursor: Cursor): ConditionNode | null {
  const outer = cursor.conditionStart;
  cursor.conditionStart = cursor.token.start;
  const condition = joined(cursor, 'or', () => joined(cursor, 'and', () => parseTerm(cursor)));
  cursor.conditionStart = outer;
  return condition;
}

function joined(cursor: Cursor, word: 'and' | 'or', parse: () => ConditionNode | null): ConditionNode | null {
  const { start } = cursor.token;
  const terms: ConditionNode[] = [];
  do {
    const term = parse();
    if (term !== null) terms.push(term);
    if (term === null) cursor.recover();
    else if (!cursor.atBoundary()) {
      if (!foreignTail(cursor, term)) reportJunk(cursor, 'condition');
      cursor.recover();
    }
  } while (cursor.takeInfix(word) !== null);
  const [first] = terms;
  if (first === undefined) return null;
  return terms.length === 1 ? first : { kind: word, terms, range: cursor.rangeFrom(start) };
}

/** Reads what people write behind a term without `and` or `or`; false where it is nothing that is known. */
function foreignTail(cursor: Cursor, term: ConditionNode): boolean {
  if (cursor.isKeyword('as')) parseLooseAs(cursor, term);
  else if (atImplication(cursor)) parseImplied(cursor);
  else if (atRelation(cursor)) parseRelated(cursor, term);
  else if (atLooseWhere(cursor) && term.kind === 'has') parseLooseWhere(cursor, term);
  else return false;
  return true;
}

function parseImplied(cursor: Cursor): void {
  const start = cursor.conditionStart;
  const whole = start === cursor.ruleStart ? { start: cursor.ifToken?.start ?? start } : null;
  const left = cursor.textOf({ start, end: cursor.lastEnd });
  const arrow = cursor.advance();
  const from = cursor.token.start;
  // `if ... then` is one slip, told where it begins.
  const told = cursor.ifToken ?? arrow;
  cursor.deeper(() => parseCondition(cursor));
  reportImplication(cursor, told, left, cursor.textOf(cursor.rangeFrom(from)), whole);
  cursor.ifToken = null;
}

function parseRelated(cursor: Cursor, left: ConditionNode): void {
  const word = cursor.advance();
  let right: string | null = null;
  if (cursor.bound !== null && cursor.token.text === cursor.bound) right = cursor.advance().text;
  else {
    const term = cursor.deeper(() => parseTerm(cursor));
    if (term?.kind === 'has') right = printSelector(term.selector);
  }
  const within = cursor.takeInfix('within') === null ? null : parseDurationOnly(cursor, '`.within`');
  reportRelation(cursor, word, left, right, within?.raw ?? null);
}

function parseLooseWhere(cursor: Cursor, { range }: ConditionNode): void {
  const before = { text: cursor.textOf(range), start: range.start };
  const word = cursor.advance();
  const from = cursor.token.start;
  parseOneTest(cursor);
  reportLooseWhere(cursor, word, before, cursor.textOf(cursor.rangeFrom(from)), cursor.lastEnd);
}

function parseTerm(cursor: Cursor): ConditionNode | null {
  const { token } = cursor;
  if (cursor.isKeyword('not') || isCapitalNot(cursor)) {
    if (!token.keyword) cursor.reportCase(token, 'not');
    cursor.advance();
    return cursor.deeper(() => {
      const term = parseTerm(cursor);
      return term && { kind: 'not', term, range: cursor.rangeFrom(token.start) };
    });
  }
  if (token.kind === '(') return parseParenthesised(cursor);
  if (atSwappedComparison(cursor)) return swappedComparison(cursor);
  if (cursor.isKeyword('each')) return misplacedEach(cursor, token);
  if (cursor.isKeyword('across')) return misplacedAcross(cursor, token);
  if (atMeasure(cursor) || atTraceDuration(cursor)) return parseComparison(cursor);
  const qualified = token.kind === 'name' && token.text === 'trace' && cursor.peek().kind === '.';
  const name = qualified ? cursor.peek(2) : token;
  if (name.call && (!qualified || !isStep(name.text))) {
    if (qualified) cursor.advance();
    if (qualified) cursor.advance();
    return parseFunction(cursor, name, token.start, qualified);
  }
  if (name.kind === 'name' && token.text.startsWith('trace.') && isFunctionName(token.text.slice(6))) {
    cursor.advance();
    return cursor.unexpected(`\`(\` behind \`${token.text}\``, `write \`${token.text}(...)\``);
  }
  return parseBareSelector(cursor, token.start);
}

function isStep(name: string): boolean {
  return (STEPS as readonly string[]).includes(name);
}

function isFunctionName(name: string): boolean {
  return (CONDITION_FUNCTIONS as readonly string[]).includes(name);
}

function parseParenthesised(cursor: Cursor): ConditionNode | null {
  const open = cursor.index;
  cursor.advance();
  if (cursor.is(')')) {
    cursor.report({
      code: 'FL121',
      range: { start: cursor.token.start - 1, end: cursor.token.end },
      message: 'there is nothing in the parentheses',
      help: 'write a condition in them, or take them away',
    });
    return cursor.leave(open);
  }
  return cursor.deeper(() => {
    const inner = parseCondition(cursor);
    cursor.close(open);
    if (inner !== null && cursor.is('operator')) {
      cursor.report({
        code: 'FL127',
        range: cursor.token,
        message: 'what stands in parentheses is true or false, and cannot be compared',
        help: 'compare a count, a sum or `trace.duration`, without parentheses around it',
      });
      cursor.recover();
    }
    return inner;
  });
}

/** The function's name is next, its prefix taken. */
function parseFunction(cursor: Cursor, name: Token, start: number, qualified: boolean): ConditionNode | null {
  cursor.advance();
  const open = cursor.index;
  if (name.text === 'has') return parseHas(cursor, open, start, qualified);
  if (name.text === 'all') return parseAll(cursor, open, start, qualified);
  reportFunction(cursor, name, qualified, open);
  cursor.leave(open);
  parseSteps(cursor);
  return null;
}

function parseHas(cursor: Cursor, open: number, start: number, qualified: boolean): ConditionNode | null {
  const selector = parseOneSelector(cursor, open, 'has');
  const steps = parseSteps(cursor);
  if (selector === null) return null;
  const range = cursor.rangeFrom(start);
  reportComparedFunction(cursor, 'has');
  return {
    kind: 'has',
    selector: withOuterSteps(selector, steps, range),
    spelling: qualified ? 'trace.has' : 'has',
    range,
  };
}

function parseAll(cursor: Cursor, open: number, start: number, qualified: boolean): ConditionNode | null {
  cursor.advance();
  const selector = parseSelectorParts(cursor);
  if (selector === null) return cursor.leave(open);
  if (cursor.take(',') === null) {
    cursor.unexpected('`,` and a predicate', 'write `all(database.query, tenant_filter == true)`');
    return cursor.leave(open);
  }
  const predicate = cursor.deeper(() => parsePredicate(cursor));
  cursor.close(open);
  if (cursor.is('.')) {
    cursor.report({
      code: 'FL116',
      range: cursor.peek(),
      message: '`all(...)` takes no steps',
      help: 'put the steps behind the selector, within the parentheses',
    });
    parseSteps(cursor);
  }
  reportComparedFunction(cursor, 'all');
  return predicate && { kind: 'all', selector, predicate, qualified, range: cursor.rangeFrom(start) };
}

function reportComparedFunction(cursor: Cursor, name: string): void {
  if (!cursor.is('operator')) return;
  cursor.report({
    code: 'FL127',
    range: cursor.token,
    message: `\`${name}(...)\` is true or false, and cannot be compared`,
    help: 'compare a count, as in `count(payment.charge) >= 2`',
  });
  cursor.recover();
}

const SELECTOR_STARTS: readonly TokenKind[] = ['name', 'text', 'macro', 'odd-name', 'odd-number'];

function parseBareSelector(cursor: Cursor, start: number): ConditionNode | null {
  if (atTraceQl(cursor)) return parseTraceQl(cursor);
  if (cursor.atBoundary() || !SELECTOR_STARTS.includes(cursor.token.kind)) {
    return cursor.unexpected(
      'a condition',
      'write a span name, as in `payment.charge`, or a function, as in `count(payment.charge) <= 1`',
    );
  }
  const selector = parseSelectorParts(cursor);
  if (selector === null) return null;
  if (atPredicateOperator(cursor)) reportComparedSelector(cursor, selector);
  return { kind: 'has', selector, spelling: 'selector', range: { start, end: selector.range.end } };
}

/** `payment.charge.amount > 1000`, `span.name == "x"`: an attribute is asked in `.where`. Takes the comparison. */
function reportComparedSelector(cursor: Cursor, selector: SelectorNode): void {
  const { token } = cursor;
  cursor.recover();
  const comparison = cursor.textOf({ start: token.start, end: cursor.lastEnd });
  const text = shorten(cursor.textOf(selector.range));
  const noSpan = asksNoSpan(selector);
  cursor.report({
    code: 'FL127',
    range: token,
    message: noSpan
      ? `\`${text}\` is asked of a span, and no span stands before it`
      : `\`${text}\` is a span, which is there or not, and cannot be compared`,
    help: comparedHelp(selector, text, comparison, noSpan),
  });
}

function comparedHelp(selector: SelectorNode, text: string, comparison: string, noSpan: boolean): string {
  const { matcher, steps } = selector;
  const name = matcher.kind === 'exact' ? matcher.name : '';
  // A long comparison, or one without its right side, is shown by an example.
  const asked = /^\S+\s*[^\s/]/.test(comparison) && comparison.length <= 80 && !comparison.includes('//');
  const said = asked || comparison === 'exists' ? comparison : '> 1000';
  const ofDuration = name === 'duration' && /^[<>=!]+\s*\d[\d.]*[a-z]+$/.test(said);
  if (name === 'duration') {
    const limit = ofDuration ? said : '<= 5s';
    return `for the whole trace write \`trace.duration ${limit}\`, for one span \`*.where(span.duration ${limit})\``;
  }
  if (noSpan) return `write \`*.where(${attributeMeant(name)} ${said})\`, or a span's name for the \`*\``;
  const number = /^[<>=!]=?\s*-?\d[\d.]*$/.test(said) ? said : '> 1';
  const dot =
    !text.includes('…') && matcher.kind === 'exact' && !matcher.quoted && steps.length === 0
      ? name.lastIndexOf('.')
      : -1;
  return dot > 0
    ? `for an attribute write \`${name.slice(0, dot)}.where(${attributeNameSpelling(name.slice(dot + 1), false)} ${said})\`; for a number of spans \`count(${text}) ${number}\``
    : `for a number of spans write \`count(${text}) ${number}\`; for an attribute \`${text}.where(amount > 1000)\``;
}

/** What people call the functions. */
const FUNCTION_ALIASES: Readonly<Record<string, string>> = {
  exists: 'has',
  any: 'has',
  contains: 'has',
  some: 'has',
  every: 'all',
  forall: 'all',
  total: 'sum',
  unique: 'distinct',
  number_of: 'count',
};

function reportFunction(cursor: Cursor, name: Token, qualified: boolean, open: number): void {
  const { text } = name;
  const prefix = qualified ? 'trace.' : '';
  if (text === 'duration' && qualified) {
    cursor.report({
      code: 'FL115',
      range: name,
      message: '`trace.duration` takes no parentheses',
      help: 'write `trace.duration <= 2s`',
    });
    return;
  }
  const belongs = text === 'number' || text === 'text' || isStep(text);
  const meant = Object.hasOwn(FUNCTION_ALIASES, text)
    ? (FUNCTION_ALIASES[text] ?? null)
    : helpForMetric(text, '') === null
      ? nearest(text, CONDITION_FUNCTIONS)
      : null;
  cursor.report({
    code: belongs ? 'FL130' : 'FL115',
    range: name,
    message: belongs
      ? `\`${text}(\` cannot begin a condition`
      : `unknown function \`${prefix}${shorten(text)}\`${meant === null ? '' : `: did you mean \`${prefix}${meant}\`?`}`,
    help: belongs
      ? isStep(text)
        ? `write it behind a selector, as in \`payment.charge.${text}(...)\``
        : 'write it within a predicate, as in `.where(number(amount) > 1000)`'
      : (helpForMetric(text, metricSpans(cursor, open)) ??
        `the functions are ${CONDITION_FUNCTIONS.map((known) => `\`${known}(...)\``).join(', ')}, and \`trace.duration\``),
    fix: belongs || meant === null ? undefined : { range: rangeOf(name), text: meant },
  });
}

/** The text of what stands in the parentheses, where it is one name. */
function metricSpans(cursor: Cursor, open: number): string {
  const name = cursor.tokenAt(open + 1);
  const isName = name?.kind === 'name' && !name.keyword && cursor.closerOf(open) === open + 2;
  return isName && !name.text.startsWith('trace.') ? shorten(name.text) : 'api.request';
}

function misplacedEach(cursor: Cursor, token: Token): ConditionNode | null {
  cursor.report({
    code: 'FL124',
    range: token,
    message: '`each` stands at the beginning of `when { ... }`, and nowhere else',
    help: 'write `when { each payment.charge as charge and ... } always { ... }`',
  });
  cursor.advance();
  const selector = parseSelectorParts(cursor);
  if (cursor.takeInfix('as') !== null && cursor.is('name')) cursor.bound ??= cursor.advance().text;
  else cursor.bindingBroken = true;
  return selector && { kind: 'has', selector, spelling: 'selector', range: cursor.rangeFrom(token.start) };
}

function misplacedAcross(cursor: Cursor, token: Token): null {
  const isName = cursor.peek().kind === '.';
  cursor.report({
    code: isName ? 'FL111' : 'FL125',
    range: token,
    message: isName
      ? '`across` is a word of the language, and no span when it is not quoted'
      : '`across` stands at the beginning of a rule, once, around all of it',
    help: isName
      ? `write \`${quoted('across')}\``
      : 'write `across payment_intent_id within 10m { ... }` around the whole rule',
  });
  cursor.abandon();
  return null;
}
