/** Kleene's three truths, and ranges of a number that is not known exactly. */
import type { ComparisonOperator } from '../../language/ast.ts';

/** Null is unknown. */
export type Truth = boolean | null;

export function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

/** A number known to lie between two bounds, both included; null is no bound. */
export interface Range {
  readonly least: bigint | null;
  readonly most: bigint | null;
}

export function exactly(value: bigint): Range {
  return { least: value, most: value };
}

export const ANY_NUMBER: Range = { least: null, most: null };

/** Whether `left operator right` holds for all, for none, or for some of the numbers in the two ranges. */
export function compareRanges(left: Range, operator: ComparisonOperator, right: Range): Truth {
  switch (operator) {
    case '<':
      return surelyLess(left, right) ? true : surelyAtLeast(left, right) ? false : null;
    case '>=':
      return surelyAtLeast(left, right) ? true : surelyLess(left, right) ? false : null;
    case '>':
      return compareRanges(right, '<', left);
    case '<=':
      return compareRanges(right, '>=', left);
    case '==':
      return surelyEqual(left, right)
        ? true
        : surelyLess(left, right) || surelyLess(right, left)
          ? false
          : null;
    case '!=':
      return negate(compareRanges(left, '==', right));
  }
}

function surelyLess(a: Range, b: Range): boolean {
  return a.most !== null && b.least !== null && a.most < b.least;
}

function surelyAtLeast(a: Range, b: Range): boolean {
  return a.least !== null && b.most !== null && a.least >= b.most;
}

function surelyEqual(a: Range, b: Range): boolean {
  return surelyAtLeast(a, b) && surelyAtLeast(b, a);
}
