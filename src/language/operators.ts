/** Comparison operators, and what becomes of them when a comparison is negated or turned round. */
import type { ComparisonOperator, TextOperator } from './ast.ts';

/** `not (a op b)` is `a NEGATED[op] b`; where one is unknown, so is the other. */
export const NEGATED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '!=',
  '!=': '==',
  '>': '<=',
  '<=': '>',
  '<': '>=',
  '>=': '<',
};

/** `a op b` is `b MIRRORED[op] a`. */
export const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
};

export function isTextOperator(operator: ComparisonOperator | TextOperator): operator is TextOperator {
  return !Object.hasOwn(NEGATED, operator);
}
