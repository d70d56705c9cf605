/**
 * The shape of a case: its text with names by the order in which they first occur, and numbers and times by their rank. Two cases of one
 * shape differ only in names and literals, and one of them shows nothing that the other does not.
 */
import { NANOS_PER_UNIT } from '../../src/base/nanos.ts';
import { SPAN_FIELDS } from '../../src/language/ast.ts';
import { KEYWORDS } from '../../src/language/tokens/words.ts';
import { SPAN_KINDS, SPAN_STATUSES } from '../../src/trace/span.ts';
import type { ErrorCase, Expectation, ValidCase, VerdictCase } from './corpus.ts';

/** What a verdict case asks and what it expects, but for the witness. */
export function shapeOfVerdict(one: VerdictCase): string {
  const outcome = (expected: Partial<Expectation>): string =>
    JSON.stringify([
      expected.verdict,
      Object.values(expected.each ?? {}),
      Object.values(expected.unknown ?? {}),
      (expected.reasons ?? []).map(({ kind }) => kind),
      expected.left_out,
    ]);
  const asked = [
    one.rule,
    JSON.stringify(one.macros ?? {}),
    JSON.stringify(one.lists ?? {}),
    withInstants(one.trace),
    JSON.stringify(one.settings ?? {}),
    JSON.stringify([one.environments ?? [], one.exceptions ?? [], one.on_incomplete ?? '', one.cut ?? '']),
  ];
  const results = one.groups === undefined ? [outcome(one)] : [one.keyless, ...one.groups.map(outcome)];
  return normalise([...asked, ...results].join('\n'));
}

export function shapeOfValid(one: ValidCase): string {
  return normalise([one.rule, JSON.stringify(one.macros ?? {}), JSON.stringify(one.lists ?? {})].join('\n'));
}

/** Characters and places are what an error is about: names alone are levelled. */
export function shapeOfError(one: ErrorCase): string {
  const blanks = one.blanks === undefined ? '' : 'blanks';
  return normalise(
    [one.rule, blanks, JSON.stringify(one.macros ?? {}), ...one.errors.map(({ code }) => code)].join('\n'),
  );
}

/** `@20ms+60ms` as its two instants, so that their order and their meeting is what counts; indentation as signs, for it says who the parent is. */
function withInstants(trace: string): string {
  const indented = trace.replace(/^ +/gm, (blanks) => '>'.repeat(blanks.length));
  return indented.replace(
    /@(-?[\d.]+)(ns|us|ms|s|m|h|d)\+([\d.]+)(ns|us|ms|s|m|h|d)/g,
    (_, start: string, startUnit: string, length: string, lengthUnit: string) => {
      const from = nanos(start, startUnit);
      return `@t${from} t${from + nanos(length, lengthUnit)}`;
    },
  );
}

function nanos(digits: string, unit: string): number {
  return Number(digits) * Number(NANOS_PER_UNIT[unit as keyof typeof NANOS_PER_UNIT]);
}

const KEPT: ReadonlySet<string> = new Set<string>([
  ...KEYWORDS,
  ...SPAN_KINDS,
  ...SPAN_STATUSES,
  ...SPAN_FIELDS.map((name) => `span.${name}`),
  ...[
    'has',
    'all',
    'count',
    'distinct',
    'sum',
    'number',
    'text',
    'unique',
    'this',
    'trace.duration',
    'within',
  ],
  ...['where', 'before', 'after', 'child_of', 'inside', 'missing', 'none', 'span.id', 'span.parent', 'judge'],
  ...[
    'satisfied',
    'violated',
    'not_applicable',
    'inconclusive',
    'span.tracestate',
    'span.sampled',
    'environment',
    'exception',
  ],
  ...[
    'deployment.environment',
    'resource.deployment.environment',
    'resource.deployment.environment.name',
    'deployment.environment.name',
    'anywhere',
    'ot',
    'th',
    'span.resource',
    'd',
    'i',
  ],
  ...[
    'clock_skew',
    'clock_resolution',
    'sampling',
    'default_environment',
    'max_spans',
    'max_comparisons',
    'max_group_age',
    'max_age',
  ],
  ...[
    'incomplete',
    'sampled',
    'group-cut',
    'missing-attribute',
    'clock-skew',
    'too-costly',
    'other_type',
    'b',
    'n',
    'nan',
  ],
]);

const TOKEN =
  /t-?\d+|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:ns|us|ms|s|m|h|d)?\b|[A-Za-z_*$][\w*$-]*(?:\.[\w*-]+)*|\.(?:where|before|after|within|child_of|inside)\b|[^\s]/g;

function normalise(text: string): string {
  const tokens = text.match(TOKEN) ?? [];
  const names = new Map<string, string>();
  const numbers = ranks(tokens.filter((token) => classOf(token) === 'number'));
  const times = ranks(tokens.filter((token) => classOf(token) === 'time'));
  return tokens
    .map((token) => {
      if (classOf(token) === 'number')
        return `${/[.eE]/.test(token) ? 'double' : 'int'}${numbers.get(token)}`;
      if (classOf(token) === 'time') return `time${times.get(token)}`;
      if (/^[A-Za-z_]/.test(token) && !KEPT.has(token)) return nameOf(token, names);
      return token;
    })
    .join(' ');
}

/** The steps at the end of a name are words of the language: `a.where`. Wildcards keep their stars. */
function nameOf(token: string, names: Map<string, string>): string {
  const step = /^(.*)(\.(?:where|before|after|within|child_of|inside))$/.exec(token);
  const name = step?.[1] ?? token;
  let known = names.get(name);
  if (known === undefined) {
    known = `name${names.size}${name.replace(/[^*]+/g, '_').replace(/^_$/, '')}`;
    names.set(name, known);
  }
  return known + (step?.[2] ?? '');
}

function classOf(token: string): 'number' | 'time' | 'other' {
  if (/^t-?\d+$/.test(token)) return 'time';
  if (/^-?\d.*(?:ns|us|ms|s|m|h|d)$/.test(token)) return 'time';
  return /^-?\d/.test(token) ? 'number' : 'other';
}

function ranks(tokens: readonly string[]): Map<string, number> {
  const sizes = [...new Set(tokens.map(sizeOf))].sort((a, b) => a - b);
  return new Map(tokens.map((token) => [token, sizes.indexOf(sizeOf(token))] as const));
}

function sizeOf(token: string): number {
  const [, digits = '0', unit = 'ns'] = /^t?(-?[\d.eE+-]+)([a-z]*)$/.exec(token) ?? [];
  return nanos(digits, unit === '' ? 'ns' : unit);
}
