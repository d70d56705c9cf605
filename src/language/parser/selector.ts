/** Selectors and their steps. */
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import type { DurationNode, MatcherNode, SelectorNode, StepNode, TargetNode } from '../ast.ts';
import { nearest, shorten } from '../lexer.ts';
import type { Token } from '../tokens/token.ts';
import { CONDITION_FUNCTIONS, isKeyword, quoted, STEPS } from '../tokens/words.ts';
import { reportUnquoted } from './attribute.ts';
import { type Cursor, rangeOf } from './cursor.ts';
import { atLooseWhere, reportLooseWhere } from './foreign.ts';
import { parsePredicate } from './predicate.ts';
import { parseAmount } from './value.ts';

const WHAT_IS_A_SELECTOR =
  'write a span name, as in `payment.charge`, `payment.*`, `"POST /checkout"` or `matches "GET .*"`';

/** Reads `selector`; null where none begins here, which is told. */
export function parseSelectorParts(cursor: Cursor): SelectorNode | null {
  const { start } = cursor.token;
  const matcher = parseMatcher(cursor);
  if (matcher === null) return null;
  const steps = parseSteps(cursor);
  return { kind: 'selector', matcher, steps, range: cursor.rangeFrom(start) };
}

/** Reads `( selector )`, the parenthesis next; null where no selector is in it, which is told. */
export function parseOneSelector(cursor: Cursor, open: number, of: string): SelectorNode | null {
  cursor.advance();
  if (cursor.is(')')) {
    cursor.report({
      code: 'FL121',
      range: { start: cursor.token.start - 1, end: cursor.token.end },
      message: `there is nothing in the parentheses of \`${of}\``,
      help: `write a selector, as in \`${of}(payment.charge)\``,
    });
    return cursor.leave(open);
  }
  const selector = parseSelectorParts(cursor);
  if (selector === null) return cursor.leave(open);
  if (!cursor.is(')') && cursor.closerOf(open) !== null) reportSecondSelector(cursor, selector, of, open);
  cursor.close(open);
  return selector;
}

/** `has(a and b)`, `has(a, b)`, and `has(GET /checkout)`. */
function reportSecondSelector(cursor: Cursor, selector: SelectorNode, of: string, open: number): void {
  const { token } = cursor;
  const text = shorten(cursor.textOf(selector.range));
  if (atLooseWhere(cursor)) {
    const closer = cursor.tokenAt(cursor.closerOf(open) ?? 0);
    const before = {
      text: `${of}(${cursor.textOf(selector.range)})`,
      start: cursor.tokenAt(open).start - of.length,
    };
    reportLooseWhere(
      cursor,
      token,
      before,
      cursor.textOf({ start: token.end, end: closer.start }),
      closer.end,
    );
  } else if (cursor.isInfix('and') || cursor.isInfix('or') || token.kind === ',') {
    const word = token.kind === ',' ? 'and' : token.text.toLowerCase();
    cursor.report({
      code: 'FL133',
      range: token,
      message: `\`${of}\` takes one selector, and \`${token.text}\` brings another`,
      help:
        of === 'has'
          ? `write \`has(${text}) ${word} has(...)\``
          : `write one selector; \`*\` stands for any run of characters, as in \`${of}(payment.*)\``,
    });
  } else if (token.kind === 'odd-name' || token.kind === 'name') {
    const range = { start: selector.range.start, end: cursor.tokenAt(cursor.closerOf(open) ?? 0).start };
    const whole = cursor.textOf(range).trim();
    cursor.report({
      code: 'FL110',
      range: token,
      message: `expected \`)\`, but found \`${shorten(token.text)}\`: a name with blanks in it is quoted`,
      help: `write \`${of}(${shorten(quoted(whole))})\`, or close the parenthesis`,
    });
  }
}

/**
 * The selector with the steps that stand behind its function. It then reads as the whole, `has(x).where(p)`, for that is the
 * shortest text that has all of it.
 */
export function withOuterSteps(
  selector: SelectorNode,
  steps: readonly StepNode[],
  whole: TextRange,
): SelectorNode {
  return steps.length === 0 ? selector : { ...selector, steps: [...selector.steps, ...steps], range: whole };
}

function parseMatcher(cursor: Cursor): MatcherNode | null {
  const { token } = cursor;
  const range = rangeOf(token);
  switch (token.kind) {
    case 'text':
      cursor.advance();
      return { kind: 'exact', name: token.text, quoted: true, range };
    case 'macro':
      cursor.advance();
      return { kind: 'macro', name: token.text, selector: null, range };
    case 'odd-name':
    case 'odd-number':
      reportUnquoted(cursor, token, 'a span');
      cursor.advance();
      return { kind: 'exact', name: token.text, quoted: true, range };
    case 'name':
      return parseName(cursor, token);
    default:
      return cursor.unexpected('a selector', WHAT_IS_A_SELECTOR);
  }
}

function parseName(cursor: Cursor, token: Token): MatcherNode | null {
  const range = rangeOf(token);
  const { text } = token;
  if (cursor.isInfix('matches') && (token.keyword || cursor.peek().kind === 'text'))
    return parseRegex(cursor, token);
  if (token.call) return callAsSelector(cursor, token);
  // The first part of `not.where(x)` is a span called `not`.
  if (isKeyword(text)) {
    const step = cursor.peek().kind === '.' || [')', 'end', '}', ','].includes(cursor.peek().kind);
    if (!step) return cursor.unexpected('a selector', WHAT_IS_A_SELECTOR);
    cursor.report({
      code: 'FL111',
      range,
      message: `\`${text}\` is a word of the language, and no span when it is not quoted`,
      help: `write \`${quoted(text)}\`, if a span has that name`,
      fix: { range, text: quoted(text) },
    });
  } else if (text.startsWith('trace.')) {
    cursor.report({
      code: 'FL110',
      range,
      message: `a span whose name begins with \`trace.\` is quoted, and \`${shorten(text)}\` is not`,
      help:
        text === 'trace.duration'
          ? 'compare `trace.duration` with a duration, as in `trace.duration <= 2s`'
          : `write \`${quoted(shorten(text))}\`, or \`${shorten(text.slice(6))}\` if the trace's span is called that`,
    });
  } else if (text === cursor.bound) {
    cursor.report({
      code: 'FL209',
      range,
      message: `\`${text}\` is the span that \`each\` binds, and a selector is a set of spans`,
      help: `speak of the bound span in a step (\`.before(${text})\`) or by its attributes (\`${text}.amount\`); quote the name for spans called \`${text}\`: \`${quoted(text)}\``,
    });
  }
  cursor.advance();
  return text.includes('*')
    ? { kind: 'wildcard', pattern: text, range }
    : { kind: 'exact', name: text, quoted: false, range };
}

function parseRegex(cursor: Cursor, token: Token): MatcherNode | null {
  if (!token.keyword) cursor.reportCase(token, 'matches');
  cursor.advance();
  const pattern = cursor.take('text');
  if (pattern === null) {
    return cursor.unexpected(
      'a text with a regular expression behind `matches`',
      'write it in quotes, as in `matches "GET /v[12]/.*"`',
    );
  }
  return { kind: 'regex', pattern: pattern.text, range: cursor.rangeFrom(token.start) };
}

/** `.before(has(x))`: a selector stands by itself. */
function callAsSelector(cursor: Cursor, token: Token): null {
  const known = (CONDITION_FUNCTIONS as readonly string[]).includes(token.text);
  cursor.report({
    code: known ? 'FL130' : 'FL115',
    range: token,
    message: known
      ? `expected a selector, but found the function \`${token.text}(\``
      : `unknown function \`${shorten(token.text)}\``,
    help: known ? 'write the selector alone, without a function around it' : WHAT_IS_A_SELECTOR,
  });
  cursor.advance();
  return cursor.leave(cursor.index);
}

/** Reads the steps that stand here, if any. A step that is wrong is told and left out. */
export function parseSteps(cursor: Cursor): StepNode[] {
  const steps: StepNode[] = [];
  while (cursor.is('.')) {
    const name = cursor.peek();
    if (name.kind !== 'name' || cursor.peek(2).kind !== '(') {
      const isStep = name.kind === 'name' && (STEPS as readonly string[]).includes(name.text);
      cursor.advance();
      cursor.unexpected(
        isStep ? `\`(\` behind \`.${name.text}\`` : 'a step behind `.`',
        isStep
          ? `write \`.${name.text}(...)\``
          : `the steps are ${STEPS.map((step) => `\`.${step}(...)\``).join(', ')}`,
        isStep ? { range: name } : {},
      );
      if (name.kind === 'name') cursor.advance();
      break;
    }
    cursor.advance();
    const step = parseStep(cursor, cursor.advance());
    if (step !== null) steps.push(step);
  }
  return steps;
}

/** The name and its dot are taken; a `(` follows. */
function parseStep(cursor: Cursor, name: Token): StepNode | null {
  const start = name.start - 1;
  const open = cursor.index;
  const text = name.text;
  if (text === 'within') return strayWithin(cursor, name, open);
  if (text !== 'where' && text !== 'before' && text !== 'after' && text !== 'child_of' && text !== 'inside') {
    reportStep(cursor, name);
    return cursor.leave(open);
  }
  cursor.advance();
  if (cursor.is(')')) {
    cursor.report({
      code: 'FL121',
      range: { start: cursor.token.start - 1, end: cursor.token.end },
      message: `there is nothing in the parentheses of \`.${text}\``,
      help:
        text === 'where'
          ? 'write a predicate, as in `.where(amount > 1000)`'
          : `write a selector or a bound name, as in \`.${text}(payment.charge)\``,
    });
    return cursor.leave(open);
  }
  if (text === 'where') {
    const predicate = cursor.deeper(() => parsePredicate(cursor));
    cursor.close(open, { help: 'join tests with `and` or `or`, and close `.where(` with `)`' });
    return predicate && { kind: 'where', predicate, range: cursor.rangeFrom(start) };
  }
  const target = cursor.deeper(() => parseTarget(cursor));
  if (target === null) return cursor.leave(open);
  cursor.close(open, {
    help: `\`.${text}\` takes one selector or bound name; write another step for another`,
  });
  if (text === 'child_of' || text === 'inside') return { kind: text, target, range: cursor.rangeFrom(start) };
  const within = parseWithin(cursor);
  return { kind: text, target, within, range: cursor.rangeFrom(start) };
}

function parseTarget(cursor: Cursor): TargetNode | null {
  const { token } = cursor;
  if (token.kind === 'name' && !token.keyword && !token.call && token.text === cursor.bound) {
    cursor.advance();
    if (cursor.is('.')) {
      cursor.report({
        code: 'FL209',
        range: token,
        message: `\`${token.text}\` is one span that \`each\` binds, and takes no steps`,
        help: `put the steps where \`${token.text}\` is bound, or quote the name for spans called \`${token.text}\``,
      });
      parseSteps(cursor);
    }
    return { kind: 'bound', name: token.text, range: rangeOf(token) };
  }
  if (token.kind === 'name' && token.text === 'this') {
    cursor.report({
      code: 'FL209',
      range: token,
      message: '`this` is the span in question, and no span is related to itself',
      help: 'name another selector, or quote `"this"` for spans of that name',
    });
  }
  return parseSelectorParts(cursor);
}

function parseWithin(cursor: Cursor): DurationNode | null {
  const name = cursor.peek();
  if (!cursor.is('.') || name.text !== 'within' || cursor.peek(2).kind !== '(') return null;
  cursor.advance();
  cursor.advance();
  const open = cursor.index;
  cursor.advance();
  const duration = parseDurationOnly(cursor, '`.within`');
  if (duration === null) return cursor.leave(open);
  cursor.close(open, { help: '`.within` takes one duration, as in `.within(5s)`' });
  return duration;
}

/** Reads a DURATION; null where there is none, which is told. */
export function parseDurationOnly(cursor: Cursor, of: string): DurationNode | null {
  const { token } = cursor;
  if (token.kind !== 'number' && token.kind !== 'duration' && token.kind !== 'odd-number') {
    return cursor.unexpected(`a duration for ${of}`, 'write a duration as in `250ms`, `5s` or `10m`');
  }
  const amount = parseAmount(cursor);
  if (amount === null || amount.kind === 'duration') return amount;
  cursor.report({
    code: 'FL216',
    range: amount.range,
    message: `${of} needs a duration, and \`${shorten(amount.raw)}\` has no unit`,
    help: `write \`${shorten(amount.raw)}s\` for seconds; the units are ns, us, ms, s, m, h, d`,
  });
  return null;
}

function strayWithin(cursor: Cursor, name: Token, open: number): null {
  cursor.report({
    code: 'FL128',
    range: name,
    message: '`.within` belongs right behind `.before(...)` or `.after(...)`, once',
    help: 'write `.before(x).within(5s)`; for the length of the spans themselves write `.where(span.duration <= 5s)`',
  });
  return cursor.leave(open);
}

/** What people write for the steps. */
const STEP_ALIASES: Readonly<Record<string, string>> = {
  filter: 'where',
  with: 'where',
  having: 'where',
  when: 'where',
  precedes: 'before',
  preceding: 'before',
  follows: 'after',
  followed_by: 'before',
  preceded_by: 'after',
  childof: 'child_of',
  child: 'child_of',
  parent: 'child_of',
  in: 'inside',
  descendant_of: 'inside',
  under: 'inside',
};

function reportStep(cursor: Cursor, name: Token): void {
  const { text } = name;
  const isFunction = (CONDITION_FUNCTIONS as readonly string[]).includes(text);
  const lower = text.toLowerCase();
  const meant = Object.hasOwn(STEP_ALIASES, lower) ? (STEP_ALIASES[lower] ?? null) : nearest(text, STEPS);
  cursor.report({
    code: 'FL116',
    range: name,
    message: isFunction
      ? `\`${text}\` is a function, and stands around a selector, not behind it`
      : `unknown step \`.${shorten(text)}\`${meant === null ? '' : `: did you mean \`.${meant}\`?`}`,
    help: isFunction
      ? `write \`${text}(...)\` around the selector`
      : `the steps are ${STEPS.map((step) => `\`.${step}\``).join(', ')}`,
    fix: isFunction || meant === null ? undefined : { range: rangeOf(name), text: meant },
  });
}
