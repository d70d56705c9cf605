/** The same term twice in one list. */
import type { Diagnostic, TextRange } from '../../diagnostic/diagnostic.ts';
import type { PredicateNode } from '../ast.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import { printCondition, printPredicate } from '../print.ts';
import { walkRule } from '../walk.ts';
import { finding, type Lint } from './finding.ts';

export const redundantTerm: Lint = (rule) => {
  const found: Diagnostic[] = [];
  const look = <T extends { readonly range: TextRange }>(
    terms: readonly T[],
    print: (term: T) => string,
    operator: 'and' | 'or',
  ): void => {
    const known = new Set<string>();
    terms.forEach((term, at) => {
      const text = print(term);
      if (known.has(text)) {
        const fix = removal(rule, terms[at - 1]?.range, term.range, operator);
        found.push(
          finding(rule, {
            code: 'FL409',
            range: term.range,
            message: `\`${text}\` stands twice in this \`${operator}\``,
            help:
              fix === null
                ? 'remove one of the two, or change it to what was meant'
                : 'remove it, or change it to what was meant',
            fix,
          }),
        );
      }
      known.add(text);
    });
  };
  const lookInto = (predicate: PredicateNode): void => {
    if (predicate.kind === 'p-not') lookInto(predicate.term);
    if (predicate.kind !== 'p-and' && predicate.kind !== 'p-or') return;
    look(predicate.terms, printPredicate, predicate.kind === 'p-and' ? 'and' : 'or');
    predicate.terms.forEach(lookInto);
  };
  walkRule(rule, {
    condition(condition) {
      if (condition.kind === 'and' || condition.kind === 'or') {
        look(condition.terms, printCondition, condition.kind);
      }
      if (condition.kind === 'all') lookInto(condition.predicate);
    },
    selector(selector, at) {
      // What a macro brings along has no place in this text.
      if (at !== selector.range) return;
      for (const step of selector.steps) {
        if (step.kind === 'where' && isWithin(step.range, selector.range)) lookInto(step.predicate);
      }
    },
  });
  return found;
};

function isWithin(inner: TextRange, outer: TextRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** From the end of the term before it: certain only where nothing but the operator stands between the two. */
function removal(
  rule: CompiledRule,
  before: TextRange | undefined,
  term: TextRange,
  operator: 'and' | 'or',
): { range: TextRange; text: string } | null {
  if (before === undefined) return null;
  const between = rule.source.text.slice(before.end, term.start).trim();
  return between === operator ? { range: { start: before.end, end: term.end }, text: '' } : null;
}
