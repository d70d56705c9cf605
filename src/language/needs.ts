/** What a producer of traces must set, so that a rule can look at it: the spans, their attributes, their order and nesting. */
import type { Nanos } from '../base/nanos.ts';
import type {
  AttributeNode,
  ConditionNode,
  LeftNode,
  MatcherNode,
  PredicateNode,
  SelectorNode,
  SpanField,
  TargetNode,
} from './ast.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { type ExpectedType, expectedTypes } from './expectation.ts';
import { type ExampleValue, exampleValue, textMatching, type WantedTest } from './instrument/example.ts';
import { isTextOperator, NEGATED } from './operators.ts';
import { matcherKey } from './plan.ts';
import { openMacros } from './walk.ts';

/** Why a rule speaks of a span; of several reasons the first in this order counts. */
const SPAN_ROLES = ['trigger', 'required', 'counted', 'related', 'watched', 'forbidden'] as const;
/**
 * `counted`: by a measure or `all`. `related`: the target of a step. `watched`: forbidden only with certain attributes.
 * `forbidden`: must not be there at all.
 */
export type SpanRole = (typeof SPAN_ROLES)[number];

export interface SpanNeed {
  readonly matcher: MatcherNode;
  /** A name that the matcher matches: the exact one, or an example. */
  readonly name: string;
  readonly role: SpanRole;
  readonly attributes: readonly AttributeNeed[];
  /** Fields that the rule reads, with the text that is asked for where one is. */
  readonly fields: readonly { readonly field: SpanField; readonly value: string | null }[];
  readonly relations: readonly RelationNeed[];
  /** So many of them, at the least, for the rule to hold. */
  readonly atLeast: number;
}

export interface AttributeNeed {
  readonly where: 'any' | 'resource';
  readonly name: string;
  /** What the comparisons expect; `any` when they take every type. */
  readonly expects: ExpectedType | 'any';
  /** A value with which the rule holds; null: the attribute should be absent for that, or present and different. */
  readonly example: ExampleValue | null;
  /** It must be the same as this attribute of that span (by the index of its need). */
  readonly sameAs: { readonly span: number; readonly attribute: string } | null;
  /** It correlates traces: the key of `across`. */
  readonly key: boolean;
}

export interface RelationNeed {
  readonly kind: 'before' | 'after' | 'child_of' | 'inside';
  /** The index of the other span's need. */
  readonly span: number;
  readonly within: Nanos | null;
  /** Another relation does as well: it stands behind an `or`. */
  readonly optional: boolean;
}

/** One entry a name or pattern, in the order met; triggers first. Cost: linear in the rule, but for comparing names. */
export function needsOf(rule: CompiledRule): SpanNeed[] {
  return new Collector(rule).collect();
}

interface Draft {
  readonly matcher: MatcherNode;
  role: SpanRole;
  readonly attributes: Map<string, AttributeDraft>;
  readonly fields: Map<SpanField, string | null>;
  readonly relations: RelationNeed[];
  atLeast: number;
}

interface AttributeDraft {
  readonly where: 'any' | 'resource';
  readonly name: string;
  readonly types: Set<ExpectedType>;
  readonly tests: WantedTest[];
  sameAs: AttributeNeed['sameAs'];
  /** Its value is to be above (1) or below (-1) of what it is compared with; 0: the same, or nothing asked. */
  lean: -1 | 0 | 1;
  /** What one span adds to a sum that is compared with a number of spans, of which one is made. */
  addend: number | null;
  key: boolean;
}

class Collector {
  readonly #rule: CompiledRule;
  readonly #drafts: Draft[] = [];
  #bound = -1;
  /** What is collected stands behind an `or`, whose first term is there to be met. */
  #alternative = false;

  constructor(rule: CompiledRule) {
    this.#rule = rule;
  }

  collect(): SpanNeed[] {
    const { each, trigger, requirements, across } = this.#rule;
    if (each !== null) this.#bound = this.#selector(each.selector, 'trigger', true);
    if (trigger !== null) this.#condition(trigger, true, 'trigger');
    for (const { condition, polarity } of requirements) {
      this.#condition(condition, polarity === 'always', 'required');
    }
    for (const draft of this.#drafts) {
      for (const key of across?.key ?? []) {
        const attribute = this.#attribute(draft, key);
        if (attribute !== null) attribute.key = true;
      }
    }
    return this.#drafts.map(finished);
  }

  #condition(condition: ConditionNode, positive: boolean, role: SpanRole): void {
    switch (condition.kind) {
      case 'not':
        this.#condition(condition.term, !positive, role);
        return;
      case 'and':
      case 'or': {
        const outer = this.#alternative;
        const isChoice = (condition.kind === 'or') === positive;
        condition.terms.forEach((term, at) => {
          this.#alternative = outer || (isChoice && at > 0);
          this.#condition(term, positive, role);
        });
        this.#alternative = outer;
        return;
      }
      case 'has': {
        if (positive) this.#selector(condition.selector, role, true);
        else {
          const { steps } = openMacros(condition.selector);
          this.#selector(condition.selector, steps.length === 0 ? 'forbidden' : 'watched', false);
        }
        return;
      }
      case 'all': {
        const span = this.#selector(condition.selector, 'counted', true);
        this.#predicate(condition.predicate, span, positive);
        return;
      }
      case 'compare':
        this.#measure(condition, condition.left, positive);
        if (condition.right.kind !== 'number' && condition.right.kind !== 'duration') {
          this.#measure(condition, condition.right, positive);
        }
    }
  }

  #measure(
    condition: Extract<ConditionNode, { kind: 'compare' }>,
    measure: Extract<ConditionNode, { kind: 'compare' }>['left'],
    positive: boolean,
  ): void {
    if (measure.kind === 'trace-duration') return;
    const span = this.#selector(measure.selector, 'counted', true);
    const draft = this.#drafts[span];
    if (draft === undefined) return;
    if (measure.kind !== 'count') {
      const attribute = this.#attribute(draft, measure.attribute);
      if (measure.kind === 'sum') attribute?.types.add('number');
      if (measure.kind === 'sum' && attribute !== null) {
        attribute.addend ??= addendOf(condition, measure === condition.left, positive);
      }
    }
    const { operator, right } = condition;
    if (measure !== condition.left || right.kind !== 'number' || !positive) return;
    if (operator === '==' || operator === '>=')
      draft.atLeast = Math.max(draft.atLeast, Math.ceil(Number(right.value)));
    if (operator === '>') draft.atLeast = Math.max(draft.atLeast, Math.floor(Number(right.value)) + 1);
  }

  /** The index of the selector's need. `wanted`: whether a span that the selector matches makes the rule hold. */
  #selector(written: SelectorNode, role: SpanRole, wanted: boolean): number {
    const selector = openMacros(written);
    const span = this.#draftOf(selector.matcher, role);
    for (const step of selector.steps) {
      if (step.kind === 'where') {
        this.#predicate(step.predicate, span, wanted);
        continue;
      }
      const other = this.#target(step.target, wanted);
      if (!wanted || other === span || other < 0) continue;
      const within = 'within' in step ? (step.within?.nanos ?? null) : null;
      this.#drafts[span]?.relations.push({
        kind: step.kind,
        span: other,
        within,
        optional: this.#alternative,
      });
    }
    return span;
  }

  #target(target: TargetNode, wanted: boolean): number {
    return target.kind === 'bound' ? this.#bound : this.#selector(target, 'related', wanted);
  }

  #draftOf(matcher: MatcherNode, role: SpanRole): number {
    const key = matcherKey(matcher);
    let at = this.#drafts.findIndex((draft) => matcherKey(draft.matcher) === key);
    if (at === -1) {
      at = this.#drafts.length;
      this.#drafts.push({
        matcher,
        role,
        attributes: new Map(),
        fields: new Map(),
        relations: [],
        atLeast: 1,
      });
    }
    const draft = this.#drafts[at] as Draft;
    if (SPAN_ROLES.indexOf(role) < SPAN_ROLES.indexOf(draft.role)) draft.role = role;
    return at;
  }

  #predicate(predicate: PredicateNode, span: number, wanted: boolean): void {
    switch (predicate.kind) {
      case 'p-not':
        this.#predicate(predicate.term, span, !wanted);
        return;
      case 'p-and':
      case 'p-or':
        for (const term of predicate.terms) this.#predicate(term, span, wanted);
        return;
      default:
        this.#test({ test: predicate, wanted }, span);
    }
  }

  #test(one: WantedTest, span: number): void {
    const draft = this.#drafts[span];
    if (draft === undefined) return;
    const { test, wanted } = one;
    const { left } = test;
    if (left.attribute.where === 'field') this.#field(one, draft, left);
    const attribute = this.#attribute(draft, left.attribute);
    if (attribute !== null) {
      for (const type of expectedTypes(test) ?? []) attribute.types.add(type);
      attribute.tests.push(one);
    }
    if (test.kind !== 'test' || test.right.kind !== 'reference') return;
    const of = test.right.of === 'this' ? span : this.#bound;
    const other = this.#drafts[of];
    if (other === undefined) return;
    const theirs = this.#attribute(other, test.right.attribute);
    if (attribute === null || theirs === null || isTextOperator(test.operator)) return;
    const operator = wanted ? test.operator : NEGATED[test.operator];
    if (test.operator !== '==' && test.operator !== '!=') {
      // Only numbers have an order here.
      attribute.types.add('number');
      theirs.types.add('number');
    }
    if (operator === '==' || operator === '>=' || operator === '<=') {
      attribute.sameAs ??= { span: of, attribute: test.right.attribute.name };
    } else attribute.lean = operator === '<' ? -1 : 1;
  }

  #field({ test, wanted }: WantedTest, draft: Draft, left: LeftNode): void {
    const field = left.attribute.name as SpanField;
    const isText =
      test.kind === 'test' && test.right.kind === 'value' && typeof test.right.value === 'string';
    const asked = isText && wanted && (test.operator === '==' || test.operator === 'contains');
    const value = asked && test.right.kind === 'value' ? String(test.right.value) : null;
    draft.fields.set(field, draft.fields.get(field) ?? value);
  }

  #attribute(draft: Draft, { where, name }: AttributeNode): AttributeDraft | null {
    if (where === 'field') {
      if (!draft.fields.has(name as SpanField)) draft.fields.set(name as SpanField, null);
      return null;
    }
    const key = `${where} ${name}`;
    let attribute = draft.attributes.get(key);
    if (attribute === undefined) {
      attribute = {
        where,
        name,
        types: new Set(),
        tests: [],
        sameAs: null,
        lean: 0,
        addend: null,
        key: false,
      };
      draft.attributes.set(key, attribute);
    }
    return attribute;
  }
}

/** A value with which the sum of one span stands to a count of one as the rule wants it; null where it is against something else. */
function addendOf(
  { left, operator: written, right }: Extract<ConditionNode, { kind: 'compare' }>,
  isLeft: boolean,
  positive: boolean,
): number | null {
  const other = isLeft ? right : left;
  if (other.kind !== 'count' && other.kind !== 'distinct') return null;
  const operator = positive ? written : NEGATED[written];
  if (operator === '>') return isLeft ? 2 : 0;
  if (operator === '<') return isLeft ? 0 : 2;
  return operator === '!=' ? 2 : 1;
}

function finished(draft: Draft): SpanNeed {
  return {
    matcher: draft.matcher,
    name: exampleName(draft.matcher),
    role: draft.role,
    attributes: [...draft.attributes.values()].map(finishedAttribute),
    fields: [...draft.fields].map(([field, value]) => ({ field, value })),
    relations: draft.relations,
    atLeast: draft.atLeast,
  };
}

function finishedAttribute(draft: AttributeDraft): AttributeNeed {
  const { where, name, types, sameAs, key } = draft;
  const [only] = types;
  const expects = types.size === 1 && only !== undefined ? only : 'any';
  return { where, name, expects, example: exampleOf(draft, expects), sameAs, key };
}

function exampleOf(
  { name, tests, lean, addend }: AttributeDraft,
  expects: AttributeNeed['expects'],
): ExampleValue | null {
  const values = tests.filter(({ test }) => test.kind !== 'test' || test.right.kind === 'value');
  if (addend !== null && values.length === 0) return addend;
  // Large enough that one above and one below it are good numbers too.
  if (expects === 'number' && values.length === 0) return 10 + lean;
  const example = exampleValue(name, values);
  return lean !== 0 && typeof example === 'string' ? `other-${example}` : example;
}

/** A name that the matcher surely matches, where one is found. */
function exampleName(matcher: MatcherNode): string {
  if (matcher.kind === 'exact') return matcher.name;
  if (matcher.kind === 'macro') return matcher.name;
  if (matcher.kind === 'wildcard') return matcher.pattern.replaceAll(/\*+/g, 'example');
  return textMatching(matcher.pattern) ?? matcher.pattern;
}
