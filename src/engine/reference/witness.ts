/** Witnesses: why a verdict is what it is, with the spans, selectors and values that show it. */
import { formatBillionths } from '../../base/decimal.ts';
import { formatDuration } from '../../base/nanos.ts';
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import { positionOf } from '../../diagnostic/position.ts';
import type { ConditionNode, MeasureNode, SelectorNode } from '../../language/ast.ts';
import type { CompiledRule } from '../../language/compiled-rule.ts';
import { printSelector } from '../../language/print.ts';
import { compareSpans, type Span } from '../../trace/span.ts';
import type { ClauseWitness, MeasureWitness, NearestMiss, OrderViolation, Witness } from '../verdict.ts';
import { type Eligible, evaluateCondition, measure } from './condition.ts';
import type { Context } from './context.ts';
import { nearestMiss, orderViolations, unmetPredicate } from './nearest.ts';
import { matchPredicate } from './predicate.ts';
import { relatedSpans } from './related-spans.ts';
import { select, stepsOf, targetOf } from './selector.ts';
import type { Range, Truth } from './truth.ts';

/** A witness shows so many spans of each sort; measures give the true numbers. */
const MOST_WITNESS_SPANS = 100;

/** For a requirement that is broken or not proved. */
export function requirementWitness(
  rule: CompiledRule,
  index: number,
  context: Context,
  eligible: Eligible,
): Witness {
  const requirement = rule.requirements[index];
  if (requirement === undefined) throw new Error(`no requirement ${index}`);
  const { truth } = evaluateCondition(requirement.condition, context);
  const deciding = decidingNode(requirement.condition, truth, context);
  const evidence = new Evidence(rule, context);
  evidence.collect(deciding.node, deciding.truth);
  // What must not be is shown with its `not` or `never`: alone it would read as a demand.
  const forbidden = deciding.node === requirement.condition && requirement.polarity === 'never';
  const range = forbidden ? requirement.range : deciding.node.range;
  return evidence.witness(range, triggerSpans(rule, context, eligible));
}

/** For a trigger of which it is not known whether it occurred. */
export function triggerWitness(rule: CompiledRule, context: Context, eligible: Eligible): Witness {
  const evidence = new Evidence(rule, context);
  let range = rule.each?.selector.range ?? rule.ast.range;
  if (rule.trigger !== null) {
    const { truth } = evaluateCondition(rule.trigger, context, eligible);
    const deciding = decidingNode(rule.trigger, truth, context);
    if (truth === null || rule.each === null) {
      evidence.collect(deciding.node, deciding.truth);
      range = deciding.node.range;
    }
  }
  return evidence.witness(range, triggerSpans(rule, context, eligible));
}

/** When everything that must hold holds: all of it together. */
export function satisfiedWitness(rule: CompiledRule, context: Context, eligible: Eligible): Witness {
  const evidence = new Evidence(rule, context);
  for (const { polarity, condition } of rule.requirements) {
    const { truth } = evaluateCondition(condition, context);
    evidence.collect(condition, truth ?? polarity === 'always');
  }
  const first = rule.requirements[0]?.range ?? rule.ast.range;
  const last = rule.requirements[rule.requirements.length - 1]?.range ?? rule.ast.range;
  return evidence.witness({ start: first.start, end: last.end }, triggerSpans(rule, context, eligible));
}

/** The spans that a selector of the trigger matches, outside `not`; with `each`, the bound one. */
export function triggerSpans(rule: CompiledRule, context: Context, eligible: Eligible): Span[] {
  if (context.bound !== null) return [context.bound.span];
  const found = new Set<Span>();
  for (const selector of [
    ...(rule.each === null ? [] : [rule.each.selector]),
    ...(rule.trigger === null ? [] : positiveSelectors(rule.trigger)),
  ]) {
    const { sure, maybe } = select(selector, context, eligible);
    for (const span of [...sure, ...maybe.keys()]) found.add(span);
  }
  return [...found].sort(compareSpans).slice(0, MOST_WITNESS_SPANS);
}

function positiveSelectors(node: ConditionNode): SelectorNode[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.terms.flatMap(positiveSelectors);
    case 'not':
      return [];
    case 'has':
    case 'all':
      return [node.selector];
    case 'compare':
      return [node.left, node.right].flatMap((side) => ('selector' in side ? [side.selector] : []));
  }
}

/** The smallest condition that decides: the first false term of an `and`, the first true term of an `or`. */
function decidingNode(
  node: ConditionNode,
  truth: Truth,
  context: Context,
): { node: ConditionNode; truth: Truth } {
  if (node.kind !== 'and' && node.kind !== 'or') return { node, truth };
  const alone = node.kind === 'and' ? truth !== true : truth !== false;
  if (!alone) return { node, truth };
  for (const term of node.terms) {
    const outcome = evaluateCondition(term, context);
    if (outcome.truth === truth) return decidingNode(term, truth, context);
  }
  return { node, truth };
}

class Evidence {
  readonly #rule: CompiledRule;
  readonly #context: Context;
  readonly #missing = new Set<string>();
  #nearest: NearestMiss | null = null;
  readonly #order: OrderViolation[] = [];
  readonly #spans = new Set<Span>();
  readonly #measures: MeasureWitness[] = [];

  constructor(rule: CompiledRule, context: Context) {
    this.#rule = rule;
    this.#context = context;
  }

  witness(range: TextRange, trigger: readonly Span[]): Witness {
    return {
      clause: clauseAt(this.#rule, range),
      trigger,
      missing: [...this.#missing],
      nearest: this.#nearest,
      order: this.#order,
      spans: [...this.#spans].sort(compareSpans).slice(0, MOST_WITNESS_SPANS),
      measures: this.#measures,
    };
  }

  /** Adds what shows that the condition has this truth. */
  collect(node: ConditionNode, truth: Truth): void {
    switch (node.kind) {
      case 'and':
      case 'or':
        for (const term of node.terms) this.collect(term, evaluateCondition(term, this.#context).truth);
        return;
      case 'not':
        this.collect(node.term, evaluateCondition(node.term, this.#context).truth);
        return;
      case 'has':
        this.#presence(node.selector, truth === true);
        return;
      case 'all':
        this.#universal(node, truth);
        return;
      case 'compare':
        for (const side of [node.left, node.right]) {
          if (side.kind !== 'number' && side.kind !== 'duration') this.#measured(side, truth);
        }
    }
  }

  #presence(selector: SelectorNode, there: boolean): void {
    const { sure, maybe } = select(selector, this.#context);
    for (const span of sure) this.#spans.add(span);
    if (there) {
      for (const span of sure.slice(0, MOST_WITNESS_SPANS)) {
        for (const related of relatedSpans(selector, span, this.#context)) this.#spans.add(related);
      }
      return;
    }
    for (const span of maybe.keys()) this.#spans.add(span);
    this.#missing.add(printSelector(selector));
    this.#nearest ??= nearestMiss(selector, this.#context);
    this.#order.push(...orderViolations(selector, this.#context));
    for (const step of stepsOf(selector)) {
      // A relation to nothing: what the span was to be related to is missing as well.
      if (step.kind === 'where' || step.target.kind === 'bound') continue;
      const target = targetOf(step.target, this.#context);
      const inRule = selector.steps.includes(step);
      if (target.sure.length === 0 && target.maybe.size === 0 && inRule) {
        this.#missing.add(printSelector(step.target));
      }
    }
  }

  #universal(node: ConditionNode & { kind: 'all' }, truth: Truth): void {
    const { sure } = select(node.selector, this.#context);
    if (truth === true) {
      for (const span of sure) this.#spans.add(span);
      return;
    }
    for (const span of sure) {
      if (matchPredicate(node.predicate, span, this.#context).kind === 'yes') continue;
      this.#spans.add(span);
      this.#nearest ??= {
        selector: printSelector(node.selector),
        ...unmetPredicate(node.predicate, span, this.#context),
      };
    }
  }

  #measured(node: MeasureNode, truth: Truth): void {
    const { range } = measure(node, this.#context, null);
    const written = node.kind === 'trace-duration' ? formatDuration : formatBillionths;
    this.#measures.push({ text: this.#written(node.range), value: writtenRange(range, written) });
    if (node.kind === 'trace-duration') return;
    const { sure } = select(node.selector, this.#context);
    for (const span of sure) this.#spans.add(span);
    if (sure.length === 0 && truth !== true) this.#presence(node.selector, false);
  }

  #written({ start, end }: TextRange): string {
    return this.#rule.source.text.slice(start, end);
  }
}

/** As much as is known: of a scope that may still get spans, most measures have a least value and no greatest. */
function writtenRange({ least, most }: Range, written: (value: bigint) => string): string {
  // That a count is none or more says nothing.
  const bottom = least === null || (least <= 0n && most !== least) ? null : written(least);
  const top = most === null ? null : written(most);
  if (bottom === null) return top === null ? 'unknown' : `${top} or less`;
  if (top === null) return `${bottom} or more`;
  return least === most ? bottom : `${bottom} to ${top}`;
}

function clauseAt(rule: CompiledRule, range: TextRange): ClauseWitness {
  const { line, column } = positionOf(rule.source.text, range.start);
  return { text: rule.source.text.slice(range.start, range.end), range, line, column };
}
