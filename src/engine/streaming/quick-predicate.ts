/**
 * Predicates over one span as functions that allocate nothing: they come to the same set of possible outcomes as the reference's, and note the same
 * unknowns. For complete scopes.
 */

import { internalized } from '../../base/internalized.ts';
import type {
  AttributeNode,
  ComparisonTestNode,
  LeftNode,
  MembershipTestNode,
  PredicateNode,
  ReferenceNode,
} from '../../language/ast.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { Span } from '../../trace/span.ts';
import { compareValues, convertToNumber, convertToText, readAttribute } from '../reference/attribute.ts';
import type { Context } from '../reference/context.ts';
import { attributeName, compareTest } from '../reference/predicate.ts';

// Bits of the set of possible outcomes.
export const TRUE = 1;
export const FALSE = 2;
export const UNKNOWN = 4;
const OPEN = TRUE | FALSE | UNKNOWN;

export type QuickPredicate = (span: Span, context: Context) => number;

export function quickPredicate(node: PredicateNode): QuickPredicate {
  switch (node.kind) {
    case 'p-and':
      return connected(node.terms.map(quickPredicate), BOTH, TRUE, FALSE);
    case 'p-or':
      return connected(node.terms.map(quickPredicate), EITHER, FALSE, TRUE);
    case 'p-not': {
      const term = quickPredicate(node.term);
      return (span, context) => NEGATED[term(span, context)] as number;
    }
    case 'exists': {
      const left = leftReader(node.left);
      const { negated } = node;
      return (span, context) => ((left(span, context) !== undefined) !== negated ? TRUE : FALSE);
    }
    case 'is-true': {
      const left = leftReader(node.left);
      return (span, context) => {
        const value = left(span, context);
        if (value === undefined) return missing(node, node.left, span, context);
        return typeof value === 'boolean' ? surely(value) : otherType(node, node.left, span, context);
      };
    }
    case 'in':
      return membership(node);
    case 'test':
      return comparison(node);
  }
}

/** The terms from the left, up to the first that decides. */
function connected(
  terms: readonly QuickPredicate[],
  table: Uint8Array,
  neutral: number,
  decisive: number,
): QuickPredicate {
  return (span, context) => {
    let all = neutral;
    for (let nth = 0; nth < terms.length; nth++) {
      all = table[all * 8 + (terms[nth] as QuickPredicate)(span, context)] as number;
      if (all === decisive) break;
    }
    return all;
  };
}

function comparison(test: ComparisonTestNode): QuickPredicate {
  const left = leftReader(test.left);
  const { right, operator } = test;
  if (right.kind === 'reference') return referring(test, right, left);
  const wanted = right.kind === 'value' ? right.value : right.nanos;
  return (span, context) => {
    const value = left(span, context);
    if (value === undefined) return missing(test, test.left, span, context);
    // The usual cases first.
    if (operator === '==' && typeof value === 'string' && typeof wanted === 'string') {
      return value === wanted ? TRUE : FALSE;
    }
    const truth = compareTest(value, operator, wanted);
    return truth === null ? otherType(test, test.left, span, context) : surely(truth);
  };
}

/** With an attribute of the bound span, or another of the same span. */
function referring(test: ComparisonTestNode, right: ReferenceNode, left: Reader): QuickPredicate {
  const other = reader(right.attribute);
  const name = attributeName(right.attribute);
  const { operator } = test;
  const ofBound = right.of !== 'this';
  return (span, context) => {
    const value = left(span, context);
    if (value === undefined) return missing(test, test.left, span, context);
    const { bound } = context;
    const from = ofBound && bound !== null ? bound.span : span;
    const wanted = other(from, context);
    if (wanted === undefined) {
      if (!ofBound || bound === null) {
        context.unknowns.note(test, span, name, 'missing');
        return UNKNOWN;
      }
      context.unknowns.note(right, from, name, 'missing');
      return OPEN;
    }
    const truth = compareTest(value, operator, wanted);
    return truth === null ? otherType(test, test.left, span, context) : surely(truth);
  };
}

function membership(test: MembershipTestNode): QuickPredicate {
  const left = leftReader(test.left);
  return (span, context) => {
    const value = left(span, context);
    if (value === undefined) return missing(test, test.left, span, context);
    if (test.list.values === null) throw new Error('unresolved list');
    let isComparable = false;
    for (const one of test.list.values) {
      const equal = compareValues(value, '==', one.value);
      if (equal === true) return surely(!test.negated);
      if (equal === false) isComparable = true;
    }
    return isComparable ? surely(test.negated) : otherType(test, test.left, span, context);
  };
}

type Reader = (span: Span, context: Context) => AttributeValue | undefined;

function leftReader({ attribute, convert }: LeftNode): Reader {
  const read = reader(attribute);
  if (convert === null) return read;
  const converted = convert === 'number' ? convertToNumber : convertToText;
  return (span, context) => {
    const value = read(span, context);
    return value === undefined ? undefined : converted(value);
  };
}

/** As `readAttribute`. */
function reader(attribute: AttributeNode): Reader {
  const { where } = attribute;
  const name = internalized(attribute.name);
  if (where === 'any') {
    return (span) => present(span.attributes.get(name)) ?? present(span.resource.attributes.get(name));
  }
  if (where === 'resource') return (span) => present(span.resource.attributes.get(name));
  return (span, { scope }) => readAttribute(span, attribute, scope);
}

/** NaN is missing. */
function present(value: AttributeValue | undefined): AttributeValue | undefined {
  return typeof value === 'number' && Number.isNaN(value) ? undefined : value;
}

function missing(comparison: object, left: LeftNode, span: Span, context: Context): number {
  // A conversion that failed met another type, not a hole.
  const there = left.convert !== null && readAttribute(span, left.attribute, context.scope) !== undefined;
  context.unknowns.note(comparison, span, attributeName(left.attribute), there ? 'otherType' : 'missing');
  return UNKNOWN;
}

function otherType(comparison: object, left: LeftNode, span: Span, context: Context): number {
  context.unknowns.note(comparison, span, attributeName(left.attribute), 'otherType');
  return UNKNOWN;
}

function surely(truth: boolean): number {
  return truth ? TRUE : FALSE;
}

/** By 8 times a set and another one: the outcomes of a connective for all pairs out of them. */
function tableOf(connective: (a: number, b: number) => number): Uint8Array {
  const table = new Uint8Array(64);
  for (let a = 0; a < 8; a++) {
    for (let b = 0; b < 8; b++) {
      let set = 0;
      for (const left of OUTCOMES) {
        for (const right of OUTCOMES) {
          if ((a & left) !== 0 && (b & right) !== 0) set |= connective(left, right);
        }
      }
      table[a * 8 + b] = set;
    }
  }
  return table;
}

const OUTCOMES = [TRUE, FALSE, UNKNOWN] as const;
const BOTH = tableOf((a, b) =>
  a === FALSE || b === FALSE ? FALSE : a === TRUE && b === TRUE ? TRUE : UNKNOWN,
);
const EITHER = tableOf((a, b) =>
  a === TRUE || b === TRUE ? TRUE : a === FALSE && b === FALSE ? FALSE : UNKNOWN,
);
const NEGATED = Uint8Array.from({ length: 8 }, (_, set) => {
  return (set & UNKNOWN) | ((set & TRUE) === 0 ? 0 : FALSE) | ((set & FALSE) === 0 ? 0 : TRUE);
});
