/**
 * The report of `check` as SARIF. A result is a clause that was broken, with the number of scopes that broke it: an alert in
 * code scanning then lives as long as the clause is broken, and not one day's traces.
 */
import { printable } from '../base/printable.ts';
import type { RuleSeverity } from '../invariant/rule.ts';
import type { CheckReport, RuleReport } from './check-report.ts';
import { type CheckWarning, checkWarnings } from './check-warnings.ts';
import { counted } from './counted.ts';
import { sarifNotification } from './diagnostics-sarif.ts';
import { markdownBlock, markdownText, webAddress } from './escape.ts';
import { levelOf } from './finding-level.ts';
import { type FindingGroup, groupFindings } from './group-findings.ts';
import { headlineOf, sentencesOf } from './narrate-finding.ts';
import { plainPhrase } from './phrase.ts';
import { type SarifNotification, type SarifResult, type SarifRule, sarifDocument } from './sarif-document.ts';
import type { ReporterOptions } from './style.ts';

const EXAMPLES = 20;
const SECURITY_SEVERITY: Readonly<Record<RuleSeverity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
};

export function checkSarif(report: CheckReport, { version }: ReporterOptions): Iterable<string> {
  return sarifDocument({
    version,
    rules: report.rules.map(sarifRule),
    results: groupFindings(report.findings, EXAMPLES).map(sarifResult),
    notifications: [
      ...report.diagnostics.map(sarifNotification),
      ...checkWarnings(report).map(warningNotification),
    ],
    successful: !report.stopped,
  });
}

function warningNotification({ kind, level, rule, text }: CheckWarning): SarifNotification {
  return {
    id: kind,
    level,
    message: `${plainPhrase(text)}.`,
    place: {
      file: rule?.file ?? null,
      line: rule?.line ?? null,
      column: rule?.column ?? null,
      endLine: null,
      endColumn: null,
    },
  };
}

function sarifRule(rule: RuleReport): SarifRule {
  const facts = [
    `Severity: ${rule.severity}. Enforcement: ${rule.enforcement}.`,
    ...(rule.invariant === null ? [] : [`Invariant: ${rule.invariant}.`]),
    ...(rule.compliance.length === 0 ? [] : [`Compliance: ${rule.compliance.join(', ')}.`]),
    ...(rule.owner === null ? [] : [`Owner: ${rule.owner}.`]),
    ...(rule.runbook === null ? [] : [`Runbook: ${rule.runbook}`]),
  ];
  const condition = rule.condition.trimEnd().split('\n');
  return {
    id: rule.id,
    name: rule.id,
    title: rule.name,
    help: {
      text: [rule.name, ...condition, ...facts].map(printable).join('\n'),
      markdown: [markdownText(rule.name), markdownBlock(condition), ...facts.map(markdownText)].join('\n\n'),
    },
    helpUri: webAddress(rule.runbook),
    level: levelOf({ verdict: 'violated', enforcement: rule.enforcement }),
    securitySeverity: SECURITY_SEVERITY[rule.severity],
    tags: [
      'invariant',
      ...(rule.category === null ? [] : [rule.category]),
      ...rule.compliance,
      ...(rule.invariant === null ? [] : [rule.invariant]),
    ].slice(0, 20),
  };
}

function sarifResult({ first, examples, count, fingerprint }: FindingGroup): SarifResult {
  const more = count === 1 ? [] : [`${counted(count, 'scope')} in all.`];
  const text = [`${plainPhrase(headlineOf(first))}.`, ...sentencesOf(first).map(plainPhrase), ...more].join(
    ' ',
  );
  return {
    ruleId: first.rule,
    level: levelOf(first),
    kind: first.verdict === 'violated' ? 'fail' : 'open',
    message: text,
    place: first.clause,
    fingerprint,
    occurrences: count,
    properties: {
      verdict: first.verdict,
      severity: first.severity,
      enforcement: first.enforcement,
      traceIds: [...new Set(examples.map((finding) => finding.traceId))],
    },
  };
}
