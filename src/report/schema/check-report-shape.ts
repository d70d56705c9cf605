/** The shape of the JSON that `fluo check` writes. */
import { ENFORCEMENTS, RULE_SEVERITIES } from '../../invariant/rule.ts';
import {
  CHECK_REPORT_VERSION,
  type CheckReport,
  type Finding,
  type FindingList,
  HINT_KINDS,
  type LeftOutCounts,
  REASON_KINDS,
  type ReportedClause,
  type ReportedHint,
  type ReportedNearestMiss,
  type ReportedOrderViolation,
  type ReportedReason,
  type ReportedScope,
  type RuleReport,
  type UnknownAttributeCount,
} from '../check-report.ts';
import { FAIL_ON } from '../finding-level.ts';
import {
  boolean,
  choice,
  count,
  define,
  list,
  type OutputShape,
  object,
  orNull,
  text,
} from './output-shape.ts';
import { COLUMN, DIAGNOSTIC, LINE, NANOS, SPAN, VALUE, VERDICT_COUNTS } from './shared-shapes.ts';

export const UNKNOWN_ATTRIBUTE: OutputShape<UnknownAttributeCount> = object<UnknownAttributeCount>({
  attribute: [text(), "The attribute's name, as the rule has it."],
  missing: [count(), 'Comparisons that met no such attribute.'],
  otherType: [count(), 'Comparisons that met it with a type that they do not expect.'],
});

const LEFT_OUT: OutputShape<LeftOutCounts> = object<LeftOutCounts>({
  environment: [count(), 'Scopes of an environment that the rule does not look at.'],
  exceptions: [
    list(
      object<LeftOutCounts['exceptions'][number]>({
        name: [text(), "The exception's name."],
        scopes: [count(), 'How many scopes it left out.'],
      }),
    ),
    'Scopes that an exception left out.',
  ],
});

const RULE: OutputShape<RuleReport> = define('rule', 'A rule that was loaded, and how it fared.', () =>
  object<RuleReport>({
    id: [text(), "The rule's id."],
    name: [text(), 'Its name; the id where the file gives none.'],
    invariant: [orNull(text()), 'Its number, `INVARIANT-44`, once it is approved.'],
    severity: [choice(RULE_SEVERITIES), 'How bad a violation is.'],
    enforcement: [choice(ENFORCEMENTS), 'What a violation does.'],
    category: [orNull(text()), 'Its category.'],
    owner: [orNull(text()), 'Who answers for it.'],
    compliance: [list(text()), 'What it is evidence for.'],
    runbook: [orNull(text()), 'What to do when it is violated.'],
    file: [text(), 'The rule file.'],
    line: [LINE, 'Where the rule begins.'],
    column: [COLUMN, 'Where the rule begins.'],
    condition: [text(), "The rule's text."],
    failing: [boolean(), 'Whether it makes the exit code 1.'],
    acrossKey: [orNull(list(text())), 'The key of `across`, as written; null for a rule over single traces.'],
    verdicts: [VERDICT_COUNTS, 'Scopes by verdict.'],
    unlisted: [count(), 'Inconclusive scopes that are not among the findings, for there were too many.'],
    leftOut: [LEFT_OUT, 'Scopes that were left out; they are among the `not_applicable`.'],
    keyless: [count(), 'Across traces: spans without a usable key, which are in no group.'],
    unknownAttributes: [
      list(UNKNOWN_ATTRIBUTE),
      'Attributes that comparisons did not find as they expect them.',
    ],
  }),
);

const SCOPE: OutputShape<ReportedScope> = define('scope', 'What a rule was judged over.', () =>
  object<ReportedScope>({
    kind: [choice(['trace', 'group']), 'A trace, or a group across traces.'],
    key: [orNull(text()), 'Of a group, `payment_intent_id=pi_1`; null for a trace.'],
    traceIds: [list(text()), 'Its traces, at most a hundred.'],
    traceIdsOmitted: [count(), 'How many traces are left out.'],
    start: [orNull(NANOS), 'When its first span started.'],
  }),
);

const CLAUSE: OutputShape<ReportedClause> = define(
  'clause',
  'The smallest condition that decided, in the rule file.',
  () =>
    object<ReportedClause>({
      text: [text(), 'As written.'],
      file: [text(), 'The rule file.'],
      line: [LINE, 'Where it begins.'],
      column: [COLUMN, 'Where it begins.'],
      endLine: [LINE, 'Where it ends.'],
      endColumn: [COLUMN, 'The first column behind it.'],
      frame: [text(), 'The lines of the file with carets below, plain text.'],
    }),
);

const NEAREST: OutputShape<ReportedNearestMiss> = define(
  'nearest',
  'The span that came nearest to a selector that nothing matched.',
  () =>
    object<ReportedNearestMiss>({
      selector: [text(), 'The selector, as written.'],
      span: [SPAN, 'The span.'],
      failed: [text(), 'The comparison or relation that failed, as written.'],
      attribute: [orNull(text()), 'The attribute that was compared; null for a relation.'],
      actual: [orNull(VALUE), 'What it was; null where it is missing.'],
      expected: [orNull(VALUE), 'What it was compared with, where that is an attribute as well.'],
    }),
);

const ORDER: OutputShape<ReportedOrderViolation> = define(
  'order',
  'Two spans that are not in the order asked for.',
  () =>
    object<ReportedOrderViolation>({
      relation: [choice(['before', 'after']), '`left` was to be before, or after, `right`.'],
      problem: [
        choice(['overlap', 'reversed', 'too-far', 'unknown']),
        'What they are instead; `unknown` when their clocks cannot tell.',
      ],
      left: [SPAN, 'The one span.'],
      right: [SPAN, 'The other.'],
    }),
);

const REASON: OutputShape<ReportedReason> = define('reason', 'Why an answer is not proved.', () =>
  object<ReportedReason>({
    kind: [choice(REASON_KINDS), 'The sort of reason.'],
    message: [text(), 'A sentence.'],
    help: [text(), 'What to do about it.'],
    spans: [list(SPAN), 'The spans concerned.'],
  }),
);

const HINT: OutputShape<ReportedHint> = define('hint', 'Why a finding may be none.', () =>
  object<ReportedHint>({
    kind: [choice(HINT_KINDS), 'The sort of hint.'],
    help: [text(), 'What is to be seen, and what to do about it.'],
  }),
);

export const FINDING: OutputShape<Finding> = define(
  'finding',
  'A scope in which a rule is violated, or not proved.',
  () =>
    object<Finding>({
      rule: [text(), "The rule's id."],
      name: [text(), "The rule's name."],
      severity: [choice(RULE_SEVERITIES), 'How bad a violation is.'],
      enforcement: [choice(ENFORCEMENTS), 'What a violation does.'],
      compliance: [list(text()), 'What the rule is evidence for.'],
      runbook: [orNull(text()), 'What to do when it is violated.'],
      verdict: [choice(['violated', 'inconclusive']), 'The verdict.'],
      failing: [boolean(), 'Whether it makes the exit code 1.'],
      fingerprint: [text(/^[0-9a-f]{32}$/), 'Equal for the same rule, clause and scope in every run.'],
      traceId: [text(), 'The trace; of a group, the first of its traces.'],
      scope: [SCOPE, 'What was judged.'],
      clause: [CLAUSE, 'What decided.'],
      trigger: [list(SPAN), 'Spans that triggered the rule, at most 50.'],
      spans: [list(SPAN), 'Spans that must not be, that fail an `all`, or that were counted; at most 50.'],
      omitted: [
        object<Finding['omitted']>({
          trigger: [count(), 'Spans left out of `trigger`.'],
          spans: [count(), 'Spans left out of `spans`.'],
        }),
        'How many spans are left out.',
      ],
      missing: [list(text()), 'Selectors, as written, that had to match and matched nothing.'],
      nearest: [orNull(NEAREST), 'What came nearest to the first of them.'],
      order: [list(ORDER), 'Spans that are not in the order asked for.'],
      measures: [
        list(
          object<Finding['measures'][number]>({
            text: [text(), 'What was measured, as written.'],
            value: [
              text(),
              'Digits, or a duration; `2 or more`, `5 or less`, `2 to 5` where only bounds are known; `unknown` where nothing is.',
            ],
          }),
        ),
        'What was counted or added up.',
      ],
      reasons: [list(REASON), 'Why the answer is not proved; empty unless `inconclusive`.'],
      hints: [list(HINT), 'Why the finding may be none, as far as its spans tell.'],
      each: [orNull(VERDICT_COUNTS), 'With `each`: bound spans by their own verdict.'],
    }),
);

export const CHECK_REPORT: OutputShape<CheckReport> = object<CheckReport>({
  schemaVersion: [choice([CHECK_REPORT_VERSION]), 'Raised when a key changes its meaning or goes away.'],
  traces: [count(), 'Distinct traces.'],
  spans: [count(), 'Distinct spans.'],
  damaged: [count(), 'Records that could not be read.'],
  repeated: [count(), 'Spans that came again, and were counted once.'],
  conflicting: [count(), 'Spans with the identity of another, different span; the first was kept.'],
  foreign: [count(), 'Records that hold no spans.'],
  mended: [count(), 'Spans whose end was missing or before their start, and was set to the start.'],
  stopped: [boolean(), 'With `--strict`: reading stopped at the first damage.'],
  failOn: [choice(FAIL_ON), 'What makes the exit code 1 (`--fail-on`).'],
  requireApplied: [boolean(), 'Whether a rule that applied to nothing makes it 1 (`--require-applied`).'],
  rules: [list(RULE), 'The rules, in the order in which they were loaded.'],
  findings: [list<Finding, FindingList>(FINDING), 'What is violated or not proved, worst first.'],
  diagnostics: [list(DIAGNOSTIC), 'What is wrong with the input.'],
});
