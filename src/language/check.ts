/** Holds a rule that could be read against what a rule must be. Each fact has a file of its own in `validation/`. */
import type { RuleNode, SelectorNode } from './ast.ts';
import type { RuleScope } from './compiled-rule.ts';
import { Problems } from './problems.ts';
import { boundNames } from './validation/bound-names.ts';
import { comparableMeasures } from './validation/comparable-measures.ts';
import { comparableTypes } from './validation/comparable-types.ts';
import { type CheckContext, together, walkWritten } from './validation/context.ts';
import { distinctListValues } from './validation/distinct-list-values.ts';
import { groupsAcrossTraces } from './validation/groups-across-traces.ts';
import { knownMacros } from './validation/known-macros.ts';
import { checkTrueOfAnEmptyTrace } from './validation/true-of-an-empty-trace.ts';
import { validRegularExpressions } from './validation/valid-regular-expressions.ts';
import { type Visitor, walkSelector } from './walk.ts';

/**
 * Reports all that is wrong with the meaning of a rule. Where parts of it could not be read (`problems` says so), the rest is
 * checked, except for what is a question of the whole.
 */
export function checkRule(rule: RuleNode, scope: RuleScope, problems: Problems, bindingKnown: boolean): void {
  problems.startChecking();
  const context: CheckContext = {
    problems,
    scope,
    rule,
    bound: rule.when?.each?.bound.name ?? null,
    bindingKnown,
  };
  const visitors = [
    ...visitorsOfTests(context),
    knownMacros(context, (macro) => firstFault(macro, scope)),
    comparableMeasures(context),
    groupsAcrossTraces(context),
  ];
  walkWritten(rule, together(visitors));
  // What the whole comes to can be asked when each part is as it is meant.
  if (!problems.any) checkTrueOfAnEmptyTrace(context, rule);
}

/** Reports all that is wrong with the meaning of a macro's selector, and with the macros that it uses. */
export function checkSelector(selector: SelectorNode, scope: RuleScope, problems: Problems): void {
  problems.startChecking();
  const context = contextOfMacro(scope, problems);
  const visitors = [...visitorsOfTests(context), knownMacros(context, (macro) => firstFault(macro, scope))];
  walkSelector(selector, together(visitors));
}

/** What is asked of tests and matchers, wherever they stand. */
function visitorsOfTests(context: CheckContext): Visitor[] {
  return [
    validRegularExpressions(context),
    boundNames(context),
    comparableTypes(context),
    distinctListValues(context),
  ];
}

/** The first error of a macro itself; the macros within it are looked at by whoever asks. */
function firstFault(selector: SelectorNode, scope: RuleScope): string | null {
  const problems = new Problems({ name: 'macro', text: '' });
  const context = contextOfMacro(scope, problems);
  walkSelector(selector, together([...visitorsOfTests(context), knownLists(context)]));
  return problems.list()[0]?.message ?? null;
}

/** As knownMacros, with the lists alone. */
function knownLists(context: CheckContext): Visitor {
  const { test } = knownMacros(context, () => null);
  return test === undefined ? {} : { test };
}

function contextOfMacro(scope: RuleScope, problems: Problems): CheckContext {
  return { problems, scope, rule: null, bound: null, bindingKnown: true };
}
