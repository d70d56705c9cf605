/** What is wrong with the traffic or a rule, as far as counts can tell, and what to do about it. */
import type { RuleHealth } from '../../engine/streaming/stream.ts';
import { counted } from '../../report/counted.ts';

export interface Concern {
  /** A sentence. */
  readonly text: string;
  /** What to do, as the help of a diagnostic. */
  readonly remedy: string;
}

/** What must be known of the rule itself. */
export interface ConcernedRule {
  readonly id: string;
  readonly isTriggered: boolean;
  /** The attributes of the key of `across`, as the rule spells them; none: it is about single traces. */
  readonly key: readonly string[];
}

/** Fewer traces say nothing about a rule. */
const ENOUGH_TRACES = 100;
/** Fewer applicable scopes say nothing about the producer of a rule's trigger, nor about the rule. */
const ENOUGH_SCOPES = 20;
/** One in so many spans without a key is told. */
const KEYLESS_ONE_IN = 10;
const MOST_NAMES = 5;

/** `traces`: that were closed since the start. */
export function concernsOf(
  health: Omit<RuleHealth, 'rule' | 'ruleVersion'>,
  traces: number,
  rule: ConcernedRule,
): Concern[] {
  return [
    ...ofApplying(health, traces, rule),
    ...ofKeys(health, rule),
    ...ofViolations(health, rule),
    ...ofAttributes(health, rule),
    ...ofReasons(health),
  ];
}

function ofApplying(
  health: Omit<RuleHealth, 'rule' | 'ruleVersion'>,
  traces: number,
  { id, isTriggered, key }: ConcernedRule,
): Concern[] {
  const concerns: Concern[] = [];
  const { applicable, applicableInOneSpanTraces: alone, memberSpans, keylessSpans } = health;
  if (applicable === 0 && traces >= ENOUGH_TRACES) {
    const remedy = `compare the names in \`fluo explain ${id}\` with those of your spans; \`fluo instrument ${id}\` says which spans it needs`;
    const many = counted(traces, 'trace');
    if (key.length > 0 && memberSpans === keylessSpans) {
      const why =
        memberSpans === 0 ? 'none of the spans that it names came' : 'no span that it names has its key';
      concerns.push({ text: `never applicable yet, in ${many}: ${why}`, remedy });
    } else if (isTriggered) {
      const text = `never applicable in ${many}: is its trigger spelled as the spans are?`;
      concerns.push({ text, remedy });
    }
  }
  if (health.unseenNames.length > 0 && traces >= ENOUGH_TRACES) {
    const names = health.unseenNames
      .slice(0, MOST_NAMES)
      .map((name) => `\`${name}\``)
      .join(', ');
    const more =
      health.unseenNames.length > MOST_NAMES ? ` and ${health.unseenNames.length - MOST_NAMES} more` : '';
    concerns.push({
      text: `no span was ever named ${names}${more}`,
      remedy: `spell the name as the spans do, or make such spans: \`fluo instrument ${id}\` shows how`,
    });
  }
  if (isTriggered && applicable >= ENOUGH_SCOPES && alone * 10 >= applicable) {
    concerns.push({
      text: `${alone} of ${counted(applicable, 'applicable scope')} are traces of one span: the trigger's service loses the trace context`,
      remedy:
        'see that callers send the header `traceparent`, and that the service that makes the trigger reads it',
    });
  }
  return concerns;
}

function ofKeys(
  { memberSpans, keylessSpans }: Pick<RuleHealth, 'memberSpans' | 'keylessSpans'>,
  { id, key }: ConcernedRule,
): Concern[] {
  if (keylessSpans === 0 || keylessSpans * KEYLESS_ONE_IN < memberSpans) return [];
  const names = key.map((name) => `\`${name}\``).join(' or ');
  return [
    {
      text: `${keylessSpans} of ${counted(memberSpans, 'span')} lack ${names}, and are in no group`,
      remedy: `set ${names} on every span that the rule names (\`fluo instrument ${id}\` shows how), or spell it in \`across\` as the spans do`,
    },
  ];
}

/** A rule that production breaks more often than not is rather wrong than broken. */
function ofViolations(
  { applicable, violated }: Pick<RuleHealth, 'applicable' | 'violated'>,
  { id }: ConcernedRule,
): Concern[] {
  if (applicable < ENOUGH_SCOPES || violated * 2 <= applicable) return [];
  return [
    {
      text: `violated in ${Math.min(violated, applicable)} of ${counted(applicable, 'scope')} to which it applies: is the rule right?`,
      remedy: `look at a witness (\`fluo signals list --rule ${id}\`, then \`fluo signals show\`): mend what is broken, or the rule, or give it an exception`,
    },
  ];
}

function ofAttributes(
  { unknownAttributes }: Pick<RuleHealth, 'unknownAttributes'>,
  { id }: ConcernedRule,
): Concern[] {
  return unknownAttributes.flatMap(({ attribute, missing, otherType }) => [
    ...(otherType === 0
      ? []
      : [
          {
            text: `\`${attribute}\` was of another type than the rule compares with, ${timesOf(otherType)}`,
            remedy: `compare \`${attribute}\` with a value of the type that the service sends, or have the service send the other one`,
          },
        ]),
    ...(missing === 0
      ? []
      : [
          {
            text: `\`${attribute}\` was missing where the rule compares it, ${timesOf(missing)}`,
            remedy: `set \`${attribute}\` on these spans (\`fluo instrument ${id}\` shows how), or spell it as the spans do`,
          },
        ]),
  ]);
}

function ofReasons({ inconclusiveReasons }: Pick<RuleHealth, 'inconclusiveReasons'>): Concern[] {
  const open = Object.entries(inconclusiveReasons)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  if (open.length === 0) return [];
  const reasons = open.map(([reason, count]) => `${reason} ${timesOf(count)}`);
  const [[first = ''] = []] = open;
  return [{ text: `not proved: ${reasons.join(', ')}`, remedy: REMEDIES[first] ?? OTHER_REMEDY }];
}

/** By the reason that is met most. */
const REMEDIES: Readonly<Record<string, string>> = {
  incomplete:
    'spans of these traces never came: see that every service on their way exports to Fluo, that no sampler drops a part of a trace, and that clients lose none',
  sampled:
    'sample whole traces, or send all of them to Fluo: in a sample, a span that is absent proves nothing',
  'group-cut':
    'raise `limits.max_spans` or `limits.max_group_age` in `fluo.yaml`, or give `across` a key that divides finer',
  'missing-attribute': 'set the attribute on every span that the rule compares',
  'clock-skew': 'synchronise the clocks of the machines whose spans the rule puts in order',
  'too-costly':
    'raise `limits.max_comparisons` in `fluo.yaml`, or narrow the rule so that it compares fewer spans',
};
const OTHER_REMEDY = 'see the log of the server';

function timesOf(count: number): string {
  return count === 1 ? 'once' : counted(count, 'time');
}
