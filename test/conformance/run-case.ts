/** Runs one verdict case of the corpus and tells every difference between what it expects and what an evaluator says. */
import { parseDuration } from '../../src/base/nanos.ts';
import type { JudgedRule } from '../../src/engine/judged-rule.ts';
import type { judgeTrace } from '../../src/engine/reference/judge.ts';
import type { judgeAcross, membersOf } from '../../src/engine/reference/judge-across.ts';
import {
  DEFAULT_JUDGE_SETTINGS,
  type InconclusiveReason,
  type JudgeSettings,
  type Judgment,
  type Witness,
} from '../../src/engine/verdict.ts';
import { parseDrawnTrace } from '../../src/invariant/drawn-trace.ts';
import { compileRule } from '../../src/language/compile.ts';
import type { RuleScope } from '../../src/language/compiled-rule.ts';
import { parseSelector } from '../../src/language/parse.ts';
import type { Span } from '../../src/trace/span.ts';
import type { buildTrace } from '../../src/trace/trace.ts';
import type { Expectation, ExpectedReason, ExpectedWitness, VerdictCase } from './corpus.ts';

/** What a case is run with: the evaluator, or a changed one. */
export interface Evaluator {
  readonly judgeTrace: typeof judgeTrace;
  readonly membersOf: typeof membersOf;
  readonly judgeAcross: typeof judgeAcross;
  readonly buildTrace: typeof buildTrace;
}

/** A case with its texts read: what does not change from run to run. */
export interface PreparedCase {
  readonly case: VerdictCase;
  readonly rule: JudgedRule;
  /** Spans of each drawn trace, as drawn. */
  readonly traces: readonly (readonly Span[])[];
  readonly labels: ReadonlyMap<Span, string>;
  readonly settings: JudgeSettings;
}

/** Reads the rule and the drawing; throws, with their errors, where one of them has any. */
export function prepareCase(one: VerdictCase): PreparedCase {
  const compiled = compileRule({ name: one.id, text: one.rule }, scopeOf(one));
  if (compiled.rule === null) throw new Error(problems(one.id, compiled.diagnostics));
  const drawn = parseDrawnTrace({ name: one.id, text: one.trace });
  if (drawn.diagnostics.length > 0) throw new Error(problems(one.id, drawn.diagnostics));
  const byTrace = new Map<string, Span[]>();
  for (const span of drawn.spans) {
    const same = byTrace.get(span.traceId);
    if (same === undefined) byTrace.set(span.traceId, [span]);
    else same.push(span);
  }
  return {
    case: one,
    rule: {
      id: one.id,
      condition: compiled.rule,
      onIncomplete: one.on_incomplete ?? 'inconclusive',
      environments: one.environments ?? null,
      exceptions: (one.exceptions ?? []).map((exception) => ({
        ...exception,
        anywhere: exception.anywhere === true,
      })),
    },
    traces: byTrace.size === 0 ? [[]] : [...byTrace.values()],
    labels: new Map([...drawn.labels].map(([label, span]) => [span, label] as const)),
    settings: settingsOf(one),
  };
}

/** Macros and lists of a case. */
export function scopeOf({ macros = {}, lists = {} }: Pick<VerdictCase, 'macros' | 'lists'>): RuleScope {
  const parsed = Object.entries(macros).map(([name, text]) => {
    const { selector, diagnostics } = parseSelector({ name, text });
    if (selector === null) throw new Error(problems(name, diagnostics));
    return [name, selector] as const;
  });
  return { macros: new Map(parsed), lists: new Map(Object.entries(lists)) };
}

/** The differences, empty when the case passes. */
export function runCase(prepared: PreparedCase, evaluator: Evaluator): string[] {
  const { case: one, rule, traces, settings, labels } = prepared;
  const cut = one.cut === undefined ? {} : { [one.cut === 'max_age' ? 'maxAge' : 'maxSpans']: true };
  const built = traces.map((spans) => evaluator.buildTrace(spans, cut));
  const refer = (span: Span): string => labels.get(span) ?? span.name;
  if (rule.condition.across === null) {
    const [trace] = built;
    if (trace === undefined || built.length > 1) return ['a rule of one trace has one trace'];
    const judgment = evaluator.judgeTrace(rule, trace, settings);
    const brief = evaluator.judgeTrace(rule, trace, { ...settings, witnesses: 'findings' });
    const expectedBrief = judgment.verdict === 'satisfied' ? { ...judgment, witness: null } : judgment;
    return [
      ...differences(one as Expectation, judgment, refer),
      ...differ('what is told without witnesses of kept promises', expectedBrief, brief),
    ];
  }
  const members = built.flatMap((trace) => evaluator.membersOf(rule, trace));
  const { groups, keyless } = evaluator.judgeAcross(rule, members, settings);
  const expected = one.groups ?? [];
  const found = [
    ...differ('number of groups', expected.length, groups.length),
    ...(one.keyless === undefined ? [] : differ('keyless', one.keyless, keyless)),
  ];
  for (const [index, wanted] of expected.entries()) {
    const group = groups[index];
    if (group === undefined) continue;
    const own = differences(wanted, group.judgment, refer);
    if (wanted.key !== undefined) own.push(...differ('key', wanted.key, group.key));
    if (wanted.spans !== undefined) own.push(...differ('spans', wanted.spans, group.spans.map(refer)));
    if (wanted.traces !== undefined) own.push(...differ('traces', wanted.traces, group.traceIds.length));
    found.push(...own.map((text) => `group ${index + 1}: ${text}`));
  }
  return found;
}

type Refer = (span: Span) => string;

function differences(expected: Expectation, actual: Judgment, refer: Refer): string[] {
  const found = differ('verdict', expected.verdict, actual.verdict);
  if (actual.reasons.length > 0 !== (actual.verdict === 'inconclusive')) {
    found.push(`reasons belong to inconclusive and to nothing else: ${actual.reasons.length}`);
  }
  if (expected.each !== undefined) {
    const each = actual.each.map(({ span, verdict }) => [refer(span), verdict] as const);
    found.push(...differ('each', Object.entries(expected.each).sort(byText), [...each].sort(byText)));
  }
  if (expected.reasons !== undefined) found.push(...differentReasons(expected.reasons, actual, refer));
  if (expected.witness !== undefined) {
    if (actual.witness === null) found.push('no witness');
    else found.push(...differentWitness(expected.witness, actual.witness, refer));
  }
  if (expected.unknown !== undefined) {
    const wanted = Object.entries(expected.unknown)
      .map(([attribute, { missing = 0, other_type = 0 }]) => ({ attribute, missing, otherType: other_type }))
      .sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
    found.push(...differ('unknown', wanted, actual.unknownAttributes));
  }
  if (expected.left_out !== undefined) {
    const { leftOut } = actual;
    const told = leftOut?.by === 'exception' ? { exception: leftOut.name } : (leftOut?.by ?? null);
    found.push(...differ('left_out', expected.left_out, told));
  }
  return found;
}

function differentReasons(
  expected: readonly ExpectedReason[],
  { reasons }: Judgment,
  refer: Refer,
): string[] {
  const told = reasons.map((reason) => describeReason(reason, refer));
  const found = differ('number of reasons', expected.length, reasons.length);
  for (const wanted of expected) {
    const there = told.some((reason) =>
      Object.entries(wanted).every(([key, value]) => reason[key as keyof ExpectedReason] === value),
    );
    if (!there) found.push(`reason: expected ${show(wanted)} among ${show(told)}`);
  }
  return found;
}

function describeReason(reason: InconclusiveReason, refer: Refer): ExpectedReason {
  switch (reason.kind) {
    case 'incomplete': {
      const { kind } = reason.reason;
      const because = { kind: reason.kind, because: kind };
      return reason.reason.kind === 'missing-parent'
        ? { ...because, span: refer(reason.reason.span) }
        : because;
    }
    case 'group-cut':
      return { kind: reason.kind, limit: reason.limit };
    case 'missing-attribute':
      return { kind: reason.kind, attribute: reason.attribute, span: refer(reason.span) };
    case 'clock-skew':
      return { kind: reason.kind, left: refer(reason.left), right: refer(reason.right) };
    case 'sampled':
    case 'too-costly':
      return { kind: reason.kind };
  }
}

function differentWitness(expected: ExpectedWitness, actual: Witness, refer: Refer): string[] {
  const { nearest } = actual;
  const told: Record<keyof ExpectedWitness, unknown> = {
    clause: actual.clause.text,
    at: `${actual.clause.line}:${actual.clause.column}`,
    trigger: actual.trigger.map(refer),
    missing: actual.missing,
    nearest:
      nearest === null
        ? null
        : {
            ...nearest,
            span: refer(nearest.span),
            actual: nearest.actual ?? null,
            expected: nearest.expected ?? null,
          },
    order: actual.order.map((one) => ({ ...one, left: refer(one.left), right: refer(one.right) })),
    spans: actual.spans.map(refer),
    measures: Object.fromEntries(actual.measures.map(({ text, value }) => [text, value])),
  };
  return Object.entries(expected).flatMap(([key, wanted]) => {
    const value = told[key as keyof ExpectedWitness];
    if (key !== 'nearest' || wanted === null || value === null)
      return differ(`witness ${key}`, wanted, value);
    const given = Object.keys(wanted as object).map((name) => [
      name,
      (value as Readonly<Record<string, unknown>>)[name],
    ]);
    return differ('witness nearest', wanted, Object.fromEntries(given));
  });
}

function differ(what: string, expected: unknown, actual: unknown): string[] {
  return show(expected) === show(actual)
    ? []
    : [`${what}: expected ${show(expected)}, found ${show(actual)}`];
}

/** JSON with the keys of maps in order. */
function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) => {
      if (typeof item === 'bigint') return `${item}`;
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
      return Object.fromEntries(Object.entries(item).sort(byText));
    }) ?? 'nothing'
  );
}

function byText(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

function settingsOf({ settings = {} }: VerdictCase): JudgeSettings {
  return {
    clockSkewNanos: duration(settings.clock_skew) ?? DEFAULT_JUDGE_SETTINGS.clockSkewNanos,
    clockResolutionNanos: duration(settings.clock_resolution) ?? DEFAULT_JUDGE_SETTINGS.clockResolutionNanos,
    defaultEnvironment: settings.default_environment ?? null,
    sampling: settings.sampling ?? false,
    maxGroupAgeNanos: duration(settings.max_group_age) ?? DEFAULT_JUDGE_SETTINGS.maxGroupAgeNanos,
    maxSpans: settings.max_spans ?? DEFAULT_JUDGE_SETTINGS.maxSpans,
    maxComparisons: settings.max_comparisons ?? DEFAULT_JUDGE_SETTINGS.maxComparisons,
  };
}

function duration(text: string | undefined): bigint | null {
  if (text === undefined) return null;
  const nanos = parseDuration(text);
  if (nanos === null) throw new Error(`no duration: ${text}`);
  return nanos;
}

function problems(id: string, diagnostics: readonly { code: string; message: string }[]): string {
  return `${id}: ${diagnostics.map(({ code, message }) => `${code} ${message}`).join('; ')}`;
}
