/** Findings put together by the rule and the clause that decided: formats that point into rule files say each place once. */
import type { CheckReport, Finding } from './check-report.ts';
import { fingerprintOf } from './fingerprint.ts';

export interface FindingGroup {
  /** Equal for the same rule, clause and verdict in every run, whatever the traces. */
  readonly fingerprint: string;
  readonly first: Finding;
  /** The first few, `first` among them. */
  readonly examples: readonly Finding[];
  readonly count: number;
}

/** In the order of the findings. Holds `examples` findings of each group at most. */
export function groupFindings(findings: CheckReport['findings'], examples: number): FindingGroup[] {
  const groups = new Map<
    string,
    { fingerprint: string; first: Finding; examples: Finding[]; count: number }
  >();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.verdict} ${finding.clause.line}:${finding.clause.column} ${finding.clause.text}`;
    const group = groups.get(key);
    if (group === undefined) {
      const fingerprint = fingerprintOf([finding.rule, finding.verdict, finding.clause.text]);
      groups.set(key, { fingerprint, first: finding, examples: [finding], count: 1 });
    } else {
      group.count++;
      if (group.examples.length < examples) group.examples.push(finding);
    }
  }
  return [...groups.values()];
}
