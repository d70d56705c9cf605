/** Values that make comparisons come out as wanted, for snippets to start from. */
import { compileRe2 } from '../../base/re2.ts';
import type { ComparisonOperator, TextOperator } from '../ast.ts';
import { isTextOperator } from '../operators.ts';
import type { TestNode } from '../walk.ts';

export type ExampleValue = string | number | boolean | readonly string[];

/** A comparison, and what it should come to. */
export interface WantedTest {
  readonly test: TestNode;
  readonly wanted: boolean;
}

/**
 * A value of which all tests come out as wanted, as far as one is found by trying what stands in them; null when the attribute
 * should not be there. Tests against other attributes are not looked at.
 */
export function exampleValue(name: string, tests: readonly WantedTest[]): ExampleValue | null {
  if (tests.some(({ test, wanted }) => test.kind === 'exists' && test.negated === wanted)) return null;
  const candidates = [...tests.flatMap(candidatesOf), ...anyValues(name)];
  return candidates.find((value) => tests.every((one) => agrees(one, value))) ?? candidates[0] ?? 'example';
}

function anyValues(name: string): ExampleValue[] {
  return [`example-${name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'value'}`, 1, true, false];
}

function candidatesOf({ test, wanted }: WantedTest): ExampleValue[] {
  if (test.kind === 'is-true') return [true, false];
  if (test.kind === 'exists') return [];
  if (test.kind === 'in') return [...(test.list.values ?? []).map(({ value }) => plain(value)), 'other', -1];
  if (test.right.kind !== 'value') return [];
  const value = plain(test.right.value);
  if (typeof value === 'number') {
    return [value, Math.floor(value), Math.ceil(value), value + 1, value - 1, value + 0.5, value - 0.5];
  }
  if (typeof value === 'boolean') return [value, !value];
  if (!wanted && isTextOperator(test.operator)) return ['other', 'none'];
  switch (test.operator) {
    case 'matches':
      return [textMatching(value) ?? value, 'other'];
    case 'contains':
      return [value, [value], 'other'];
    case 'starts_with':
    case 'ends_with':
      return [value, 'other'];
    default:
      return [value, `other-than-${value}`];
  }
}

function plain(value: string | number | bigint | boolean): string | number | boolean {
  return typeof value === 'bigint' ? Number(value) : value;
}

/**
 * A text that the expression matches, found by taking the first of alternatives and sets, and one or none of what repeats; null
 * where that finds none.
 */
export function textMatching(pattern: string): string | null {
  const simple = pattern
    .replaceAll(/\[([^\]^\\])[^\]]*\]/g, '$1')
    .replaceAll(/\((?:\?:)?([^()|]*)(?:\|[^()]*)?\)/g, '$1')
    .replaceAll(/\\d\+?/g, '1')
    .replaceAll(/\\w\+?/g, 'a');
  const [first = ''] = simple.split('|');
  const texts = [simple, first].flatMap((text) => [
    text.replaceAll(/\.[*+]/g, 'example').replaceAll('\\', ''),
    text.replaceAll(/\.\*/g, '').replaceAll('\\', ''),
  ]);
  return texts.find((text) => matchesWhole(text, pattern)) ?? null;
}

function agrees({ test, wanted }: WantedTest, value: ExampleValue): boolean {
  const outcome = outcomeOf(test, value);
  // Unknown keeps no span, which is as good as false here.
  return outcome === null ? true : outcome === wanted;
}

/** Null where the value cannot decide it alone. */
function outcomeOf(test: TestNode, value: ExampleValue): boolean | null {
  if (test.kind === 'is-true') return value === true;
  if (test.kind === 'exists') return !test.negated;
  if (test.kind === 'in') {
    if (test.list.values === null) return null;
    return test.list.values.some((one) => plain(one.value) === value) !== test.negated;
  }
  if (test.right.kind !== 'value') return null;
  return compare(value, test.operator, plain(test.right.value));
}

function compare(
  left: ExampleValue,
  operator: ComparisonOperator | TextOperator,
  right: string | number | boolean,
): boolean {
  if (typeof left === 'object') return operator === 'contains' && left.includes(String(right));
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return typeof left === typeof right && left !== right;
    case '>':
      return typeof left === 'number' && typeof right === 'number' && left > right;
    case '>=':
      return typeof left === 'number' && typeof right === 'number' && left >= right;
    case '<':
      return typeof left === 'number' && typeof right === 'number' && left < right;
    case '<=':
      return typeof left === 'number' && typeof right === 'number' && left <= right;
    case 'matches':
      return matchesWhole(left, String(right));
    case 'contains':
      return typeof left === 'string' && left.includes(String(right));
    case 'starts_with':
      return typeof left === 'string' && left.startsWith(String(right));
    case 'ends_with':
      return typeof left === 'string' && left.endsWith(String(right));
  }
}

function matchesWhole(text: ExampleValue, pattern: string): boolean {
  if (typeof text !== 'string') return false;
  const compiled = compileRe2(pattern);
  return compiled.ok && compiled.re2.matches(text);
}
