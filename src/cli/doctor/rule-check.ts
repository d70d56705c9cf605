/** Whether the rules load, and what they would be linted for. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { relocate } from '../../diagnostic/diagnostic.ts';
import { loadRules } from '../../invariant/catalogue.ts';
import { lintRule } from '../../language/lint.ts';
import { counted } from '../../report/counted.ts';
import type { RuleReading } from '../../server/rules/rule-source.ts';
import { isError } from '../is-error.ts';
import { type Finding, problem } from './finding.ts';

export function checkRules(reading: RuleReading, today: string): Finding {
  const { rules, diagnostics } = loadRules(reading.files, today);
  const lints = rules.flatMap((rule) =>
    lintRule(rule.condition).map((lint) => relocate(lint, rule.file, rule.toFileOffset)),
  );
  const found = [...reading.problems, ...diagnostics, ...lints].filter(({ severity }) => severity !== 'info');
  const problems: Diagnostic[] = [...found];
  if (rules.length === 0 && !found.some(isError)) {
    problems.push(
      problem(
        'FL805',
        'error',
        'there are no rules: a server would archive spans and judge nothing',
        'run `fluo init` to make a first rule, or take some from `fluo library`',
      ),
    );
  }
  const files = counted(reading.files.length, 'file');
  return { subject: 'rules', text: `${counted(rules.length, 'rule')} of ${files}`, problems };
}
