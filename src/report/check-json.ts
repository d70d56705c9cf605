/** The report of `check` as one JSON document, and as JSON lines. Both are written piece by piece. */
import type { CheckReport } from './check-report.ts';
import { jsonText } from './escape.ts';

export function* checkJson(report: CheckReport): Iterable<string> {
  const { findings, diagnostics, ...head } = report;
  yield `${jsonText(head, 2).slice(0, -2)},\n  "findings": [`;
  let separator = '\n';
  for (const finding of findings) {
    yield `${separator}${indented(jsonText(finding, 2), 4)}`;
    separator = ',\n';
  }
  yield findings.length === 0 ? '],\n' : '\n  ],\n';
  yield `  "diagnostics": ${indented(jsonText(diagnostics, 2), 2).trimStart()}\n}\n`;
}

/** A line `{"type":"finding",...}` for each finding, then one `{"type":"summary",...}` with all the rest. */
export function* checkJsonl(report: CheckReport): Iterable<string> {
  const { findings, ...rest } = report;
  for (const finding of findings) yield `${jsonText({ type: 'finding', ...finding })}\n`;
  yield `${jsonText({ type: 'summary', ...rest, findings: findings.length })}\n`;
}

function indented(text: string, by: number): string {
  const blanks = ' '.repeat(by);
  return blanks + text.replaceAll('\n', `\n${blanks}`);
}
