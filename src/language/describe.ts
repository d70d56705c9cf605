/** A rule in plain English: how it is read, for whoever wrote it and for whoever is woken by it. */
import type { CompiledRule } from './compiled-rule.ts';
import { A_TRACE, demandWords, factWords, joinDemands, THE_TRACE, THERE } from './describe/condition.ts';
import { attributeWords, listWords } from './describe/predicate.ts';
import { nounWords } from './describe/selector.ts';
import { durationWords, list } from './describe/words.ts';
import { walkRule } from './walk.ts';

export { predicateWords as describePredicate } from './describe/predicate.ts';
export { someSpan as describeSelector } from './describe/selector.ts';

/**
 * One sentence, with its full stop: "When a trace has a `payment.charge` span whose `amount` is greater than 1000, then the trace
 * must have a `payment.fraud_check` span." Names are in backticks, texts in quotes. Cost: linear in the rule.
 */
export function describeRule(rule: CompiledRule): string {
  const { across, each, trigger, requirements } = rule;
  const within =
    across === null
      ? ''
      : `over all traces that share the same ${list(across.key.map(attributeWords), 'and')}, with at most ${durationWords(across.within)} between one span and the next, `;
  const named = across === null && (each !== null || trigger !== null);
  const demands = joinDemands(
    requirements.map(({ condition, polarity }) =>
      demandWords(condition, named ? THE_TRACE : THERE, polarity === 'never'),
    ),
  );
  let occasion = '';
  if (each !== null) {
    const bound = nounWords(each.selector, 'span');
    occasion = `for every ${bound} (called ${each.bound})`;
    if (trigger !== null) {
      occasion += `, when ${factWords(trigger, named ? THE_TRACE : THERE)}, then`;
    } else occasion += ',';
    occasion += ' ';
  } else if (trigger !== null) {
    occasion = `when ${factWords(trigger, named ? A_TRACE : THERE)}, then `;
  } else if (across === null) occasion = 'in every trace, ';
  const sentence = `${within}${occasion}${demands}.`.replace(
    /^in every trace, the trace must/,
    'every trace must',
  );
  return listsOnce(rule, sentence.charAt(0).toUpperCase() + sentence.slice(1));
}

/** Lists are called with their values where they are met first, and then by their names. */
function listsOnce(rule: CompiledRule, sentence: string): string {
  const lists = new Map<string, string>();
  walkRule(rule, {
    test(test) {
      const words = test.kind === 'in' ? listWords(test.list) : null;
      if (words !== null) lists.set(words.full, words.short);
    },
  });
  let told = sentence;
  for (const [full, short] of lists) {
    const end = told.indexOf(full) + full.length;
    if (end >= full.length) told = told.slice(0, end) + told.slice(end).replaceAll(full, () => short);
  }
  return told;
}
