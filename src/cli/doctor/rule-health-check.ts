/** What a server has found wrong with its rules, or with traffic that they cannot judge. */
import { counted } from '../../report/counted.ts';
import type { RulesDocument } from '../../server/api/api-documents.ts';
import { type Finding, problem } from './finding.ts';

/** What is told in full; the rest is counted. */
const MOST_TOLD = 10;

/** None where the server tells of no rules. */
export function checkRuleHealth({ rules = [] }: Partial<RulesDocument>): Finding[] {
  if (rules.length === 0) return [];
  const concerned = rules.filter(({ concerns }) => concerns.length > 0);
  const all = concerned.flatMap(({ rule, concerns, remedies = [] }) =>
    concerns.map((concern, nth) =>
      problem('FL816', 'warning', `\`${rule.id}\`: ${concern}`, remedies[nth] ?? 'see `fluo rules`'),
    ),
  );
  const told = all.slice(0, MOST_TOLD);
  if (all.length > told.length) {
    const message = `${counted(all.length - told.length, 'more thing')} to look at in the rules`;
    told.push(problem('FL816', 'warning', message, 'see `fluo rules`'));
  }
  const of = counted(rules.length, 'rule');
  const text =
    concerned.length === 0 ? `none of ${of} has something to look at` : `${concerned.length} of ${of}`;
  return [{ subject: 'rule health', text, problems: told }];
}
