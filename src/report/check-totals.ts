/** The sums over all rules that a report ends with, and what they mean for the exit code. */
import { ENFORCEMENTS } from '../invariant/rule.ts';
import type { CheckReport, RuleReport } from './check-report.ts';
import { counted, formatCount } from './counted.ts';
import { isFailing } from './finding-level.ts';

/** `broken` is the number of rules with a violation. */
export function totalsOf(report: CheckReport): { violations: number; inconclusive: number; broken: number } {
  let violations = 0;
  let inconclusive = 0;
  let broken = 0;
  for (const { verdicts } of report.rules) {
    violations += verdicts.violated;
    inconclusive += verdicts.inconclusive;
    if (verdicts.violated > 0) broken++;
  }
  return { violations, inconclusive, broken };
}

/** Whether the rule judged any scope at all. */
export function isApplied({ verdicts }: Pick<RuleReport, 'verdicts'>): boolean {
  return verdicts.satisfied + verdicts.violated + verdicts.inconclusive > 0;
}

/**
 * The result in one line, with what it means for the exit code; plain text with options between backticks:
 *
 *     1 violation of 1 rule, none failing: audit-only (`--fail-on violated` counts it)
 */
export function resultOf(report: CheckReport): string {
  const { violations, broken } = totalsOf(report);
  if (violations === 0) return `No violations of ${counted(report.rules.length, 'rule')}`;
  return `${counted(violations, 'violation')} of ${counted(broken, 'rule')}${tolerated(report, violations)}`;
}

/** ` and 3 scopes not proved`, with what it and rules that applied to nothing mean for the exit code; empty where there is nothing. */
export function openOf(report: CheckReport): string {
  const { inconclusive } = totalsOf(report);
  const fails = report.failOn === 'inconclusive' ? ', which fails (`--fail-on inconclusive`)' : '';
  const idle = report.requireApplied ? report.rules.filter((rule) => !isApplied(rule)).length : 0;
  return [
    inconclusive === 0 ? '' : ` and ${counted(inconclusive, 'scope')} not proved${fails}`,
    idle === 0 ? '' : `; ${counted(idle, 'rule')} applied to nothing, which fails (\`--require-applied\`)`,
  ].join('');
}

/** Why violations do not make the run fail. */
function tolerated({ rules, failOn }: CheckReport, violations: number): string {
  const passing = rules.filter(
    ({ verdicts, enforcement }) =>
      verdicts.violated > 0 && !isFailing({ verdict: 'violated', enforcement }, failOn),
  );
  const count = passing.reduce((sum, { verdicts }) => sum + verdicts.violated, 0);
  if (count === 0) return '';
  const enforcements = ENFORCEMENTS.filter((one) => passing.some(({ enforcement }) => enforcement === one));
  const softest = enforcements[enforcements.length - 1];
  const level = softest === 'audit-only' ? 'violated' : softest;
  const some = count === violations ? 'none' : `${formatCount(count)} of them not`;
  return `, ${some} failing: ${enforcements.join(', ')} (\`--fail-on ${level}\` counts ${count === 1 ? 'it' : 'them'})`;
}
