/**
 * Predicates over one span. A comparison with an attribute that the span lacks, or has with another type, is unknown: the
 * span does not match, and neither does it match the negation. A comparison with an attribute that the *bound* span lacks
 * is different: whatever the value would be decides, so the outcome is open. Hence an outcome here is the set of what the
 * predicate may come to, and `and`, `or`, `not` work on all members of the sets.
 */

import { compileRe2, type Re2 } from '../../base/re2.ts';
import type {
  AttributeNode,
  ComparisonTestNode,
  LeftNode,
  MembershipTestNode,
  PredicateNode,
  RightNode,
} from '../../language/ast.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { Span } from '../../trace/span.ts';
import type { InconclusiveReason } from '../verdict.ts';
import { compareValues, convertToNumber, convertToText, isNumber, readAttribute } from './attribute.ts';
import type { Context } from './context.ts';
import type { Truth } from './truth.ts';

/** Bits of the set of possible outcomes. */
const TRUE = 1;
const FALSE = 2;
const UNKNOWN = 4;
const OPEN = TRUE | FALSE | UNKNOWN;

/** The set, and what leaves it open. */
interface Possible {
  readonly set: number;
  readonly doubt: InconclusiveReason | null;
}

const SURELY_TRUE: Possible = { set: TRUE, doubt: null };
const SURELY_FALSE: Possible = { set: FALSE, doubt: null };
const SURELY_UNKNOWN: Possible = { set: UNKNOWN, doubt: null };

export type Match =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'maybe'; readonly doubt: InconclusiveReason };

const YES: Match = { kind: 'yes' };
const NO: Match = { kind: 'no' };

/** Whether the span matches: unknown is no match, and open is `maybe`. */
export function matchPredicate(predicate: PredicateNode, span: Span, context: Context): Match {
  const { set, doubt } = evaluate(predicate, span, context);
  if (set === TRUE) return YES;
  if ((set & TRUE) === 0 || doubt === null) return NO;
  return { kind: 'maybe', doubt };
}

function evaluate(predicate: PredicateNode, span: Span, context: Context): Possible {
  const possible = evaluateNode(predicate, span, context);
  context.observer?.predicate?.(predicate, truthOf(possible));
  return possible;
}

function truthOf({ set }: Possible): Truth {
  return set === TRUE ? true : set === FALSE ? false : null;
}

function evaluateNode(predicate: PredicateNode, span: Span, context: Context): Possible {
  switch (predicate.kind) {
    case 'p-and': {
      let all = SURELY_TRUE;
      for (const term of predicate.terms) {
        all = combine(all, evaluate(term, span, context), both);
        if (all.set === FALSE) break;
      }
      return all;
    }
    case 'p-or': {
      let any = SURELY_FALSE;
      for (const term of predicate.terms) {
        any = combine(any, evaluate(term, span, context), either);
        if (any.set === TRUE) break;
      }
      return any;
    }
    case 'p-not': {
      const { set, doubt } = evaluate(predicate.term, span, context);
      return {
        set: (set & UNKNOWN) | ((set & TRUE) === 0 ? 0 : FALSE) | ((set & FALSE) === 0 ? 0 : TRUE),
        doubt,
      };
    }
    case 'exists': {
      const there = readLeft(predicate.left, span, context) !== undefined;
      return surely(there !== predicate.negated);
    }
    case 'is-true': {
      const asked = openSelfTime([predicate.left.attribute], span, context);
      if (asked !== null) return asked;
      const value = readLeft(predicate.left, span, context);
      if (value === undefined) return missing(predicate, predicate.left, span, context);
      return typeof value === 'boolean' ? surely(value) : otherType(predicate, predicate.left, span, context);
    }
    case 'in':
      return membership(predicate, span, context);
    case 'test':
      return comparison(predicate, span, context);
  }
}

/** The outcomes of a binary connective for all pairs of possible outcomes. */
function combine(a: Possible, b: Possible, connective: (a: number, b: number) => number): Possible {
  let set = 0;
  for (const left of [TRUE, FALSE, UNKNOWN]) {
    if ((a.set & left) === 0) continue;
    for (const right of [TRUE, FALSE, UNKNOWN]) {
      if ((b.set & right) !== 0) set |= connective(left, right);
    }
  }
  return { set, doubt: a.doubt ?? b.doubt };
}

function both(a: number, b: number): number {
  if (a === FALSE || b === FALSE) return FALSE;
  return a === TRUE && b === TRUE ? TRUE : UNKNOWN;
}

function either(a: number, b: number): number {
  if (a === TRUE || b === TRUE) return TRUE;
  return a === FALSE && b === FALSE ? FALSE : UNKNOWN;
}

function comparison(test: ComparisonTestNode, span: Span, context: Context): Possible {
  const asked = openSelfTime(attributesOf(test), span, context);
  if (asked !== null) return asked;
  const left = readLeft(test.left, span, context);
  if (left === undefined) return missing(test, test.left, span, context);
  const right = readRight(test.right, span, context);
  if (right.kind === 'open') return { set: OPEN, doubt: right.doubt };
  if (right.kind === 'missing') {
    context.unknowns.note(test, span, right.attribute, 'missing');
    return SURELY_UNKNOWN;
  }
  const truth = compareTest(left, test.operator, right.value);
  return truth === null ? otherType(test, test.left, span, context) : surely(truth);
}

/** A test of two values that are there; null when the operator does not compare what they are. */
export function compareTest(
  left: AttributeValue,
  operator: ComparisonTestNode['operator'],
  right: AttributeValue,
): Truth {
  switch (operator) {
    case 'contains':
      if (Array.isArray(left)) {
        return left.some((element: AttributeValue) => compareValues(element, '==', right) === true);
      }
      return onTexts(left, right, (text, part) => text.includes(part));
    case 'starts_with':
      return onTexts(left, right, (text, part) => text.startsWith(part));
    case 'ends_with':
      return onTexts(left, right, (text, part) => text.endsWith(part));
    case 'matches':
      return onTexts(left, right, (text, pattern) => expression(pattern).matches(text));
    default:
      return compareValues(left, operator, right);
  }
}

function onTexts(
  left: AttributeValue,
  right: AttributeValue,
  relation: (left: string, right: string) => boolean,
): Truth {
  return typeof left === 'string' && typeof right === 'string' ? relation(left, right) : null;
}

/** Compiled once for each pattern; patterns come from rules, so there are few. */
const expressions = new Map<string, Re2>();

function expression(pattern: string): Re2 {
  let compiled = expressions.get(pattern);
  if (compiled === undefined) {
    const result = compileRe2(pattern);
    if (!result.ok) throw new Error(`unchecked expression ${pattern}: ${result.error}`);
    compiled = result.re2;
    expressions.set(pattern, compiled);
  }
  return compiled;
}

function membership(test: MembershipTestNode, span: Span, context: Context): Possible {
  const asked = openSelfTime([test.left.attribute], span, context);
  if (asked !== null) return asked;
  const left = readLeft(test.left, span, context);
  if (left === undefined) return missing(test, test.left, span, context);
  if (test.list.values === null) throw new Error('unresolved list');
  let comparable = false;
  for (const { value } of test.list.values) {
    const equal = compareValues(left, '==', value);
    if (equal === true) return surely(!test.negated);
    if (equal === false) comparable = true;
  }
  return comparable ? surely(test.negated) : otherType(test, test.left, span, context);
}

function attributesOf(test: ComparisonTestNode): AttributeNode[] {
  return test.right.kind === 'reference'
    ? [test.left.attribute, test.right.attribute]
    : [test.left.attribute];
}

/** A child in flight may still cover more of the span: while spans can come, `span.self` is not settled. */
function openSelfTime(attributes: readonly AttributeNode[], span: Span, context: Context): Possible | null {
  if (!context.open) return null;
  const asks = attributes.some(({ where, name }) => where === 'field' && name === 'self');
  return asks ? { set: OPEN, doubt: openDoubt(context, span) } : null;
}

/** Why an open scope leaves something open: the first of its gaps. */
export function openDoubt(context: Context, span: Span): InconclusiveReason {
  return (
    context.scope.gaps[0] ?? {
      kind: 'incomplete',
      reason: { kind: 'missing-parent', span },
      traceId: span.traceId,
    }
  );
}

/** The value that a comparison compares, converted where it says so; undefined where there is none. */
export function readLeft(
  { attribute, convert }: LeftNode,
  span: Span,
  context: Context,
): AttributeValue | undefined {
  const value = readAttribute(span, attribute, context.scope);
  if (value === undefined || convert === null) return value;
  return convert === 'number' ? convertToNumber(value) : convertToText(value);
}

type Right =
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'missing'; readonly attribute: string }
  | { readonly kind: 'open'; readonly doubt: InconclusiveReason };

function readRight(right: RightNode, span: Span, context: Context): Right {
  if (right.kind === 'value') return { kind: 'value', value: right.value };
  if (right.kind === 'duration') return { kind: 'value', value: right.nanos };
  const attribute = attributeName(right.attribute);
  const { bound } = context;
  if (right.of !== 'this' && bound !== null) {
    const value = readAttribute(bound.span, right.attribute, context.scope);
    if (value !== undefined) return { kind: 'value', value };
    context.unknowns.note(right, bound.span, attribute, 'missing');
    return { kind: 'open', doubt: { kind: 'missing-attribute', attribute, span: bound.span } };
  }
  const value = readAttribute(span, right.attribute, context.scope);
  return value === undefined ? { kind: 'missing', attribute } : { kind: 'value', value };
}

/** An attribute as a person writes it, without quotes. */
export function attributeName({ where, name }: Pick<AttributeNode, 'where' | 'name'>): string {
  return where === 'any' ? name : where === 'resource' ? `resource.${name}` : `span.${name}`;
}

function missing(comparison: object, left: LeftNode, span: Span, context: Context): Possible {
  // A conversion that failed met another type, not a hole.
  const there = left.convert !== null && readAttribute(span, left.attribute, context.scope) !== undefined;
  context.unknowns.note(comparison, span, attributeName(left.attribute), there ? 'otherType' : 'missing');
  return SURELY_UNKNOWN;
}

function otherType(comparison: object, left: LeftNode, span: Span, context: Context): Possible {
  context.unknowns.note(comparison, span, attributeName(left.attribute), 'otherType');
  return SURELY_UNKNOWN;
}

function surely(truth: boolean): Possible {
  return truth ? SURELY_TRUE : SURELY_FALSE;
}

/** What a text comparison would have to be for the nearest miss: the values that a comparison met on a span. */
export function metValues(
  test: PredicateNode,
  span: Span,
  context: Context,
): { attribute: string; actual: AttributeValue | undefined; expected: AttributeValue | undefined } | null {
  if (test.kind === 'p-and' || test.kind === 'p-or' || test.kind === 'p-not') return null;
  const { attribute } = test.left;
  const actual = readAttribute(span, attribute, context.scope);
  let expected: AttributeValue | undefined;
  if (test.kind === 'test' && test.right.kind === 'reference') {
    const right = readRight(test.right, span, context);
    expected = right.kind === 'value' ? right.value : undefined;
  }
  return { attribute: attributeName(attribute), actual, expected };
}

/** Whether a number is what the value is; kept beside the comparisons so that measures use the same notion. */
export function numericValue(value: AttributeValue | undefined): number | bigint | undefined {
  return value !== undefined && isNumber(value) ? value : undefined;
}
