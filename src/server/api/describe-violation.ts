/** A violation as a person reads it: the finding that `fluo check` would report, and its first sentences. */
import { clip } from '../../base/printable.ts';
import type { VerdictEvent } from '../../engine/streaming/stream.ts';
import type { Judgment } from '../../engine/verdict.ts';
import type { Rule } from '../../invariant/rule.ts';
import { printAttribute } from '../../language/print.ts';
import { buildFinding } from '../../report/build-check-report.ts';
import type { Finding } from '../../report/check-report.ts';
import { sentencesOf } from '../../report/narrate-finding.ts';
import { plainPhrase } from '../../report/phrase.ts';
import type { ViolationDescription } from '../../signal/signal-store.ts';

const MOST_SENTENCES = 3;
/** Of a finding, as JSON: so much of it is kept with each example of a signal. */
const MOST_CHARACTERS = 64 * 1024;
const MOST_SPANS = 5;
const MOST_TRACES = 10;
const LONGEST_TEXT = 500;

export function describeViolation(event: VerdictEvent, rule: Rule): ViolationDescription<Finding> {
  const { scope } = event;
  const finding = buildFinding(
    {
      rule: rule.id,
      scope: { kind: scope.kind, key: keyOf(event), traceIds: scope.traceIds, start: scope.start },
      judgment: withWitness(event.judgment, rule),
    },
    rule,
  );
  const sentences = sentencesOf(finding).slice(0, MOST_SENTENCES);
  return { summary: sentences.map(plainPhrase).join(' '), witness: bounded(finding) };
}

/** The finding in at most `MOST_CHARACTERS`: first without attributes, then with a few of its spans, then with shortened texts. */
function bounded(finding: Finding): Finding {
  let left = finding;
  for (const shorter of [withoutAttributes, withFewSpans, withShortTexts]) {
    if (JSON.stringify(left).length <= MOST_CHARACTERS) return left;
    left = shorter(left);
  }
  return left;
}

function withFewSpans(finding: Finding): Finding {
  const { trigger, spans, omitted, order, scope } = finding;
  const cut = (list: readonly unknown[]) => Math.max(0, list.length - MOST_SPANS);
  return {
    ...finding,
    trigger: trigger.slice(0, MOST_SPANS),
    spans: spans.slice(0, MOST_SPANS),
    omitted: { trigger: omitted.trigger + cut(trigger), spans: omitted.spans + cut(spans) },
    order: order.slice(0, MOST_SPANS),
    missing: finding.missing.slice(0, MOST_SPANS),
    measures: finding.measures.slice(0, MOST_SPANS),
    hints: finding.hints.slice(0, MOST_SPANS),
    reasons: finding.reasons.slice(0, MOST_SPANS),
    scope: {
      ...scope,
      traceIds: scope.traceIds.slice(0, MOST_TRACES),
      traceIdsOmitted: scope.traceIdsOmitted + Math.max(0, scope.traceIds.length - MOST_TRACES),
    },
  };
}

/** Of all spans in it. */
function withoutAttributes(finding: Finding): Finding {
  return rewritten(finding, (value) => {
    if (typeof value !== 'object' || value === null || !('attributesOmitted' in value)) return value;
    const { attributes = {}, attributesOmitted } = value as {
      readonly attributes?: object;
      readonly attributesOmitted: number;
    };
    const omitted = attributesOmitted + Object.keys(attributes).length;
    return { ...value, attributes: {}, attributesOmitted: omitted };
  });
}

function withShortTexts(finding: Finding): Finding {
  return rewritten(finding, (value) => (typeof value === 'string' ? clip(value, LONGEST_TEXT) : value));
}

/** A JSON value with each of its parts rewritten, the whole before its parts. */
function rewritten<Value>(value: Value, rewrite: (part: unknown) => unknown): Value {
  const next = rewrite(value);
  if (typeof next !== 'object' || next === null) return next as Value;
  if (Array.isArray(next)) return next.map((element) => rewritten(element, rewrite)) as Value;
  return Object.fromEntries(
    Object.entries(next).map(([key, member]) => [key, rewritten(member, rewrite)]),
  ) as Value;
}

function keyOf({ scope, rule }: VerdictEvent): string | null {
  if (scope.key === null) return null;
  const names = rule.condition.across?.key.map(printAttribute) ?? [];
  return scope.key.map((value, place) => `${names[place] ?? ''}=${value}`).join(', ');
}

/** A judgment without a witness is shown with the whole condition as what decided. */
function withWitness(judgment: Judgment | null, rule: Rule): Judgment {
  const { source } = rule.condition;
  const whole = {
    clause: { text: source.text, range: { start: 0, end: source.text.length }, line: 1, column: 1 },
    trigger: [],
    missing: [],
    nearest: null,
    order: [],
    spans: [],
    measures: [],
  };
  if (judgment === null) {
    return {
      verdict: 'violated',
      reasons: [],
      witness: whole,
      each: [],
      unknownAttributes: [],
      leftOut: null,
    };
  }
  return { ...judgment, witness: judgment.witness ?? whole };
}
