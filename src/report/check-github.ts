/**
 * The report of `check` as annotations of GitHub Actions, at the clauses of the rules. GitHub shows ten of each level a step:
 * one annotation stands for all findings of a clause, and the worst come first.
 */
import type { CheckReport } from './check-report.ts';
import { openOf, resultOf } from './check-totals.ts';
import { type CheckWarning, checkWarnings } from './check-warnings.ts';
import { counted } from './counted.ts';
import { levelOf } from './finding-level.ts';
import { annotation } from './github-annotation.ts';
import { groupFindings } from './group-findings.ts';
import { headlineOf, sentencesOf } from './narrate-finding.ts';
import { phraseOf, plainPhrase } from './phrase.ts';

/** A file with a thousand damaged records must not take the places of what was found. */
const MOST_DIAGNOSTICS = 5;
const MOST_WARNINGS = 10;

export function* checkGithub(report: CheckReport): Iterable<string> {
  const errors = report.diagnostics.filter((one) => one.severity === 'error');
  const others = report.diagnostics.filter((one) => one.severity !== 'error');
  for (const diagnostic of errors.slice(0, MOST_DIAGNOSTICS)) yield annotation(diagnostic);
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
        ...first.hints.map(({ help }) => `${plainPhrase(phraseOf(help))}.`),
        ...more,
        ...(first.runbook === null ? [] : [`Runbook: ${first.runbook}`]),
      ],
    });
  }
  for (const diagnostic of others.slice(0, MOST_DIAGNOSTICS)) yield annotation(diagnostic);
  const warnings = checkWarnings(report);
  for (const warning of warnings.slice(0, MOST_WARNINGS)) yield warningAnnotation(warning);
  const more = warnings.length - MOST_WARNINGS;
  if (more > 0) yield `and ${counted(more, 'more warning')} (see --format json)\n`;
  yield `${resultOf(report)}${openOf(report)}, in ${counted(report.traces, 'trace')}; ${counted(report.damaged, 'damaged record')}\n`;
}

function warningAnnotation({ level, rule, kind, text }: CheckWarning): string {
  return annotation({
    severity: level === 'note' ? 'info' : level,
    file: rule?.file ?? null,
    line: rule?.line ?? null,
    column: null,
    endLine: rule?.line ?? null,
    endColumn: null,
    title: rule === null ? kind : `${rule.id} (${kind})`,
    lines: [`${plainPhrase(text)}.`],
  });
}
