/** The shapes of what the API answers and webhooks get, bound to their TypeScript types. */
import { ENFORCEMENTS, RULE_SEVERITIES } from '../../../invariant/rule.ts';
import { NOTIFICATION_EVENTS } from '../../../notify/notification.ts';
import {
  WEBHOOK_VERSION,
  type WebhookDocument,
  type WebhookHeldBack,
  type WebhookSignal,
} from '../../../notify/webhook-document.ts';
import { OUTCOMES, STATS_TRANSPORTS } from '../../../receiver/otlp/receiver-stats.ts';
import { FINDING, UNKNOWN_ATTRIBUTE } from '../../../report/schema/check-report-shape.ts';
import {
  boolean,
  choice,
  count,
  define,
  list,
  number,
  type OutputShape,
  object,
  orNull,
  record,
  text,
} from '../../../report/schema/output-shape.ts';
import { LINE, VERDICT_COUNTS } from '../../../report/schema/shared-shapes.ts';
import { SIGNAL_ACTIONS, SIGNAL_STATES, type SignalRule } from '../../../signal/signal.ts';
import {
  API_VERSION,
  type ProblemDocument,
  type ReceiverStatusDocument,
  type RefusalDocument,
  type RuleHealthDocument,
  type RulesDocument,
  type SignalDecisionDocument,
  type SignalDocument,
  type SignalExampleDocument,
  type SignalListDocument,
  type SignalSummary,
  type StatusDocument,
  type VerdictRowDocument,
  type VerdictsDocument,
} from '../api-documents.ts';

const TIME: OutputShape<string> = define('time', 'ISO 8601, UTC.', () => text(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/));
const VERSION_TEXT = 'Raised when a key changes its meaning or goes away.';
const VERSION: OutputShape<typeof API_VERSION> = choice([API_VERSION]);
const STATE = define('state', 'The state of a signal.', () => choice(SIGNAL_STATES));

const RULE: OutputShape<SignalRule> = define('rule', 'A rule, as it was at the last occurrence.', () =>
  object<SignalRule>({
    id: [text(), "The rule's id."],
    name: [text(), 'Its name; the id where the file gives none.'],
    invariant: [orNull(text()), 'Its number, `INVARIANT-44`, once it is approved.'],
    severity: [choice(RULE_SEVERITIES), 'How bad a violation is.'],
    enforcement: [choice(ENFORCEMENTS), 'What a violation does.'],
    category: [orNull(text()), 'Its category.'],
    owner: [orNull(text()), 'Who answers for it.'],
    runbook: [orNull(text()), 'What to do when it is violated.'],
    compliance: [list(text()), 'What it is evidence for.'],
    condition: [text(), "The rule's text."],
  }),
);

const VERSIONS = list(
  object<{ readonly service: string; readonly version: string }>({
    service: [text(), 'The service.'],
    version: [text(), 'Its `service.version`.'],
  }),
);

const SUMMARY: OutputShape<SignalSummary> = define('signal', 'Violations that are alike.', () =>
  object<SignalSummary>({
    id: [text(/^[0-9a-f]{16}$/), 'Its id: the beginning of the fingerprint.'],
    fingerprint: [text(/^[0-9a-f]{32}$/), 'Equal for violations that are alike.'],
    fingerprintVersion: [count(), 'Of the way in which the fingerprint was made.'],
    state: [STATE, 'Where it is.'],
    rule: [RULE, 'The rule that is broken.'],
    summary: [text(), 'What broke, in plain text: of the first occurrence.'],
    clause: [text(), 'The clause that decided, on one line.'],
    pair: [
      object<SignalSummary['pair']>({
        trigger: [text(), 'The service whose span triggered the rule.'],
        other: [text(), 'Another service that the deciding spans are of; empty where there is none.'],
      }),
      'The services concerned.',
    ],
    attributes: [
      list(
        object<SignalSummary['attributes'][number]>({
          name: [text(), "The attribute's name."],
          value: [text(), 'Its value where the rule writes it or it is one of a closed list, else `*`.'],
        }),
      ),
      'What the clause compares.',
    ],
    firstSeen: [TIME, 'When it was first seen.'],
    lastSeen: [TIME, 'When it was last seen.'],
    occurrences: [count(), 'Scopes that broke the rule, those included that were taken back.'],
    retracted: [count(), 'How many of them were taken back.'],
    reopened: [count(), 'How often it came again.'],
    services: [list(text()), 'Services of the spans concerned.'],
    versions: [VERSIONS, 'Versions of the services whose spans triggered the rule.'],
    environments: [list(text()), 'Environments of these spans.'],
    traceIds: [list(text()), 'One of each example.'],
    rebuilt: [boolean(), 'Its first records were lost: counts and times may lack what was before.'],
  }),
);

const EXAMPLE: OutputShape<SignalExampleDocument> = object<SignalExampleDocument>({
  scope: [choice(['trace', 'group']), 'A trace, or a group across traces.'],
  traceIds: [list(text()), 'Its traces, at most twenty.'],
  at: [TIME, 'When it was told.'],
  service: [text(), 'Of the span that triggered the rule.'],
  serviceVersion: [text(), 'Its version.'],
  finding: [FINDING, 'What `fluo check` would report of it.'],
});

const DECISION: OutputShape<SignalDecisionDocument> = object<SignalDecisionDocument>({
  at: [TIME, 'When.'],
  action: [choice(SIGNAL_ACTIONS), 'What.'],
  by: [text(), 'Who, as they said it.'],
  reason: [text(), 'Why; empty where none was given.'],
  from: [STATE, 'The state before.'],
  to: [STATE, 'The state after.'],
});

export const SIGNAL_LIST: OutputShape<SignalListDocument> = object<SignalListDocument>({
  schemaVersion: [VERSION, VERSION_TEXT],
  signals: [list(SUMMARY), 'The latest first.'],
  next: [orNull(text()), '`cursor` of the next page; null where this is the last.'],
  total: [count(), 'Over all pages.'],
});

export const SIGNAL: OutputShape<SignalDocument> = object<SignalDocument>({
  schemaVersion: [VERSION, VERSION_TEXT],
  signal: [SUMMARY, 'The signal.'],
  ruleVersions: [list(text()), 'Versions of the meaning of the rule that it was seen with, the last ten.'],
  examples: [list(EXAMPLE), 'The first few occurrences, and a late one.'],
  decisions: [list(DECISION), 'Who decided what, oldest first.'],
});

const VERDICT_ROW: OutputShape<VerdictRowDocument> = object<VerdictRowDocument>({
  rule: [text(), "The rule's id."],
  service: [orNull(text()), 'With `by=service` or `by=version`: of the span that triggered the rule.'],
  version: [orNull(text()), 'With `by=version`: its version.'],
  verdicts: [VERDICT_COUNTS, 'Over the whole time.'],
  violatedShare: [orNull(number()), 'Of those that are satisfied or violated, the share that is violated.'],
  minutes: [
    list(
      object<VerdictRowDocument['minutes'][number]>({
        at: [TIME, 'The beginning of the minute.'],
        verdicts: [VERDICT_COUNTS, 'In that minute.'],
      }),
    ),
    'Minutes in which there was something.',
  ],
});

export const VERDICTS: OutputShape<VerdictsDocument> = object<VerdictsDocument>({
  schemaVersion: [VERSION, VERSION_TEXT],
  from: [TIME, 'From the beginning of this minute.'],
  to: [TIME, 'To the beginning of this one.'],
  since: [TIME, 'From when on the counts are complete.'],
  rows: [list(VERDICT_ROW), 'By rule, service and version.'],
});

const RULE_HEALTH: OutputShape<RuleHealthDocument> = object<RuleHealthDocument>({
  rule: [RULE, 'The rule.'],
  file: [text(), 'Its file.'],
  line: [LINE, 'Where it begins.'],
  version: [text(), 'Of its meaning.'],
  applicable: [count(), 'Closed scopes whose trigger occurred, since the rule was loaded.'],
  applicableInOneSpanTraces: [count(), 'Of those the traces of one span.'],
  unseenNames: [list(text()), 'Names in it that no span ever had.'],
  unknownAttributes: [list(UNKNOWN_ATTRIBUTE), 'Attributes that it did not find as it compares them.'],
  inconclusiveReasons: [record(count()), 'Why answers were not proved, and how often.'],
  exceptedScopes: [record(count()), 'How many scopes each exception left out.'],
  violated: [count(), 'Of the applicable ones, those that are violated.'],
  memberSpans: [count(), 'Of a rule with `across`: spans that its selectors name.'],
  keylessSpans: [count(), 'Of those, spans without its key, which are in no group.'],
  concerns: [list(text()), 'What is wrong with the rule or the traffic, in words.'],
  remedies: [list(text()), 'What to do about each, in the same order.'],
});

export const RULES: OutputShape<RulesDocument> = object<RulesDocument>({
  schemaVersion: [VERSION, VERSION_TEXT],
  traces: [count(), 'Traces that were closed since the server started.'],
  oneSpanTraces: [count(), 'Of them with one span only.'],
  rules: [list(RULE_HEALTH), 'In the order of their files.'],
});

const RECEIVER: OutputShape<ReceiverStatusDocument> = object<ReceiverStatusDocument>({
  name: [text(), 'Its name in `fluo.yaml`.'],
  type: [choice(['slack', 'webhook']), 'What it is.'],
  pending: [count(), 'Messages that wait.'],
  delivered: [count(), 'Messages that it took since the start.'],
  failedAttempts: [count(), 'Attempts that failed since the start, and are made again.'],
  dead: [count(), 'Messages that were given up since the start.'],
  problem: [orNull(text()), 'Of the last attempt, if it failed.'],
  lastDeliveredAt: [orNull(TIME), 'When it last took one.'],
});

const REFUSAL_OUTCOMES = OUTCOMES.filter((outcome) => outcome !== 'accepted' && outcome !== 'abandoned');

const REFUSAL: OutputShape<RefusalDocument> = object<RefusalDocument>({
  at: [TIME, 'When it happened last.'],
  times: [count(), 'How often.'],
  transport: [
    choice(STATS_TRANSPORTS),
    'How it came; `http`: over HTTP, and ended before its encoding was known.',
  ],
  outcome: [choice(REFUSAL_OUTCOMES), 'Why; `partial`: it was taken without some of its spans.'],
  status: [text(), 'As the client saw it: `HTTP 415`, `gRPC 3`.'],
  peer: [text(), 'The address that it came from, without the port; empty where it is not known.'],
  userAgent: [text(), 'As the client names itself; empty where it does not.'],
  message: [text(), 'What the client was told.'],
  spans: [count(), 'Spans that were left out of the last one, where the rest was taken.'],
});

export const STATUS: OutputShape<StatusDocument> = object<StatusDocument>({
  schemaVersion: [VERSION, VERSION_TEXT],
  version: [text(), 'Of Fluo.'],
  startedAt: [TIME, 'When the server started.'],
  listens: [
    object<StatusDocument['listens']>({
      grpc: [orNull(text()), 'For OTLP over gRPC, as `127.0.0.1:4317`; null: off.'],
      http: [orNull(text()), 'For OTLP over HTTP; null: off.'],
      api: [text(), 'For the API and metrics.'],
    }),
    'Where the server really listens.',
  ],
  ready: [boolean(), 'Whether it takes spans.'],
  notes: [
    list(
      object<StatusDocument['notes'][number]>({
        condition: [text(), 'A name for programs.'],
        message: [text(), 'A sentence.'],
        help: [text(), 'What to do.'],
      }),
    ),
    'What is not as it should be.',
  ],
  signals: [
    object<StatusDocument['signals']>({
      kept: [count(), 'Signals that are kept.'],
      open: [count(), 'Of them open.'],
      unsaved: [count(), 'Changes that the disk has not taken yet.'],
    }),
    'Signals.',
  ],
  engine: [record(number()), 'What the engine holds and has done, by name.'],
  receivers: [list(RECEIVER), 'Who is told.'],
  refusals: [
    list(REFUSAL),
    'Export requests that were refused or taken in part: the last few, the latest first, what is alike as one.',
  ],
});

export const PROBLEM: OutputShape<ProblemDocument> = object<ProblemDocument>({
  type: [text(), 'A name for the sort of problem.'],
  title: [text(), 'What should hold.'],
  status: [count(), 'The HTTP status.'],
  detail: [text(), 'A sentence.'],
  code: [text(/^FL\d{3}$/), '`fluo explain CODE` says more.'],
  help: [text(), 'What to do next.'],
});

const NOTIFIED: OutputShape<WebhookSignal> = object<WebhookSignal>({
  id: [text(/^[0-9a-f]{16}$/), "The signal's id."],
  fingerprint: [text(/^[0-9a-f]{32}$/), 'Equal for violations that are alike.'],
  state: [STATE, 'The state after what happened.'],
  summary: [text(), 'What broke, in plain text: of the first occurrence.'],
  clause: [text(), 'The clause that decided, on one line.'],
  rule: [RULE, 'The rule that is broken.'],
  services: [list(text()), 'Services of the spans concerned, at most twenty; so the others.'],
  versions: [VERSIONS, 'Versions of the services whose spans triggered the rule.'],
  environments: [list(text()), 'Environments of these spans.'],
  occurrences: [count(), 'Scopes that broke the rule.'],
  retracted: [count(), 'How many of them were taken back.'],
  reopened: [count(), 'How often it came again.'],
  firstSeen: [TIME, 'When it was first seen.'],
  lastSeen: [TIME, 'When it was last seen.'],
  traceIds: [list(text()), 'Of the latest example.'],
});

export const WEBHOOK: OutputShape<WebhookDocument> = object<WebhookDocument>({
  schemaVersion: [choice([WEBHOOK_VERSION]), VERSION_TEXT],
  id: [text(), 'Equal for repetitions of the same news; also in the header `Idempotency-Key`.'],
  event: [choice(NOTIFICATION_EVENTS), 'What happened.'],
  at: [TIME, 'When.'],
  signal: [NOTIFIED, 'The signal.'],
  decision: [
    orNull(
      object<NonNullable<WebhookDocument['decision']>>({
        by: [text(), 'Who.'],
        reason: [text(), 'Why; empty where no reason was given.'],
      }),
    ),
    'Of `resolved`: who resolved it, and why.',
  ],
  heldBack: [
    orNull(
      object<WebhookHeldBack>({
        of: [
          choice(['signal', 'rule'] as const),
          '`signal`: it opened and was taken back by turns, and this is how it stands. `rule`: the event befell many signals of the rule, and `signal` is one of them.',
        ],
        count: [count(), 'How many changes of the signal, or signals of the rule, were held back.'],
        signals: [list(text(/^[0-9a-f]{16}$/)), 'The ids of these signals; at most 500.'],
        since: [TIME, 'When the time began of which this is told.'],
      }),
    ),
    'Of a message that stands for several that were held back.',
  ],
});
