/** A rule in English, with what it looks at and what holds of it. */
import { formatDuration } from '../../base/nanos.ts';
import { positionOf } from '../../diagnostic/position.ts';
import type { Rule } from '../../invariant/rule.ts';
import type { CompiledRule } from '../../language/compiled-rule.ts';
import { describeRule } from '../../language/describe.ts';
import { planOf } from '../../language/plan.ts';
import { printMatcher } from '../../language/print.ts';
import type { Style } from '../../report/style.ts';
import type { GivenValue, Invocation } from '../arguments.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { refuse } from '../refuse.ts';
import { readSubject, type Subject } from '../subject.ts';
import { indented, wrap } from '../wrap.ts';

export function explainRule(invocation: Invocation, io: Io, given: GivenValue, style: Style): ExitCode {
  const { subject, diagnostics } = readSubject(io, invocation, given);
  if (subject === null) return refuse(invocation, io, diagnostics);
  io.stdout.write(`${explainSubject(subject, style, io.stdout.columns)}\n`);
  return EXIT.clean;
}

function explainSubject({ condition, rule, place }: Subject, style: Style, columns: number): string {
  const width = Math.min(columns, 100);
  const lines: string[] = [];
  if (rule !== null) {
    lines.push(
      `${style.strong(rule.id)}  ${style.dim(`${place}:${positionOf(rule.file.text, rule.range.start).line}`)}`,
    );
    if (rule.name !== rule.id) lines.push(rule.name);
    lines.push('');
  }
  lines.push(indented(condition.source.text.trim()), '', ...wrap(describeRule(condition), width));
  const names = looksAt(condition);
  if (names.length > 0) lines.push('', ...names);
  if (rule !== null)
    lines.push('', ...factsOf(rule).flatMap(([name, value]) => factLines(name, value, width)));
  return lines.join('\n');
}

/** Names of spans and attributes that the rule reads. */
function looksAt(condition: CompiledRule): string[] {
  const plan = planOf(condition);
  const spans = plan.matchers.map(printMatcher);
  const attributes = plan.attributes.map(({ where, name }) =>
    where === 'resource' ? `resource.${name}` : name,
  );
  const fields = [...plan.fields].map((field) => `span.${field}`);
  return [
    // A rule of the whole trace names no span.
    ...(spans.length > 0 ? factLines('Spans', spans.join(', '), 100) : []),
    ...(attributes.length + fields.length > 0
      ? factLines('Attributes', [...attributes, ...fields].join(', '), 100)
      : []),
  ];
}

function factsOf(rule: Rule): [name: string, value: string][] {
  const facts: [string, string | null][] = [
    ['Severity', rule.severity],
    ['Enforcement', rule.enforcement],
    ['Invariant', rule.invariant],
    ['Category', rule.category],
    ['Origin', rule.origin === null ? null : `${rule.origin.kind}:${rule.origin.reference}`],
    ['Environments', rule.environments === null ? null : rule.environments.join(', ')],
    ['Compliance', rule.compliance.length === 0 ? null : rule.compliance.join(', ')],
    ['Owner', rule.owner],
    ['Runbook', rule.runbook],
    [
      'Incomplete',
      rule.onIncomplete === 'judge' ? 'incomplete traces are judged as if they were complete' : null,
    ],
    [
      'Raised',
      rule.raise === null
        ? null
        : `when ${Number((rule.raise.share * 100).toFixed(6))}% of the scopes break it within ${formatDuration(rule.raise.withinNanos)}, at least ${rule.raise.atLeast}`,
    ],
    ...rule.exceptions.map((exception): [string, string] => [
      'Exception',
      `${exception.name}: ${exception.fields.join(', ')}, until ${exception.expires} (${exception.reason})`,
    ]),
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

const FACT_COLUMN = 14;

function factLines(name: string, value: string, width: number): string[] {
  return wrap(value, Math.max(40, width - FACT_COLUMN)).map(
    (line, index) => (index === 0 ? `${name}:` : '').padEnd(FACT_COLUMN) + line,
  );
}
