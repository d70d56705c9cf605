/** The sums over all rules that a report ends with. */
import type { CheckReport } from './check-report.ts';

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
