/** `fluo explain`: a rule in English, or a code of a message. */
import { formatDuration } from '../../base/nanos.ts';
import { didYouMean } from '../../base/suggest.ts';
import { CODES, type CodeEntry } from '../../diagnostic/codes.ts';
import { positionOf } from '../../diagnostic/position.ts';
import type { Rule } from '../../invariant/rule.ts';
import type { CompiledRule } from '../../language/compiled-rule.ts';
import { describeRule } from '../../language/describe.ts';
import { planOf } from '../../language/plan.ts';
import { printMatcher } from '../../language/print.ts';
import type { Style } from '../../report/style.ts';
import { commandLineError, type GivenValue, type Invocation, isOn } from '../arguments.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { refuse } from '../refuse.ts';
import { readSubject, type Subject } from '../subject.ts';
import { wrap } from '../wrap.ts';

export const runExplain: Command = async (invocation, io) => {
  const given = invocation.arguments[0] as GivenValue;
  const noColor = isOn(invocation, 'no-color');
  const style = styleOf(io, io.stdout, noColor);
  if (/^[A-Za-z]{2}\d+$/.test(given.value)) return explainCode(invocation, io, given, style);
  const { subject, diagnostics } = readSubject(io, invocation, given);
  if (subject === null) {
    return refuse(invocation, io, diagnostics);
  }
  io.stdout.write(`${explainSubject(subject, style, io.stdout.columns)}\n`);
  return EXIT.clean;
};

function explainCode(invocation: Invocation, io: Io, given: GivenValue, style: Style) {
  const code = given.value.toUpperCase();
  const entry = (CODES as Readonly<Record<string, CodeEntry>>)[code];
  if (entry === undefined) {
    const near = didYouMean(code, Object.keys(CODES));
    const help = near !== '' ? near : 'say a code as messages have it, such as `FL201`';
    const wrong = commandLineError(
      invocation.commandLine,
      given.range,
      'FL720',
      `no message has the code \`${code}\``,
      help,
    );
    return refuse(invocation, io, [wrong]);
  }
  const width = Math.min(io.stdout.columns, 100);
  const lines = [
    `${style.strong(code)} ${entry.name}`,
    '',
    `${entry.title}.`,
    '',
    ...wrap(entry.explanation, width),
  ];
  if (entry.bad !== undefined) lines.push('', `${style.error('Wrong')}:`, '', indented(entry.bad));
  if (entry.good !== undefined) lines.push('', `${style.good('Right')}:`, '', indented(entry.good));
  io.stdout.write(`${lines.join('\n')}\n`);
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
  lines.push(indented(condition.source.text.trim()), '', ...wrap(describeRule(condition), width), '');
  lines.push(...looksAt(condition));
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
    ...factLines('Spans', spans.join(', '), 100),
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

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}
