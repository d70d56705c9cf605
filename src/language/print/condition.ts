/** Conditions and measures as text with places to break. */
import type { AttributeNode, CompareNode, ConditionNode, MeasureNode } from '../ast.ts';
import type { NodeComments } from './comments.ts';
import { group, hardLine, indent, type Layout, line, remark } from './layout.ts';
import { attributeSpelling, inParentheses, predicateLayout } from './predicate.ts';
import { argument, matcherSpelling, selectorLayout, withSteps } from './selector.ts';

export interface PrintContext {
  /** Names given by `each`: a span of such a name is quoted. */
  readonly bound: ReadonlySet<string>;
  readonly comments: ReadonlyMap<object, NodeComments>;
}

/** A condition with the comments that belong to it. */
export function conditionLayout(condition: ConditionNode, context: PrintContext): Layout {
  return [leading(condition, context), body(condition, context), trailing(condition, context)];
}

/** The terms that follow a first one, each with its operator before it, one deeper when broken; `before` stands before them all. */
export function furtherTerms(
  terms: readonly ConditionNode[],
  operator: 'and' | 'or',
  context: PrintContext,
  before: Layout = '',
): Layout {
  return indent(
    terms.map((term, at) => [
      line,
      at === 0 ? before : '',
      leading(term, context),
      `${operator} `,
      operand(term, operator, context),
      trailing(term, context),
    ]),
  );
}

/** Comments on lines of their own before a node. */
export function leading(node: object, context: PrintContext): Layout {
  return (context.comments.get(node)?.leading ?? []).map((text) => [text, hardLine]);
}

/** Comments at the end of a node's line; what follows comes on another. */
export function trailing(node: object, context: PrintContext): Layout {
  return (context.comments.get(node)?.trailing ?? []).map((text) => remark(text, true));
}

/** Comments on lines of their own after the last thing in a node. */
export function closing(node: object, context: PrintContext): Layout {
  return (context.comments.get(node)?.closing ?? []).map((text) => [hardLine, text]);
}

function body(condition: ConditionNode, context: PrintContext): Layout {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const [first, ...rest] = condition.terms;
      if (first === undefined) return '';
      return group([
        leading(first, context),
        operand(first, condition.kind, context),
        trailing(first, context),
        furtherTerms(rest, condition.kind, context),
      ]);
    }
    case 'not': {
      const { term } = condition;
      const bare = term.kind === 'has' || term.kind === 'all' || term.kind === 'not';
      return ['not ', bare ? body(term, context) : inParentheses(body(term, context))];
    }
    case 'has': {
      const { selector, spelling } = condition;
      if (spelling === 'selector') return selectorLayout(selector, context.bound);
      const head = `${spelling}(${matcherSpelling(selector.matcher, context.bound)})`;
      return withSteps(head, selector.steps, context.bound);
    }
    case 'all':
      return [
        condition.qualified ? 'trace.all(' : 'all(',
        argument([
          selectorLayout(condition.selector, context.bound),
          ',',
          line,
          predicateLayout(condition.predicate),
        ]),
        ')',
      ];
    case 'compare':
      return [
        measureLayout(condition.left, context),
        ` ${condition.operator} `,
        rightLayout(condition.right, context),
      ];
  }
}

/** `and` binds tighter than `or`; a list within a list of its own kind keeps its parentheses, for the tree keeps its shape. */
function operand(term: ConditionNode, within: 'and' | 'or', context: PrintContext): Layout {
  const inner = body(term, context);
  return term.kind === 'or' || (term.kind === 'and' && within === 'and') ? inParentheses(inner) : inner;
}

function rightLayout(right: CompareNode['right'], context: PrintContext): Layout {
  return right.kind === 'number' || right.kind === 'duration' ? right.raw : measureLayout(right, context);
}

function measureLayout(measure: MeasureNode, context: PrintContext): Layout {
  if (measure.kind === 'trace-duration') return 'trace.duration';
  const { selector } = measure;
  const trace = measure.qualified ? 'trace.' : '';
  if (measure.kind === 'count') {
    const head = `${trace}count(${matcherSpelling(selector.matcher, context.bound)})`;
    return withSteps(head, selector.steps, context.bound);
  }
  if (measure.kind === 'distinct' && measure.spelling === 'unique') {
    const head = `${trace}count(${matcherSpelling(selector.matcher, context.bound)})`;
    return withSteps(head, selector.steps, context.bound, uniqueStep(measure.attribute));
  }
  return [
    `${trace}${measure.kind}(`,
    argument([selectorLayout(selector, context.bound), ',', line, attributeSpelling(measure.attribute)]),
    ')',
  ];
}

function uniqueStep(attribute: AttributeNode): string {
  return `.where(${attributeSpelling(attribute)} == unique)`;
}
