/** Selectors in English: "a `payment.charge` span whose `amount` is greater than 1000". */
import type { MatcherNode, OrderNode, SelectorNode, StepNode, TargetNode } from '../ast.ts';
import { openMacros } from '../walk.ts';
import { predicateClause, predicateWords } from './predicate.ts';
import { article, durationWords } from './words.ts';

/** One of them: "a `payment.charge` span ...". */
export function someSpan(selector: SelectorNode): string {
  const noun = nounWords(selector, 'span');
  return `${article(noun)} ${noun}`;
}

/** Without an article: "`payment.charge` spans ..." for `spans`. */
export function nounWords(written: SelectorNode, noun: 'span' | 'spans'): string {
  const selector = openMacros(written);
  const named = matcherWords(selector.matcher, noun);
  const [only, ...others] = selector.steps;
  if (only === undefined) return named;
  if (others.length === 0) return `${named} ${stepWords(only, noun)}`;
  const clauses = selector.steps.map((step) =>
    step.kind === 'where' ? predicateClause(step.predicate) : null,
  );
  const mixed = clauses.some((clause) => clause?.mixed === true);
  const modifiers = selector.steps.map((step, at) => {
    const clause = clauses[at];
    if (clause === null || clause === undefined) return stepWords(step, noun);
    return whoseWords(clause.words);
  });
  return `${named} ${modifiers.join(mixed ? ', and also ' : ' and ')}`;
}

function matcherWords(matcher: MatcherNode, noun: string): string {
  switch (matcher.kind) {
    case 'exact':
      return `\`${matcher.name}\` ${noun}`;
    case 'wildcard':
      return /^\*+$/.test(matcher.pattern) ? noun : `\`${matcher.pattern}\` ${noun}`;
    case 'regex':
      return `${noun} whose name matches \`${matcher.pattern}\``;
    case 'macro':
      return `\`$${matcher.name}\` ${noun}`;
  }
}

function stepWords(step: StepNode, noun: 'span' | 'spans'): string {
  switch (step.kind) {
    case 'where':
      return whoseWords(predicateWords(step.predicate));
    case 'child_of':
      return `whose parent is ${targetWords(step.target)}`;
    case 'inside':
      return `that ${noun === 'span' ? 'is' : 'are'} inside ${targetWords(step.target)}`;
    case 'before':
    case 'after':
      return orderStepWords(step);
  }
}

/** "whose `x` is 1"; "for which either ...", for "whose either" is no English. */
export function whoseWords(predicate: string): string {
  return `${predicate.startsWith('either ') ? 'for which' : 'whose'} ${predicate}`;
}

function targetWords(target: TargetNode): string {
  return target.kind === 'bound' ? target.name : someSpan(target);
}

function orderStepWords({ kind, target, within }: OrderNode): string {
  const [verb, which, other] =
    kind === 'before' ? (['ended', 'first', 'started'] as const) : (['started', 'last', 'ended'] as const);
  const whom = target.kind === 'bound' ? target.name : `the ${which} ${nounWords(target, 'span')}`;
  const gap =
    within === null
      ? ''
      : target.kind === 'bound'
        ? `, with at most ${durationWords(within.nanos)} between`
        : `, with at most ${durationWords(within.nanos)} to the nearest one`;
  return `that ${verb} ${kind} ${whom} ${other}${gap}`;
}
