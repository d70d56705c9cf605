/**
 * Looking spans up by the value that a selector wants to be that of the bound span, as in `charge.where(cart.id == order.cart.id)`, so that
 * not every span of that name is compared with every bound span. The outcome is that of looking at all.
 */
import type { ComparisonTestNode, PredicateNode, ReferenceNode, SelectorNode } from '../../language/ast.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import { compareSpans, type Span } from '../../trace/span.ts';
import { isNumber, readAttribute, valueKey } from './attribute.ts';
import type { Context } from './context.ts';
import { readLeft } from './predicate.ts';

/** A comparison that is false for every span with another value of the bound span's type. */
export type BoundEquality = ComparisonTestNode & { readonly right: ReferenceNode };

/** Spans by type and value of what an equality compares. */
export class ValueIndex {
  readonly #spans: readonly { readonly span: Span; readonly type: string; readonly key: string }[];
  readonly #byKey = new Map<string, Span[]>();
  readonly #ofOtherType = new Map<string, Span[]>();

  constructor(spans: readonly Span[], { left }: BoundEquality, context: Context) {
    this.#spans = spans.map((span) => {
      const value = readLeft(left, span, context);
      return value === undefined
        ? { span, type: '', key: '' }
        : { span, type: typeOf(value), key: valueKey(value) };
    });
    for (const { span, key } of this.#spans) {
      const same = this.#byKey.get(key);
      if (same === undefined) this.#byKey.set(key, [span]);
      else same.push(span);
    }
  }

  /** Those with the value, and those without one that compares with it, in canonical order. */
  candidates(wanted: AttributeValue): readonly Span[] {
    const equal = this.#byKey.get(valueKey(wanted)) ?? [];
    const others = this.#otherThan(typeOf(wanted));
    return others.length === 0 ? equal : [...equal, ...others].sort(compareSpans);
  }

  #otherThan(type: string): readonly Span[] {
    let others = this.#ofOtherType.get(type);
    if (others === undefined) {
      others = this.#spans.filter((one) => one.type !== type).map(({ span }) => span);
      this.#ofOtherType.set(type, others);
    }
    return others;
  }
}

/**
 * The spans of `named` that can belong to the selector, of which `equality` is a condition. The first time all are looked at, which notes
 * what is unknown of them. After that, those are passed over for which the equality is false.
 */
export function candidatesFor(
  selector: SelectorNode,
  equality: BoundEquality,
  named: () => readonly Span[],
  context: Context,
): readonly Span[] {
  const { bound, indexes } = context;
  const index = indexes.get(selector);
  // An observer is told of every comparison.
  if (bound === null || context.observer !== null) return named();
  if (index === undefined) {
    indexes.set(selector, 'looked at once');
    return named();
  }
  const wanted = readAttribute(bound.span, equality.right.attribute, context.scope);
  if (wanted === undefined || typeof wanted === 'object') return named();
  if (index !== 'looked at once') return index.candidates(wanted);
  const made = new ValueIndex(named(), equality, context);
  indexes.set(selector, made);
  return made.candidates(wanted);
}

/** The first part of a predicate that speaks of the bound span, if it is such an equality that all of it rests on. */
export function equalityIn(
  predicate: PredicateNode,
  mentionsBound: (predicate: PredicateNode) => boolean,
): BoundEquality | null {
  const first = predicate.kind === 'p-and' ? predicate.terms.find(mentionsBound) : predicate;
  return first !== undefined && isBoundEquality(first) ? first : null;
}

function isBoundEquality(predicate: PredicateNode): predicate is BoundEquality {
  if (predicate.kind !== 'test' || predicate.operator !== '==' || predicate.right.kind !== 'reference') {
    return false;
  }
  const attributes = [predicate.left.attribute, predicate.right.attribute];
  // The time of a span's own is not settled while children can come.
  const isSettled = attributes.every(({ where, name }) => where !== 'field' || name !== 'self');
  return predicate.right.of !== 'this' && isSettled;
}

function typeOf(value: AttributeValue): string {
  return isNumber(value) ? 'number' : typeof value;
}
