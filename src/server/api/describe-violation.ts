/** A violation as a person reads it: the finding that `fluo check` would report, and its first sentences. */
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
  return { summary: sentences.map(plainPhrase).join(' '), witness: finding };
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
