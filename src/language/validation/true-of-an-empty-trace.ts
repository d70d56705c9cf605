/** A rule without a trigger is true of a trace in which nothing happened: else it would alarm on every health check. */
import type { ConditionNode, MeasureNode, RuleNode } from '../ast.ts';
import { isTriggerForm } from '../normal-form.ts';
import { printSelector } from '../print.ts';
import type { CheckContext } from './context.ts';
import { writtenText } from './context.ts';

export function checkTrueOfAnEmptyTrace(context: CheckContext, rule: RuleNode): void {
  if (rule.when !== null) return;
  for (const clause of rule.clauses) {
    if (holdsOfNothing(clause.condition) === (clause.polarity === 'always')) continue;
    const text = writtenText(context, clause.range);
    const proposal = proposalFor(context, clause.condition, clause.polarity === 'never');
    context.problems.report({
      code: 'FL207',
      range: clause.range,
      message: `without \`when\` this is asked of every trace, and \`${brief(text)}\` is broken by a trace in which nothing happened`,
      help: `say when it is due: \`${brief(proposal)}\`${readingOf(context, clause.condition)}`,
    });
  }
  const { condition } = rule;
  if (condition === null || isTriggerForm(condition) || holdsOfNothing(condition)) return;
  context.problems.report({
    code: 'FL207',
    range: condition.range,
    message: `this rule has no trigger and is asked of every trace, and \`${brief(writtenText(context, condition.range))}\` is false of a trace in which nothing happened`,
    help: `say when it is due: \`${brief(proposalFor(context, condition, false))}\`${readingOf(context, condition)}`,
  });
}

/** What else may have been meant by an `or`, and how one with an `and` in it was read; nothing for other conditions. */
function readingOf(context: CheckContext, condition: ConditionNode): string {
  if (condition.kind !== 'or') return '';
  const text = (node: ConditionNode): string => writtenText(context, node.range);
  const mixed = condition.terms.some((term) => term.kind === 'and');
  if (mixed) {
    const read = condition.terms.map((term) =>
      // The range of a parenthesised term is without its parentheses.
      term.kind === 'and' ? `(${text(term)})` : text(term),
    );
    return `; \`and\` binds tighter than \`or\`, and this was read as \`${brief(read.join(' or '))}\``;
  }
  const [first, second, ...more] = condition.terms;
  if (first?.kind !== 'has' || second?.kind !== 'has' || more.length > 0) return '';
  return `; or does one of the two demand the other? Then \`${brief(`when { ${text(first)} } always { ${text(second)} }`)}\``;
}

/** The condition's value over no spans: nothing is there, counts and sums are 0, `all` is true, the duration is 0s. */
export function holdsOfNothing(condition: ConditionNode): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.terms.every(holdsOfNothing);
    case 'or':
      return condition.terms.some(holdsOfNothing);
    case 'not':
      return !holdsOfNothing(condition.term);
    case 'has':
      return false;
    case 'all':
      return true;
    case 'compare': {
      const { operator, right } = condition;
      const limit = right.kind === 'number' ? right.value : right.kind === 'duration' ? right.nanos : 0;
      switch (operator) {
        case '==':
          return limit === 0 || limit === 0n;
        case '!=':
          return limit !== 0 && limit !== 0n;
        case '>':
          return 0 > limit;
        case '>=':
          return 0 >= limit;
        case '<':
          return 0 < limit;
        case '<=':
          return 0 <= limit;
      }
    }
  }
}

/** Stands for the span that makes the promise due, where the rule names none. */
const SOME_SPAN = 'the.span.that.makes.it.due';

/** The long form that was probably meant. */
function proposalFor(context: CheckContext, condition: ConditionNode, negated: boolean): string {
  const text = (node: ConditionNode): string => writtenText(context, node.range);
  if (negated) return `when { ${SOME_SPAN} } never { ${text(condition)} }`;
  if (condition.kind === 'and') {
    // What is false where nothing happened is what the rest waits for.
    const trigger = condition.terms.find((term) => !holdsOfNothing(term)) ?? condition;
    const rest = condition.terms.filter((term) => term !== trigger);
    return [`when { ${text(trigger)} }`, ...rest.map((term) => clause(term, text))].join(' ');
  }
  if (condition.kind === 'or') {
    const [first, ...others] = condition.terms;
    // `a and b or c` reads as: when a, then b or c.
    if (first?.kind === 'and' && first.terms[0]?.kind === 'has') {
      const rest = first.terms.slice(1).map((term) => (term.kind === 'or' ? `(${text(term)})` : text(term)));
      const either = [rest.join(' and '), ...others.map(text)].join(' or ');
      return `when { ${text(first.terms[0])} } always { ${either} }`;
    }
  }
  if (condition.kind === 'compare') {
    const selector = selectorOf(context, condition.left);
    if (selector !== null) return `when { ${selector} } always { ${text(condition)} }`;
  }
  return `when { ${SOME_SPAN} } ${clause(condition, text)}`;
}

function clause(term: ConditionNode, text: (node: ConditionNode) => string): string {
  return term.kind === 'not' ? `never { ${text(term.term)} }` : `always { ${text(term)} }`;
}

function selectorOf(context: CheckContext, measure: MeasureNode): string | null {
  if (measure.kind === 'trace-duration') return null;
  const { selector } = measure;
  // With steps behind the function the selector's text is the whole of it, and no selector.
  return selector.range.start === measure.range.start
    ? printSelector(selector)
    : writtenText(context, selector.range);
}

/** On one line, and not too long for a message. */
function brief(text: string): string {
  const line = text
    .replaceAll(/\/\/[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length <= 160 ? line : `${line.slice(0, 159)}…`;
}
