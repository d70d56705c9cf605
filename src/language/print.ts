/** The canonical text of a rule and of its parts: what `fmt` writes, and what messages and explanations quote. */
import type {
  AttributeNode,
  ConditionNode,
  MatcherNode,
  PredicateNode,
  RuleNode,
  SelectorNode,
  StepNode,
} from './ast.ts';
import { placeComments } from './print/comments.ts';
import {
  closing,
  conditionLayout,
  furtherTerms,
  leading,
  type PrintContext,
  trailing,
} from './print/condition.ts';
import { either, group, hardLine, indent, type Layout, line, remark, setLayout } from './print/layout.ts';
import { attributeSpelling, predicateLayout } from './print/predicate.ts';
import { matcherSpelling, selectorLayout, stepLayout } from './print/selector.ts';

/** Columns that a printed rule keeps to where its names let it. */
export const PRINT_WIDTH = 100;

const NOTHING_BOUND: ReadonlySet<string> = new Set();

/**
 * The rule in the language's own style, without a line end behind it. Parsing it gives the same tree, and printing that the
 * same text. Every comment is kept, in its order, at the clause or term that it speaks of.
 */
export function printRule(rule: RuleNode, width: number = PRINT_WIDTH): string {
  const { outside, inside } = placeComments(rule);
  const each = rule.when?.each ?? null;
  const context = {
    bound: each === null ? NOTHING_BOUND : new Set([each.bound.name]),
    comments: inside,
  };
  const layout = [
    outside.leading.map((text) => [text, hardLine]),
    leading(rule, context),
    ruleLayout(rule, context),
    outside.trailing.map((text) => remark(text, false)),
    outside.closing.map((text) => [hardLine, text]),
  ];
  return setLayout(layout, width);
}

/** A condition on one line. */
export function printCondition(condition: ConditionNode): string {
  const context = { bound: NOTHING_BOUND, comments: new Map() };
  return onOneLine(conditionLayout(condition, context));
}

/** A selector on one line. */
export function printSelector(selector: SelectorNode): string {
  return onOneLine(selectorLayout(selector, NOTHING_BOUND));
}

/** A step with its dot on one line: `.where(amount > 1000)`. */
export function printStep(step: StepNode): string {
  return onOneLine(stepLayout(step, NOTHING_BOUND));
}

/** A predicate on one line. */
export function printPredicate(predicate: PredicateNode): string {
  return onOneLine(predicateLayout(predicate));
}

/** A name matcher: `payment.charge`, `payment.*`, `"POST /checkout"`, `matches "GET .*"`, `$paid`. */
export function printMatcher(matcher: MatcherNode): string {
  return matcherSpelling(matcher, NOTHING_BOUND);
}

/** An attribute with its prefix: `amount`, `resource.host`, `span.duration`, `"http/route"`. */
export function printAttribute(attribute: AttributeNode): string {
  return attributeSpelling(attribute);
}

function onOneLine(layout: Layout): string {
  return setLayout(layout, Number.POSITIVE_INFINITY);
}

function ruleLayout(rule: RuleNode, context: PrintContext): Layout {
  const { across } = rule;
  if (across === null) return [judgedLayout(rule, context), closing(rule, context)];
  const key = across.key.map(attributeSpelling).join(', ');
  const body = group([
    `across ${across.key.length === 1 ? key : `(${key})`} within ${across.within.raw} {`,
    trailing(across, context),
    indent([line, judgedLayout(rule, context), closing(rule, context)]),
    line,
    '}',
  ]);
  return [leading(across, context), body];
}

/** The short form, or blocks with their braces in one column. */
function judgedLayout(rule: RuleNode, context: PrintContext): Layout {
  if (rule.condition !== null) return conditionLayout(rule.condition, context);
  const blocks: Layout[] = [];
  const aligned = rule.clauses.length + (rule.when === null ? 0 : 1) > 1;
  const add = (node: object, keyword: string, content: Layout): void => {
    const padding = ' '.repeat(aligned ? 'always'.length - keyword.length : 0);
    blocks.push([
      blocks.length === 0 ? '' : hardLine,
      leading(node, context),
      group([keyword, either('', padding), ' {', indent([line, content, closing(node, context)]), line, '}']),
      trailing(node, context),
    ]);
  };
  if (rule.when !== null) add(rule.when, 'when', triggerLayout(rule.when, context));
  for (const clause of rule.clauses) add(clause, clause.polarity, conditionLayout(clause.condition, context));
  return blocks;
}

function triggerLayout(when: NonNullable<RuleNode['when']>, context: PrintContext): Layout {
  const { each, condition } = when;
  if (each === null) return condition === null ? '' : conditionLayout(condition, context);
  const head = [
    leading(each, context),
    'each ',
    selectorLayout(each.selector, NOTHING_BOUND),
    ` as ${each.bound.name}`,
    trailing(each, context),
  ];
  if (condition === null) return head;
  // `each x as c and a and b`: the terms follow in one list.
  const isList = condition.kind === 'and';
  return group([
    head,
    furtherTerms(
      isList ? condition.terms : [condition],
      'and',
      context,
      isList ? leading(condition, context) : '',
    ),
    isList ? trailing(condition, context) : '',
  ]);
}
