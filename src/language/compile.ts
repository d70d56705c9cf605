/** From the text of a rule to the form that evaluators read: parse, check, resolve, normal form. */
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import type { SelectorNode } from './ast.ts';
import { checkRule, checkSelector } from './check.ts';
import type { CompiledRule, RuleScope } from './compiled-rule.ts';
import { normalForm } from './normal-form.ts';
import { parseRulePartly, parseSelectorPartly } from './parse.ts';
import { Problems } from './problems.ts';
import { resolveRule, resolveSelector } from './resolve.ts';

/** A rule that stands alone, without a file: no macros, no lists. */
const NO_SCOPE: RuleScope = { macros: new Map(), lists: new Map() };

/**
 * Compiles a rule. `rule` is null exactly when there are diagnostics, all of them errors (up to 100, in the order of the text).
 * An error within a macro is told once more at each rule that uses it, as FL204.
 * Cost: linear in the text, plus RE2's for the regular expressions.
 */
export function compileRule(
  source: SourceText,
  scope: RuleScope = NO_SCOPE,
): { rule: CompiledRule | null; diagnostics: Diagnostic[] } {
  const problems = new Problems(source);
  const { rule, bindingKnown } = parseRulePartly(source, problems);
  if (rule !== null) checkRule(rule, scope, problems, bindingKnown);
  if (rule === null || problems.any) return { rule: null, diagnostics: problems.list() };
  return { rule: normalForm(source, resolveRule(rule, scope)), diagnostics: [] };
}

/**
 * Compiles the text of a macro: `scope` has the parsed selectors of the file's macros, this one as well, so that a cycle is
 * told at the place that closes it. `selector` has its macros and lists resolved.
 */
export function compileSelector(
  source: SourceText,
  scope: RuleScope = NO_SCOPE,
): { selector: SelectorNode | null; diagnostics: Diagnostic[] } {
  const problems = new Problems(source);
  const selector = parseSelectorPartly(source, problems);
  if (selector !== null) checkSelector(selector, scope, problems);
  if (selector === null || problems.any) return { selector: null, diagnostics: problems.list() };
  return { selector: resolveSelector(selector, scope), diagnostics: [] };
}
