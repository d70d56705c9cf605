/** The report of `test` as one JSON document, and as JSON lines. */
import { jsonText } from './escape.ts';
import type { TestReport } from './test-report.ts';

export function* testJson(report: TestReport): Iterable<string> {
  yield `${jsonText(report, 2)}\n`;
}

/** A line `{"type":"test","file":...,...}` for each test, then one `{"type":"summary",...}` with all the rest. */
export function* testJsonl({ files, ...rest }: TestReport): Iterable<string> {
  for (const { file, tests } of files) {
    for (const test of tests) yield `${jsonText({ type: 'test', file, ...test })}\n`;
  }
  yield `${jsonText({ type: 'summary', ...rest })}\n`;
}
