/** The shapes of the JSON that `fluo test`, `fluo lint` and `fluo fmt` write. */
import { VERDICTS } from '../../engine/verdict.ts';
import type { ReportedDiagnostic } from '../check-report.ts';
import { DIAGNOSTICS_REPORT_VERSION, type DiagnosticsReport } from '../diagnostics-report.ts';
import {
  type CoverageGap,
  type RuleCoverage,
  type RuleMutation,
  type Survivor,
  TEST_REPORT_VERSION,
  type TestCaseReport,
  type TestFailure,
  type TestFileReport,
  type TestReport,
  type ToldVerdict,
} from '../test-report.ts';
import { choice, count, define, list, type OutputShape, object, orNull, text } from './output-shape.ts';
import { COLUMN, DIAGNOSTIC, LINE, SPAN } from './shared-shapes.ts';

export const DIAGNOSTICS_REPORT: OutputShape<DiagnosticsReport> = object<DiagnosticsReport>({
  schemaVersion: [
    choice([DIAGNOSTICS_REPORT_VERSION]),
    'Raised when a key changes its meaning or goes away.',
  ],
  files: [count(), 'Files that were looked at.'],
  errors: [count(), 'How many diagnostics are errors.'],
  warnings: [count(), 'How many are warnings.'],
  infos: [count(), 'How many are neither.'],
  diagnostics: [list<ReportedDiagnostic>(DIAGNOSTIC), 'Errors first, then by file and place.'],
});

const TOLD_VERDICT: OutputShape<ToldVerdict> = define(
  'toldVerdict',
  'A verdict, or that a violation was told and taken back.',
  () => choice([...VERDICTS, 'retracted'] as const),
);

const FAILURE: OutputShape<TestFailure> = define('failure', 'An expectation that was not met.', () =>
  object<TestFailure>({
    rule: [text(), "The rule's id."],
    expected: [
      orNull(TOLD_VERDICT),
      'What the test expects; null where it does not name the rule, which then had to be `not_applicable`, or `satisfied` if it has no trigger.',
    ],
    actual: [TOLD_VERDICT, 'What the rule says.'],
    at: [orNull(text()), 'When, since the beginning of the drawing (`15s`); null: when all had arrived.'],
    line: [LINE, 'Where the expectation stands.'],
    column: [COLUMN, 'Where the expectation stands.'],
    explanation: [list(text()), 'Why the verdict is what it is.'],
    spans: [list(SPAN), 'The spans that decided.'],
  }),
);

const TEST: OutputShape<TestCaseReport> = define('test', 'A test and how it went.', () =>
  object<TestCaseReport>({
    name: [text(), 'Its name.'],
    line: [LINE, 'Where it begins.'],
    column: [COLUMN, 'Where it begins.'],
    outcome: [choice(['passed', 'failed']), 'Whether all expectations were met.'],
    failures: [list(FAILURE), 'Empty when it passed.'],
  }),
);

const GAP: OutputShape<CoverageGap> = define('gap', 'A clause that no test saw true, or false.', () =>
  object<CoverageGap>({
    clause: [text(), 'As written.'],
    file: [text(), 'The rule file.'],
    line: [LINE, 'Where it begins.'],
    column: [COLUMN, 'Where it begins.'],
    never: [choice(['true', 'false']), 'What it never was.'],
  }),
);

const SURVIVOR: OutputShape<Survivor> = define('survivor', 'A change of a rule that no test notices.', () =>
  object<Survivor>({
    file: [text(), 'The rule file.'],
    line: [LINE, 'Where the change is.'],
    column: [COLUMN, 'Where the change is.'],
    original: [text(), 'As written.'],
    replacement: [text(), 'What stands there in the mutant.'],
  }),
);

export const TEST_REPORT: OutputShape<TestReport> = object<TestReport>({
  schemaVersion: [choice([TEST_REPORT_VERSION]), 'Raised when a key changes its meaning or goes away.'],
  passed: [count(), 'Tests that passed.'],
  failed: [count(), 'Tests that failed.'],
  files: [
    list(
      object<TestFileReport>({
        file: [text(), 'The test file.'],
        tests: [list(TEST), 'Its tests, in the order of the file.'],
      }),
    ),
    'The test files.',
  ],
  coverage: [
    orNull(
      list(
        object<RuleCoverage>({
          rule: [text(), "The rule's id."],
          file: [text(), 'The rule file.'],
          goals: [count(), 'Two for each clause: seen true, and seen false.'],
          reached: [count(), 'Goals that some test reached.'],
          gaps: [list(GAP), 'Goals that none did.'],
        }),
      ),
    ),
    'Null unless `--coverage`.',
  ],
  mutation: [
    orNull(
      list(
        object<RuleMutation>({
          rule: [text(), "The rule's id."],
          file: [text(), 'The rule file.'],
          mutants: [count(), 'Changes that were tried.'],
          noticed: [count(), 'Changes that some test noticed.'],
          survivors: [list(SURVIVOR), 'Changes that none did.'],
        }),
      ),
    ),
    'Null unless `--mutate`, and null while a test fails or cannot be run.',
  ],
  diagnostics: [list<ReportedDiagnostic>(DIAGNOSTIC), 'What is wrong with the rules or the tests.'],
});
