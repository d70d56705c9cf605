/** Conditions: what is asked of a whole scope. */
import type { ConditionNode, SelectorNode } from '../ast.ts';
import { nearest, shorten } from '../lexer.ts';
import type { Token, TokenKind } from '../tokens/token.ts';
import { CONDITION_FUNCTIONS, quoted, STEPS } from '../tokens/words.ts';
import { type Cursor, rangeOf } from './cursor.ts';
import { reportJunk } from './junk.ts';
import {
  atMeasure,
  atSwappedComparison,
  atTraceDuration,
  parseComparison,
  swappedComparison,
} from './measure.ts';
import { isCapitalNot, parsePredicate } from './predicate.ts';
import { parseOneSelector, parseSelectorParts, parseSteps, withOuterSteps } from './selector.ts';

/** Reads `condition` up to what ends it; null where there is none, which is told. */
export function parseCondition(cursor: Cursor): ConditionNode | null {
  return joined(cursor, 'or', () => joined(cursor, 'and', () => parseTerm(cursor)));
}

function joined(cursor: Cursor, word: 'and' | 'or', parse: () => ConditionNode | null): ConditionNode | null {
  const { start } = cursor.token;
  const terms: ConditionNode[] = [];
  do {
    const term = parse();
    if (term !== null) terms.push(term);
    if (term === null) cursor.recover();
    else if (!cursor.atBoundary()) {
      reportJunk(cursor, 'condition');
      cursor.recover();
    }
  } while (cursor.takeInfix(word) !== null);
  const [first] = terms;
  if (first === undefined) return null;
  return terms.length === 1 ? first : { kind: word, terms, range: cursor.rangeFrom(start) };
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
  reportFunction(cursor, name, qualified);
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
  if (cursor.atBoundary() || !SELECTOR_STARTS.includes(cursor.token.kind)) {
    return cursor.unexpected(
      'a condition',
      'write a span name, as in `payment.charge`, or a function, as in `count(payment.charge) <= 1`',
    );
  }
  const selector = parseSelectorParts(cursor);
  if (selector === null) return null;
  if (cursor.is('operator')) {
    reportComparedSelector(cursor, selector);
    cursor.recover();
  }
  return { kind: 'has', selector, spelling: 'selector', range: { start, end: selector.range.end } };
}

/** `payment.charge.amount > 1000`: an attribute is asked in `.where`. */
function reportComparedSelector(cursor: Cursor, selector: SelectorNode): void {
  const operator = cursor.token.text;
  const { matcher, steps } = selector;
  const text = shorten(cursor.textOf(selector.range));
  const dot =
    matcher.kind === 'exact' && !matcher.quoted && steps.length === 0 ? matcher.name.lastIndexOf('.') : -1;
  const right = cursor.textOf(cursor.peek());
  cursor.report({
    code: 'FL127',
    range: cursor.token,
    message: `\`${text}\` is a span, which is there or not, and cannot be compared`,
    help:
      text === 'duration'
        ? `write \`trace.duration ${operator} ...\``
        : dot > 0
          ? `for an attribute write \`${text.slice(0, dot)}.where(${text.slice(dot + 1)} ${operator} ${shorten(right)})\`; for a number of spans \`count(${text}) ${operator} ...\``
          : `for a number of spans write \`count(${text}) ${operator} ...\`; for an attribute \`.where(...)\``,
  });
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

function reportFunction(cursor: Cursor, name: Token, qualified: boolean): void {
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
    : nearest(text, CONDITION_FUNCTIONS);
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
      : `the functions are ${CONDITION_FUNCTIONS.map((known) => `\`${known}(...)\``).join(', ')}, and \`trace.duration\``,
    fix: belongs || meant === null ? undefined : { range: rangeOf(name), text: meant },
  });
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
