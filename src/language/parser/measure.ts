/** Measures (`count`, `distinct`, `sum`, `trace.duration`) and their comparisons. */
import type {
  AttributeNode,
  CompareNode,
  ComparisonOperator,
  DurationNode,
  MeasureNode,
  NumberNode,
  StepNode,
} from '../ast.ts';
import { shorten } from '../lexer.ts';
import { unitOf } from '../tokens/number.ts';
import { parseAttribute } from './attribute.ts';
import type { Cursor } from './cursor.ts';
import { turn } from './predicate.ts';
import { parseOneSelector, parseSelectorParts, parseSteps, withOuterSteps } from './selector.ts';
import { parseAmount } from './value.ts';

const MEASURES: readonly string[] = ['count', 'distinct', 'sum'];

/** Whether `count(`, `distinct(` or `sum(` begins here, with or without `trace.`. */
export function atMeasure(cursor: Cursor): boolean {
  const { token } = cursor;
  const qualified = token.kind === 'name' && token.text === 'trace' && cursor.peek().kind === '.';
  const name = qualified ? cursor.peek(2) : token;
  return name.call && MEASURES.includes(name.text);
}

export function atTraceDuration(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind !== 'name') return false;
  if (token.text === 'trace.duration') return cursor.peek().kind !== '.';
  const name = cursor.peek(2);
  return (
    token.text === 'trace' &&
    cursor.peek().kind === '.' &&
    name.kind === 'name' &&
    name.text === 'duration' &&
    !name.call
  );
}

/** Reads `compare`, a measure being next; null where it cannot be read, which is told. */
export function parseComparison(cursor: Cursor): CompareNode | null {
  const { start } = cursor.token;
  const left = parseMeasure(cursor);
  if (left === null) {
    // The comparison behind it is whole in itself: nothing more to tell of it.
    cursor.recover();
    return null;
  }
  const operator = cursor.take('operator');
  if (operator === null) {
    const text = shorten(cursor.textOf(left.range));
    return cursor.unexpected(
      `a comparison behind \`${text}\``,
      left.kind === 'trace-duration' ? 'write `trace.duration <= 2s`' : `write \`${text} <= 1\``,
    );
  }
  const right = parseRightMeasure(cursor);
  if (right === null) return null;
  const range = cursor.rangeFrom(start);
  if (cursor.is('operator')) {
    cursor.report({
      code: 'FL134',
      range: cursor.token,
      message: 'a comparison has two sides, and this is a third',
      help: 'join two comparisons with `and`, as in `count(x) >= 1 and count(x) <= 3`',
    });
    cursor.recover();
  }
  return { kind: 'compare', left, operator: operator.text as ComparisonOperator, right, range };
}

function parseRightMeasure(cursor: Cursor): CompareNode['right'] | null {
  const { kind } = cursor.token;
  if (kind === 'number' || kind === 'duration' || kind === 'odd-number') return parseQuantity(cursor);
  if (atMeasure(cursor) || atTraceDuration(cursor)) return parseMeasure(cursor);
  return cursor.unexpected(
    'a number, a duration or another measure',
    'compare with a number (`count(x) <= 1`), a duration (`trace.duration <= 2s`) or a measure (`count(y)`)',
  );
}

function parseQuantity(cursor: Cursor): NumberNode | DurationNode | null {
  const amount = parseAmount(cursor);
  if (amount === null || amount.kind === 'duration') return amount;
  if (typeof amount.value !== 'number' && typeof amount.value !== 'bigint') return null;
  return { kind: 'number', value: amount.value, raw: amount.raw, range: amount.range };
}

/** Whether `1 <` or `5 s <` begins here. */
export function atSwappedComparison(cursor: Cursor): boolean {
  const { kind } = cursor.token;
  if (kind !== 'number' && kind !== 'duration' && kind !== 'odd-number') return false;
  const next = cursor.peek();
  const apart = kind === 'number' && next.kind === 'name' && !next.keyword && unitOf(next.text) !== null;
  return (apart ? cursor.peek(2) : next).kind === 'operator';
}

/** `1 < count(x)`: the measure stands on the left. The amount and the operator are there. */
export function swappedComparison(cursor: Cursor): CompareNode | null {
  const quantity = parseQuantity(cursor);
  const operator = cursor.take('operator');
  if (quantity === null || operator === null) return null;
  if (!atMeasure(cursor) && !atTraceDuration(cursor)) {
    return cursor.unexpected(
      'a count, a sum or `trace.duration`',
      'write the measure on the left, as in `count(payment.charge) <= 1`',
    );
  }
  const left = parseMeasure(cursor);
  if (left === null) return null;
  const turned = turn(operator.text as ComparisonOperator);
  const range = { start: quantity.range.start, end: left.range.end };
  const text = `${cursor.textOf(left.range)} ${turned} ${quantity.raw}`;
  cursor.report({
    code: 'FL126',
    range: quantity.range,
    message: `\`${shorten(quantity.raw)}\` stands on the left side, where the measure belongs`,
    help: `write \`${shorten(text, 80)}\``,
    fix: { range, text },
  });
  if (cursor.is('operator')) cursor.recover();
  return { kind: 'compare', left, operator: turned, right: quantity, range };
}

function parseMeasure(cursor: Cursor): MeasureNode | null {
  const { start, text } = cursor.token;
  const qualified = text === 'trace' || text === 'trace.duration';
  if (atTraceDuration(cursor)) {
    for (let parts = text === 'trace' ? 3 : 1; parts > 0; parts--) cursor.advance();
    return { kind: 'trace-duration', range: cursor.rangeFrom(start) };
  }
  if (qualified) cursor.advance();
  if (qualified) cursor.advance();
  const name = cursor.advance().text;
  const open = cursor.index;
  return name === 'count'
    ? parseCount(cursor, open, start, qualified)
    : parseOfAttribute(cursor, name === 'sum' ? 'sum' : 'distinct', open, start, qualified);
}

function parseCount(cursor: Cursor, open: number, start: number, qualified: boolean): MeasureNode | null {
  const selector = parseOneSelector(cursor, open, 'count');
  const steps = parseSteps(cursor);
  if (selector === null) return null;
  const range = cursor.rangeFrom(start);
  const unique = uniqueAttribute(cursor, steps.at(-1));
  if (unique === null) {
    return { kind: 'count', selector: withOuterSteps(selector, steps, range), qualified, range };
  }
  return {
    kind: 'distinct',
    selector: withOuterSteps(selector, steps.slice(0, -1), range),
    attribute: unique,
    qualified,
    spelling: 'unique',
    range,
  };
}

/** The attribute of `.where(a == unique)`, or null for another step. */
function uniqueAttribute(cursor: Cursor, step: StepNode | undefined): AttributeNode | null {
  if (step?.kind !== 'where' || step.predicate.kind !== 'test') return null;
  const { left, operator, right } = step.predicate;
  if (right.kind !== 'value' || operator !== '==' || left.convert !== null) return null;
  return cursor.uniques.delete(right) ? left.attribute : null;
}

function parseOfAttribute(
  cursor: Cursor,
  kind: 'distinct' | 'sum',
  open: number,
  start: number,
  qualified: boolean,
): MeasureNode | null {
  cursor.advance();
  const selector = parseSelectorParts(cursor);
  if (selector === null) return cursor.leave(open);
  if (cursor.take(',') === null) {
    cursor.unexpected(
      '`,` and an attribute',
      `write \`${kind}(${shorten(cursor.textOf(selector.range))}, amount)\``,
    );
    return cursor.leave(open);
  }
  const attribute = parseAttribute(cursor);
  if (attribute === null) return cursor.leave(open);
  cursor.close(open);
  const range = cursor.rangeFrom(start);
  if (cursor.is('.')) {
    cursor.report({
      code: 'FL116',
      range: cursor.peek(),
      message: `\`${kind}(...)\` takes no steps`,
      help: 'put the steps behind the selector, within the parentheses',
    });
    parseSteps(cursor);
  }
  return kind === 'sum'
    ? { kind, selector, attribute, qualified, range }
    : { kind, selector, attribute, qualified, spelling: 'distinct', range };
}
