/** Puts the selectors of macros and the values of lists where their names stand. */
import type {
  ConditionNode,
  ListNode,
  MeasureNode,
  PredicateNode,
  RuleNode,
  SelectorNode,
  StepNode,
  ValueNode,
} from './ast.ts';
import type { RuleScope } from './compiled-rule.ts';

/** A new tree; `rule` has passed the checker. A macro that is used twice is one node, shared. */
export function resolveRule(rule: RuleNode, scope: RuleScope): RuleNode {
  const resolver = new Resolver(scope);
  const { when } = rule;
  return {
    ...rule,
    when: when && {
      ...when,
      each: when.each && { ...when.each, selector: resolver.selector(when.each.selector) },
      condition: when.condition && resolver.condition(when.condition),
    },
    clauses: rule.clauses.map((clause) => ({ ...clause, condition: resolver.condition(clause.condition) })),
    condition: rule.condition && resolver.condition(rule.condition),
  };
}

export function resolveSelector(selector: SelectorNode, scope: RuleScope): SelectorNode {
  return new Resolver(scope).selector(selector);
}

class Resolver {
  readonly #scope: RuleScope;
  readonly #macros = new Map<string, SelectorNode>();

  constructor(scope: RuleScope) {
    this.#scope = scope;
  }

  condition(condition: ConditionNode): ConditionNode {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return { ...condition, terms: condition.terms.map((term) => this.condition(term)) };
      case 'not':
        return { ...condition, term: this.condition(condition.term) };
      case 'has':
        return { ...condition, selector: this.selector(condition.selector) };
      case 'all':
        return {
          ...condition,
          selector: this.selector(condition.selector),
          predicate: this.#predicate(condition.predicate),
        };
      case 'compare': {
        const { left, right } = condition;
        const literal = right.kind === 'number' || right.kind === 'duration';
        return { ...condition, left: this.#measure(left), right: literal ? right : this.#measure(right) };
      }
    }
  }

  selector(selector: SelectorNode): SelectorNode {
    const { matcher } = selector;
    return {
      ...selector,
      matcher: matcher.kind === 'macro' ? { ...matcher, selector: this.#macro(matcher.name) } : matcher,
      steps: selector.steps.map((step) => this.#step(step)),
    };
  }

  #macro(name: string): SelectorNode | null {
    const known = this.#macros.get(name);
    if (known !== undefined) return known;
    const written = this.#scope.macros.get(name);
    if (written === undefined) return null;
    const resolved = this.selector(written);
    this.#macros.set(name, resolved);
    return resolved;
  }

  #measure(measure: MeasureNode): MeasureNode {
    return measure.kind === 'trace-duration'
      ? measure
      : { ...measure, selector: this.selector(measure.selector) };
  }

  #step(step: StepNode): StepNode {
    if (step.kind === 'where') return { ...step, predicate: this.#predicate(step.predicate) };
    return step.target.kind === 'bound' ? step : { ...step, target: this.selector(step.target) };
  }

  #predicate(predicate: PredicateNode): PredicateNode {
    switch (predicate.kind) {
      case 'p-and':
      case 'p-or':
        return { ...predicate, terms: predicate.terms.map((term) => this.#predicate(term)) };
      case 'p-not':
        return { ...predicate, term: this.#predicate(predicate.term) };
      case 'in':
        return { ...predicate, list: this.#list(predicate.list) };
      default:
        return predicate;
    }
  }

  #list(list: ListNode): ListNode {
    if (list.kind === 'list') return list;
    const values = this.#scope.lists.get(list.name) ?? [];
    return {
      ...list,
      // The values stand in the rule file, not in this text: they point to the name.
      values: values.map(
        (value): ValueNode => ({ kind: 'value', value, raw: String(value), bare: false, range: list.range }),
      ),
    };
  }
}
