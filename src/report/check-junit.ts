/** The report of `check` as JUnit XML: a suite for each rule file, a case for each rule. */
import type { CheckReport, Finding, RuleReport } from './check-report.ts';
import { type CheckWarning, checkWarnings } from './check-warnings.ts';
import { counted, formatCount } from './counted.ts';
import { diagnosticLines } from './diagnostics-junit.ts';
import { type JunitCase, type JunitSuite, junitDocument } from './junit-document.ts';
import { headlineOf, sentencesOf } from './narrate-finding.ts';
import { plainPhrase } from './phrase.ts';

const MOST_FINDINGS = 10;
const MOST_DIAGNOSTICS = 20;

/**
 * A rule with a failing finding is a failure. One that failed nothing is skipped, with the reason, when it proved nothing:
 * it applied to no scope, or all that it applied to stayed open. All else passes; what is known of it is its output.
 */
export function checkJunit(report: CheckReport): Iterable<string> {
  const findings = firstFindings(report);
  const warnings = checkWarnings(report);
  const suites = new Map<string, JunitCase[]>();
  for (const rule of report.rules) {
    const cases = suites.get(rule.file) ?? [];
    suites.set(rule.file, cases);
    const of = findings.get(rule.id) ?? { failing: [], failures: 0, other: [] };
    cases.push(
      caseOf(
        rule,
        of,
        warnings.filter((warning) => warning.rule === rule),
      ),
    );
  }
  const suiteList = [...suites].map(([name, cases]) => ({ name, cases }));
  return junitDocument('fluo check', [...suiteList, ...inputSuite(report)]);
}

/**
 * What is wrong with the input is neither a rule that holds nor one that is broken: a case that was skipped, so that it is seen
 * and the failures stay those that the exit code is about.
 */
function inputSuite({ diagnostics, damaged }: CheckReport): JunitSuite[] {
  if (diagnostics.length === 0) return [];
  const output = diagnostics.slice(0, MOST_DIAGNOSTICS).flatMap(diagnosticLines);
  const more = diagnostics.length - MOST_DIAGNOSTICS;
  const message = `${counted(damaged, 'damaged record')} left out`;
  const input: JunitCase = {
    name: 'input',
    classname: diagnostics[0]?.file ?? 'fluo check',
    file: diagnostics[0]?.file ?? '',
    line: null,
    outcome: { kind: 'skipped', message },
    output: [...output, ...(more > 0 ? [`and ${counted(more, 'more', 'more')}`] : [])],
  };
  return [{ name: 'input', cases: [input] }];
}

interface RuleFindings {
  readonly failing: Finding[];
  failures: number;
  readonly other: Finding[];
}

function firstFindings(report: CheckReport): Map<string, RuleFindings> {
  const byRule = new Map<string, RuleFindings>();
  for (const finding of report.findings) {
    const of = byRule.get(finding.rule) ?? { failing: [], failures: 0, other: [] };
    byRule.set(finding.rule, of);
    if (finding.failing) of.failures++;
    const list = finding.failing ? of.failing : of.other;
    if (list.length < MOST_FINDINGS) list.push(finding);
  }
  return byRule;
}

function caseOf(
  rule: RuleReport,
  { failing, failures, other }: RuleFindings,
  warnings: readonly CheckWarning[],
): JunitCase {
  const { satisfied, violated, inconclusive, not_applicable } = rule.verdicts;
  const counts = `${counted(satisfied, 'scope')} satisfied, ${formatCount(violated)} violated, ${formatCount(inconclusive)} not proved, ${formatCount(not_applicable)} not applicable`;
  const base = {
    name: rule.id,
    classname: rule.file,
    file: rule.file,
    line: rule.line,
    output: [
      ...(rule.name === rule.id ? [] : [rule.name]),
      counts,
      ...warnings.map(({ level, text }) => `${level}: ${plainPhrase(text)}`),
      ...other.flatMap(narrated),
    ],
  };
  if (failing.length > 0) {
    const more = failures > failing.length ? [`and ${formatCount(failures - failing.length)} more`] : [];
    return {
      ...base,
      outcome: {
        kind: 'failure',
        type: rule.severity,
        message: `${rule.id}: ${counted(failures, 'finding')}`,
        lines: [...failing.flatMap(narrated), ...more],
      },
    };
  }
  const [idle] = warnings.filter(({ kind }) => kind === 'not-applied');
  if (idle?.level === 'error') {
    const message = plainPhrase(idle.text);
    return { ...base, outcome: { kind: 'failure', type: 'not-applied', message, lines: [message] } };
  }
  if (satisfied + violated > 0) return { ...base, outcome: { kind: 'passed' } };
  const message =
    inconclusive > 0
      ? `not proved in ${counted(inconclusive, 'scope')}`
      : idle === undefined
        ? `applied to none of ${counted(not_applicable, 'scope')}`
        : plainPhrase(idle.text);
  return { ...base, outcome: { kind: 'skipped', message } };
}

function narrated(finding: Finding): string[] {
  const place = `${finding.clause.file}:${finding.clause.line}:${finding.clause.column}`;
  return [
    `${plainPhrase(headlineOf(finding))} (${place})`,
    ...sentencesOf(finding).map((sentence) => `  ${plainPhrase(sentence)}`),
  ];
}
