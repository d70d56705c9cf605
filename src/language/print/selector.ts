/** Selectors and their steps as text with places to break. */
import type { MatcherNode, SelectorNode, StepNode, TargetNode } from '../ast.ts';
import { quoted } from '../tokens/words.ts';
import { group, indent, type Layout, softLine } from './layout.ts';
import { predicateLayout } from './predicate.ts';
import { spanNameSpelling } from './spelling.ts';

export function selectorLayout(selector: SelectorNode, bound: ReadonlySet<string>): Layout {
  return withSteps(matcherSpelling(selector.matcher, bound), selector.steps, bound);
}

/** What stands before the steps (a matcher, or `has(matcher)`) and the steps: all on one line, or each on its own. */
export function withSteps(
  head: Layout,
  steps: readonly StepNode[],
  bound: ReadonlySet<string>,
  last: string | null = null,
): Layout {
  const layouts = [...steps.map((step) => stepLayout(step, bound)), ...(last === null ? [] : [last])];
  if (layouts.length <= 1) return [head, layouts];
  return group([head, indent(layouts.map((step) => [softLine, step]))]);
}

export function matcherSpelling(matcher: MatcherNode, bound: ReadonlySet<string>): string {
  switch (matcher.kind) {
    case 'exact':
      return spanNameSpelling(matcher.name, matcher.quoted, bound);
    case 'wildcard':
      return matcher.pattern;
    case 'regex':
      return `matches ${quoted(matcher.pattern)}`;
    case 'macro':
      return `$${matcher.name}`;
  }
}

export function stepLayout(step: StepNode, bound: ReadonlySet<string>): Layout {
  if (step.kind === 'where') return [`.where(`, argument(predicateLayout(step.predicate)), ')'];
  const target = argument(targetLayout(step.target, bound));
  const within = 'within' in step && step.within !== null ? `.within(${step.within.raw})` : '';
  return [`.${step.kind}(`, target, ')', within];
}

function targetLayout(target: TargetNode, bound: ReadonlySet<string>): Layout {
  return target.kind === 'bound' ? target.name : selectorLayout(target, bound);
}

/** What stands between two parentheses: on lines of its own, one deeper, when it does not fit. */
export function argument(content: Layout): Layout {
  return group([indent([softLine, content]), softLine]);
}
