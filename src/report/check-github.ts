/**
 * The report of `check` as annotations of GitHub Actions, at the clauses of the rules. GitHub shows ten of each level a step:
 * one annotation stands for all findings of a clause, and the worst come first.
 */
import type { CheckReport } from './check-report.ts';
import { totalsOf } from './check-totals.ts';
import { counted } from './counted.ts';
import { levelOf } from './finding-level.ts';
import { annotation } from './github-annotation.ts';
import { groupFindings } from './group-findings.ts';
import { headlineOf, sentencesOf } from './narrate-finding.ts';
import { plainPhrase } from './phrase.ts';

export function* checkGithub(report: CheckReport): Iterable<string> {
  for (const diagnostic of report.diagnostics) yield annotation(diagnostic);
  for (const { first, count } of groupFindings(report.findings, 1)) {
    const level = levelOf(first);
    const more = count === 1 ? [] : [`and ${counted(count - 1, 'more', 'more')} of this clause.`];
    yield annotation({
      severity: level === 'note' ? 'info' : level,
      ...first.clause,
      title: `${first.rule} (${first.severity})`,
      lines: [
        `${plainPhrase(headlineOf(first))}.`,
        ...sentencesOf(first).map(plainPhrase),
        ...more,
        ...(first.runbook === null ? [] : [`Runbook: ${first.runbook}`]),
      ],
    });
  }
  const { violations, inconclusive } = totalsOf(report);
  yield `${counted(violations, 'violation')}, ${counted(inconclusive, 'scope')} not proved, in ${counted(report.traces, 'trace')}\n`;
}
