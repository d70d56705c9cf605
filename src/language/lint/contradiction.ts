/** Whether comparisons can all be true of one span. Says `false` only where that is certain. */
import type { ComparisonOperator, ValueNode } from '../ast.ts';
import { isTextOperator, NEGATED } from '../operators.ts';
import { printAttribute } from '../print.ts';
import type { KeptTest } from './terms.ts';

type Value = string | number | bigint | boolean;

/** What is known of one attribute. */
interface Known {
  /** It is one of these; null: nothing known. */
  among: readonly Value[] | null;
  readonly excluded: Value[];
  least: Bound | null;
  most: Bound | null;
  exists: boolean;
  missing: boolean;
}

interface Bound {
  readonly value: number | bigint;
  /** The bound itself is allowed. */
  readonly closed: boolean;
}

/**
 * The first two comparisons that cannot both be true of one span, or null. `bound`: references to that name are to the span
 * itself (a selector that is held against the bound span).
 */
export function contradiction(
  tests: readonly KeptTest[],
  bound: string | null = null,
): readonly [KeptTest, KeptTest] | null {
  const attributes = new Map<string, KeptTest[]>();
  for (const kept of tests) {
    if (refutesItself(kept, bound)) return [kept, kept];
    const key = `${kept.test.left.convert ?? ''} ${printAttribute(kept.test.left.attribute)}`;
    const earlier = attributes.get(key) ?? [];
    const all = [...earlier, kept];
    if (!isPossible(all)) {
      // Three may clash where no two do: then the first stands for the others.
      const [first = kept] = earlier;
      return [earlier.find((one) => !isPossible([one, kept])) ?? first, kept];
    }
    attributes.set(key, all);
  }
  return null;
}

/** `a != r.a` and `a < this.a` are false where both sides are one span's. */
function refutesItself({ test, negated }: KeptTest, bound: string | null): boolean {
  if (test.kind !== 'test' || test.right.kind !== 'reference' || test.left.convert !== null) return false;
  if (test.right.of !== 'this' && test.right.of !== bound) return false;
  if (printAttribute(test.right.attribute) !== printAttribute(test.left.attribute)) return false;
  const holds = test.operator === '==' || test.operator === '>=' || test.operator === '<=';
  return !isTextOperator(test.operator) && holds === negated;
}

/** Whether some value of one attribute makes all of the tests come out right. */
function isPossible(tests: readonly KeptTest[]): boolean {
  const known: Known = { among: null, excluded: [], least: null, most: null, exists: false, missing: false };
  for (const kept of tests) learn(known, kept);
  if (known.exists && known.missing) return false;
  const { among, least, most } = known;
  if (among !== null) return among.some((value) => allowed(known, value));
  if (least === null || most === null) return true;
  return least.value < most.value || (equal(least.value, most.value) && least.closed && most.closed);
}

function learn(known: Known, { test, negated }: KeptTest): void {
  if (test.kind === 'exists') {
    if (test.negated === negated) known.exists = true;
    else known.missing = true;
    return;
  }
  // Any other comparison is unknown of a missing attribute, and unknown keeps no span.
  known.exists = true;
  if (test.kind === 'is-true') {
    if (!negated) allowOnly(known, [true]);
    else known.excluded.push(true);
  } else if (test.kind === 'in') {
    const values = test.list.values?.map((value) => value.value) ?? null;
    if (values === null) return;
    if (test.negated === negated) allowOnly(known, values);
    else known.excluded.push(...values);
  } else if (test.right.kind === 'value' && !isTextOperator(test.operator)) {
    compareWith(known, negated ? NEGATED[test.operator] : test.operator, test.right);
  } else if (test.right.kind === 'duration' && !isTextOperator(test.operator)) {
    bounded(known, negated ? NEGATED[test.operator] : test.operator, test.right.nanos);
  }
}

function compareWith(known: Known, operator: ComparisonOperator, { value }: ValueNode): void {
  if (typeof value === 'number' || typeof value === 'bigint') bounded(known, operator, value);
  else if (operator === '==') allowOnly(known, [value]);
  else if (operator === '!=') known.excluded.push(value);
}

function bounded(known: Known, operator: ComparisonOperator, value: number | bigint): void {
  if (operator === '==') allowOnly(known, [value]);
  else if (operator === '!=') known.excluded.push(value);
  else if (operator === '>' || operator === '>=') {
    const closed = operator === '>=';
    if (known.least === null || value > known.least.value || (value === known.least.value && !closed)) {
      known.least = { value, closed };
    }
  } else {
    const closed = operator === '<=';
    if (known.most === null || value < known.most.value || (value === known.most.value && !closed)) {
      known.most = { value, closed };
    }
  }
}

function allowOnly(known: Known, values: readonly Value[]): void {
  known.among =
    known.among === null ? values : known.among.filter((one) => values.some((other) => equal(one, other)));
}

function allowed({ least, most, excluded }: Known, value: Value): boolean {
  if (excluded.some((one) => equal(one, value))) return false;
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  if (!isNumber) return least === null && most === null;
  if (least !== null && !(value > least.value || (least.closed && equal(value, least.value)))) return false;
  return most === null || value < most.value || (most.closed && equal(value, most.value));
}

function equal(a: Value, b: Value): boolean {
  const numbers =
    (typeof a === 'number' || typeof a === 'bigint') && (typeof b === 'number' || typeof b === 'bigint');
  // A bigint and a number compare exactly; neither is greater.
  return numbers ? !(a > b) && !(a < b) : a === b;
}
