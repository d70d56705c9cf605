/** JUnit's XML as the common readers (Jenkins, GitLab, GitHub actions) take it. */
import { clip } from '../base/printable.ts';
import { xmlLines, xmlText } from './escape.ts';

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

export interface JunitCase {
  readonly name: string;
  readonly classname: string;
  readonly file: string;
  readonly line: number | null;
  readonly outcome: JunitOutcome;
  /** Lines for `system-out`. */
  readonly output: readonly string[];
}

export type JunitOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly message: string }
  | {
      readonly kind: 'failure';
      readonly type: string;
      readonly message: string;
      readonly lines: readonly string[];
    };

export function* junitDocument(name: string, suites: readonly JunitSuite[]): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites ${attributes({ name, ...countsOf(suites.flatMap((suite) => suite.cases)) })}>\n`;
  for (const suite of suites) {
    yield `  <testsuite ${attributes({ name: suite.name, ...countsOf(suite.cases) })}>\n`;
    for (const one of suite.cases) yield* caseElement(one);
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}

function* caseElement(of: JunitCase): Iterable<string> {
  const line = of.line === null ? {} : { line: of.line };
  yield `    <testcase ${attributes({ name: of.name, classname: of.classname, file: of.file, ...line, time: 0 })}>\n`;
  if (of.outcome.kind === 'skipped')
    yield `      <skipped ${attributes({ message: of.outcome.message })}/>\n`;
  if (of.outcome.kind === 'failure') {
    const { message, type, lines } = of.outcome;
    yield `      <failure ${attributes({ message, type })}>${xmlLines(lines)}</failure>\n`;
  }
  if (of.output.length > 0) yield `      <system-out>${xmlLines(of.output)}</system-out>\n`;
  yield '    </testcase>\n';
}

function countsOf(cases: readonly JunitCase[]): Record<string, number> {
  const count = (kind: JunitOutcome['kind']) => cases.filter((one) => one.outcome.kind === kind).length;
  return { tests: cases.length, failures: count('failure'), errors: 0, skipped: count('skipped'), time: 0 };
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${typeof value === 'number' ? value : xmlText(clip(value, 500))}"`)
    .join(' ');
}
