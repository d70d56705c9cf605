/** The small changes of a rule that its tests should notice: operators, values, steps and terms, one at a time. */

import { formatDuration } from '../../base/nanos.ts';
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import type {
  ChainNode,
  ClauseNode,
  CompareNode,
  ComparisonOperator,
  ConditionNode,
  DurationNode,
  MeasureNode,
  OrderNode,
  PredicateNode,
  RuleNode,
  SelectorNode,
  StepNode,
  TargetNode,
  ValueNode,
} from '../../language/ast.ts';
import { printCondition, printPredicate, printSelector, printStep } from '../../language/print.ts';
import { replaceNode } from './replace-node.ts';

interface Mutation {
  readonly rule: RuleNode;
  /** What is changed, in the condition's text. */
  readonly range: TextRange;
  /** On one line. */
  readonly original: string;
  /** On one line; the empty text when it is left out. */
  readonly replacement: string;
}

/**
 * All mutations of a rule, in the order of its text. Some do not compile (a rule must not be false of an empty trace): whoever
 * compiles them drops those. Left out is what is known to mean the same: `count(x) <= 0` for `count(x) == 0`, and
 * `count(x) <= 1` for `count(x) == 1` where the trigger says that there is an x.
 */
export function mutationsOf(rule: RuleNode): Mutation[] {
  return new Mutator(rule).all();
}

const COMPARISONS: Readonly<Record<ComparisonOperator, readonly ComparisonOperator[]>> = {
  '==': ['!=', '>=', '<='],
  '!=': ['=='],
  '>': ['>=', '<'],
  '>=': ['>', '<='],
  '<': ['<=', '>'],
  '<=': ['<', '>='],
};

class Mutator {
  readonly #rule: RuleNode;
  readonly #found: Mutation[] = [];
  /** Selectors, printed, of which the trigger says that a span is there. */
  readonly #present: ReadonlySet<string>;

  constructor(rule: RuleNode) {
    this.#rule = rule;
    this.#present = new Set(triggerSelectors(rule));
  }

  all(): Mutation[] {
    const { across, when, clauses, condition } = this.#rule;
    if (across !== null) {
      this.#swap(across, null, `across ${across.key.map((key) => key.name).join(', ')}`, '');
      this.#scale(across.within, (nanos) => ({ ...across, within: nanos }), across);
      if (across.key.length > 1) {
        for (const key of across.key) this.#swap(key, null, key.name, '');
      }
    }
    if (when !== null) {
      if (when.each !== null) {
        const { selector } = when.each;
        const has: ConditionNode = { kind: 'has', selector, spelling: 'selector', range: selector.range };
        const terms = when.condition === null ? [has] : [has, when.condition];
        const [first] = terms;
        const both: ConditionNode | undefined =
          terms.length > 1 ? { kind: 'and', terms, range: when.range } : first;
        if (both !== undefined) {
          const plain = { ...when, each: null, condition: both };
          this.#add(
            when,
            plain,
            when.each.range,
            `each ${printSelector(selector)} as ${when.each.bound.name}`,
            printSelector(selector),
          );
        }
        if (when.condition !== null) this.#swap(when.condition, null, printCondition(when.condition), '');
        this.#selector(selector);
      }
      if (when.condition !== null) this.#condition(when.condition);
    }
    for (const clause of clauses) this.#clause(clause, clauses.length);
    if (condition !== null) this.#condition(condition);
    return this.#found.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  }

  #clause(clause: ClauseNode, count: number): void {
    const polarity = clause.polarity === 'always' ? 'never' : 'always';
    this.#swap(clause, { ...clause, polarity }, clause.polarity, polarity);
    if (count > 1) this.#swap(clause, null, `${clause.polarity} { ${printCondition(clause.condition)} }`, '');
    this.#condition(clause.condition);
  }

  #condition(node: ConditionNode): void {
    switch (node.kind) {
      case 'and':
      case 'or': {
        const kind = node.kind === 'and' ? 'or' : 'and';
        const other: ConditionNode = { kind, terms: node.terms, range: node.range };
        this.#swap(node, other, printCondition(node), printCondition(other));
        for (const term of node.terms) {
          this.#swap(term, null, printCondition(term), '');
          this.#condition(term);
        }
        return;
      }
      case 'not':
        this.#swap(node, node.term, printCondition(node), printCondition(node.term));
        this.#condition(node.term);
        return;
      case 'has':
        this.#selector(node.selector);
        return;
      case 'all': {
        const where: StepNode = { kind: 'where', predicate: node.predicate, range: node.predicate.range };
        const selector = { ...node.selector, steps: [...node.selector.steps, where] };
        const has: ConditionNode = { kind: 'has', selector, spelling: 'has', range: node.range };
        this.#swap(node, has, printCondition(node), printCondition(has));
        this.#selector(node.selector);
        this.#predicate(node.predicate);
        return;
      }
      case 'compare':
        this.#compare(node);
    }
  }

  #compare(node: CompareNode): void {
    for (const operator of COMPARISONS[node.operator]) {
      if (this.#sameMeaning(node, operator)) continue;
      const other = { ...node, operator };
      this.#swap(node, other, printCondition(node), printCondition(other));
    }
    this.#measure(node.left);
    const { right } = node;
    switch (right.kind) {
      case 'number':
        for (const value of [before(right.value), after(right.value)]) {
          if (isCount(node.left) && value < 0) continue;
          this.#swap(right, { ...right, value, raw: String(value) }, right.raw, String(value));
        }
        return;
      case 'duration':
        this.#scale(right, (duration) => ({ ...node, right: duration }), node);
        return;
      default:
        this.#measure(right);
    }
  }

  /** Whether the comparison says the same with another operator, as far as a count's least value tells. */
  #sameMeaning({ left, operator, right }: CompareNode, other: ComparisonOperator): boolean {
    if (right.kind !== 'number' || !isCount(left)) return false;
    const pair = `${operator} ${other}`;
    if (right.value === 0) return pair === '== <=' || pair === '<= ==';
    const present = this.#present.has(printSelector(left.selector)) && left.kind === 'count';
    return right.value === 1 && present && (pair === '== <=' || pair === '<= ==');
  }

  #measure(node: MeasureNode): void {
    if (node.kind === 'trace-duration') return;
    if (node.kind !== 'count') {
      const { selector, qualified, range } = node;
      const count: MeasureNode = { kind: 'count', selector, qualified, range };
      const name = node.kind === 'sum' ? 'sum' : 'distinct';
      this.#swap(
        node,
        count,
        `${name}(${printSelector(selector)}, ${node.attribute.name})`,
        `count(${printSelector(selector)})`,
      );
    }
    this.#selector(node.selector);
  }

  #selector(node: SelectorNode): void {
    for (const step of node.steps) {
      this.#swap(step, null, printStep(step), '');
      switch (step.kind) {
        case 'where':
          this.#predicate(step.predicate);
          break;
        case 'before':
        case 'after':
          this.#order(step);
          this.#target(step.target);
          break;
        default: {
          const kind = step.kind === 'inside' ? 'child_of' : 'inside';
          const other: ChainNode = { ...step, kind };
          this.#swap(step, other, printStep(step), printStep(other));
          this.#target(step.target);
        }
      }
    }
  }

  #order(step: OrderNode): void {
    const other: OrderNode = { ...step, kind: step.kind === 'before' ? 'after' : 'before' };
    this.#swap(step, other, printStep(step), printStep(other));
    if (step.within === null) return;
    this.#add(step, { ...step, within: null }, step.within.range, `.within(${step.within.raw})`, '');
    this.#scale(step.within, (within) => ({ ...step, within }), step);
  }

  #target(target: TargetNode): void {
    if (target.kind === 'selector') this.#selector(target);
  }

  #predicate(node: PredicateNode): void {
    const swap = (other: PredicateNode): void =>
      this.#swap(node, other, printPredicate(node), printPredicate(other));
    switch (node.kind) {
      case 'p-and':
      case 'p-or':
        swap({ kind: node.kind === 'p-and' ? 'p-or' : 'p-and', terms: node.terms, range: node.range });
        for (const term of node.terms) {
          this.#swap(term, null, printPredicate(term), '');
          this.#predicate(term);
        }
        return;
      case 'p-not':
        swap(node.term);
        this.#predicate(node.term);
        return;
      case 'exists':
        swap({ ...node, negated: !node.negated });
        return;
      case 'is-true':
        swap({ kind: 'p-not', term: node, range: node.range });
        return;
      case 'in':
        swap({ ...node, negated: !node.negated });
        if (node.list.kind === 'list' && node.list.values.length > 1) {
          for (const value of node.list.values) this.#swap(value, null, value.raw, '');
        }
        return;
      case 'test':
        this.#test(node, swap);
    }
  }

  #test(node: Extract<PredicateNode, { kind: 'test' }>, swap: (other: PredicateNode) => void): void {
    const { operator, right } = node;
    switch (operator) {
      case 'matches':
        break;
      case 'contains':
        swap({ ...node, operator: 'starts_with' });
        break;
      case 'starts_with':
      case 'ends_with':
        swap({ ...node, operator: 'contains' });
        break;
      default:
        for (const other of COMPARISONS[operator]) {
          // Text and booleans are equal or not, and in no order.
          const ordered = other !== '==' && other !== '!=';
          if (ordered && (operator === '==' || operator === '!=') && !isOrdered(node)) continue;
          swap({ ...node, operator: other });
        }
    }
    if (right.kind === 'value' && (typeof right.value === 'number' || typeof right.value === 'bigint')) {
      for (const value of [before(right.value), after(right.value)]) {
        const changed: ValueNode = { ...right, value, raw: String(value) };
        this.#swap(right, changed, right.raw, String(value));
      }
    }
    if (right.kind === 'duration') this.#scale(right, (duration) => ({ ...node, right: duration }), node);
  }

  /** Ten times as long, and a tenth. */
  #scale(duration: DurationNode, within: (scaled: DurationNode) => object, holder: object): void {
    for (const nanos of [duration.nanos * 10n, duration.nanos / 10n]) {
      if (nanos === 0n || nanos === duration.nanos) continue;
      const raw = formatDuration(nanos);
      this.#add(holder, within({ ...duration, nanos, raw }), duration.range, duration.raw, raw);
    }
  }

  #swap(target: { readonly range: TextRange }, replacement: object | null, from: string, to: string): void {
    this.#add(target, replacement, target.range, from, to);
  }

  #add(target: object, replacement: object | null, range: TextRange, original: string, to: string): void {
    this.#found.push({
      rule: replaceNode(this.#rule, target, replacement),
      range,
      original,
      replacement: to,
    });
  }
}

function isCount(measure: MeasureNode): measure is Extract<MeasureNode, { kind: 'count' | 'distinct' }> {
  return measure.kind === 'count' || measure.kind === 'distinct';
}

function isOrdered({ right, left }: Extract<PredicateNode, { kind: 'test' }>): boolean {
  if (right.kind === 'duration') return true;
  if (right.kind === 'reference') return left.convert === 'number';
  return typeof right.value === 'number' || typeof right.value === 'bigint';
}

function before(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? value - 1n : value - 1;
}

function after(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? value + 1n : value + 1;
}

/** Selectors that the trigger has as terms of its own, printed. */
function triggerSelectors({ when, condition }: RuleNode): string[] {
  const trigger = when?.condition ?? (condition?.kind === 'and' ? (condition.terms[0] ?? null) : null);
  const terms = trigger === null ? [] : trigger.kind === 'and' ? trigger.terms : [trigger];
  const named = terms.flatMap((term) => (term.kind === 'has' ? [printSelector(term.selector)] : []));
  return when?.each ? [printSelector(when.each.selector), ...named] : named;
}
