/** The version of a rule's meaning: equal for texts that judge equally, whatever their names, comments and blanks. */
import { createHash } from 'node:crypto';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import type { JudgeSettings } from '../../engine/verdict.ts';

/**
 * Sixteen hexadecimal digits of what changes a verdict: the condition with macros and lists written in, `on_incomplete`, environments,
 * the exceptions that are live, and what all rules are judged with. Cost: linear in the rule.
 */
export function ruleVersion(rule: JudgedRule, settings: JudgeSettings): string {
  const { across, each, trigger, requirements } = rule.condition;
  const exceptions = rule.exceptions.map(({ name, fields, values, anywhere }) => ({
    name,
    fields,
    values,
    anywhere,
  }));
  const { witnesses: _shownOnly, ...judged } = settings;
  const meaning = [
    across,
    each,
    trigger,
    requirements,
    rule.onIncomplete,
    rule.environments,
    exceptions,
    judged,
  ];
  return createHash('sha256').update(JSON.stringify(meaning, withoutSpelling)).digest('hex').slice(0, 16);
}

/** Leaves out where a part stands and what its macro is called. */
function withoutSpelling(key: string, value: unknown): unknown {
  if (key === 'range' || key === 'comments') return undefined;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null || !('kind' in value)) return value;
  if (value.kind === 'macro' && 'selector' in value && value.selector !== null)
    return { macro: value.selector };
  if (value.kind === 'list-macro' && 'values' in value) return { list: value.values };
  return value;
}
