/** What a finding means for whoever runs `fluo check`: its level in reports, and whether the run fails. */
import { ENFORCEMENTS, type Enforcement, RULE_SEVERITIES, type RuleSeverity } from '../invariant/rule.ts';
import type { FindingVerdict } from './check-report.ts';

/**
 * What makes a run fail, from never to the most. Each includes those before it:
 *
 *     never         nothing
 *     hard-block    violations of rules that are enforced as `hard-block`
 *     soft-warning  those of `soft-warning` too: the default, and what a rule without `enforcement` is
 *     violated      every violation, those of `audit-only` rules too
 *     inconclusive  what could not be proved, too
 */
export const FAIL_ON = ['never', 'hard-block', 'soft-warning', 'violated', 'inconclusive'] as const;
export type FailOn = (typeof FAIL_ON)[number];
export const DEFAULT_FAIL_ON: FailOn = 'soft-warning';

interface Judged {
  readonly verdict: FindingVerdict;
  readonly enforcement: Enforcement;
}

/**
 * Whether the finding makes the exit code 1. An `audit-only` rule watches and does not block; an inconclusive verdict is no
 * proof of a break, and a run over sampled or cut traces would never be green.
 */
export function isFailing(finding: Judged, failOn: FailOn = DEFAULT_FAIL_ON): boolean {
  const ofRule: FailOn = finding.enforcement === 'audit-only' ? 'violated' : finding.enforcement;
  const needed: FailOn = finding.verdict === 'inconclusive' ? 'inconclusive' : ofRule;
  return FAIL_ON.indexOf(failOn) >= FAIL_ON.indexOf(needed);
}

export type Level = 'error' | 'warning' | 'note';

/** The finding's level in SARIF and in GitHub's annotations. */
export function levelOf(finding: Judged): Level {
  if (finding.verdict === 'inconclusive' || finding.enforcement === 'audit-only') return 'note';
  return finding.enforcement === 'hard-block' ? 'error' : 'warning';
}

/** Worst first: violated before inconclusive, then by severity, then by enforcement. */
export function compareFindings(
  a: Judged & { readonly severity: RuleSeverity },
  b: Judged & { readonly severity: RuleSeverity },
): number {
  const verdict = Number(a.verdict === 'inconclusive') - Number(b.verdict === 'inconclusive');
  if (verdict !== 0) return verdict;
  const severity = RULE_SEVERITIES.indexOf(a.severity) - RULE_SEVERITIES.indexOf(b.severity);
  return severity !== 0
    ? severity
    : ENFORCEMENTS.indexOf(a.enforcement) - ENFORCEMENTS.indexOf(b.enforcement);
}
