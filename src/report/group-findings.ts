/** Findings put together by the rule and the clause that decided: formats that point into rule files say each place once. */
import type { CheckReport, Finding } from './check-report.ts';
import { ExampleFindings } from './example-findings.ts';
import { fingerprintOf } from './fingerprint.ts';

export interface FindingGroup {
  /** Equal for the same rule, clause and verdict in every run, whatever the traces. */
  readonly fingerprint: string;
  readonly first: Finding;
  /** A few, one of each kind before others of it, `first` among them. */
  readonly examples: readonly Finding[];
  readonly count: number;
}

/** In the order of the findings. Holds a few times `most` findings of each group. */
export function groupFindings(findings: CheckReport['findings'], most: number): FindingGroup[] {
  const groups = new Map<string, { fingerprint: string; examples: ExampleFindings }>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.verdict} ${finding.clause.line}:${finding.clause.column} ${finding.clause.text}`;
    let group = groups.get(key);
    if (group === undefined) {
      const fingerprint = fingerprintOf([finding.rule, finding.verdict, finding.clause.text]);
      group = { fingerprint, examples: new ExampleFindings(most) };
      groups.set(key, group);
    }
    group.examples.add(finding);
  }
  return [...groups.values()].flatMap(({ fingerprint, examples }) => {
    const list = examples.list();
    const [first] = list;
    return first === undefined ? [] : [{ fingerprint, first, examples: list, count: examples.count }];
  });
}
