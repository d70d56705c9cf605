/** The report of `check` for people: findings by rule with their spans drawn, then a table of the rules, then one line. */
import { displayWidth, fitWidth, padWidth } from '../base/display-width.ts';
import { clip, printable } from '../base/printable.ts';
import type { CheckReport, Finding, RuleReport } from './check-report.ts';
import { totalsOf } from './check-totals.ts';
import { counted, formatCount } from './counted.ts';
import { levelOf } from './finding-level.ts';
import { advicesOf, sentencesOf } from './narrate-finding.ts';
import { type Phrase, plainPhrase } from './phrase.ts';
import { placeText, renderDiagnostic, renderFrame } from './render-diagnostic.ts';
import type { ReporterOptions, Style } from './style.ts';
import { waterfall } from './waterfall.ts';

const MOST_FINDINGS = 5;
const MOST_DIAGNOSTICS = 20;

export function* checkPretty(report: CheckReport, options: ReporterOptions): Iterable<string> {
  const { style } = options;
  yield* diagnosticLines(report, style);
  yield* findingLines(report, options);
  if (report.rules.length > 0) {
    yield* tableLines(report.rules, options);
    yield* warningLines(report, style);
  }
  yield `${lastLine(report, style)}\n`;
}

function* diagnosticLines({ diagnostics }: CheckReport, style: Style): Iterable<string> {
  for (const diagnostic of diagnostics.slice(0, MOST_DIAGNOSTICS)) {
    yield `${renderDiagnostic(diagnostic, style)}\n\n`;
  }
  const more = diagnostics.length - MOST_DIAGNOSTICS;
  if (more > 0) yield style.dim(`... and ${formatCount(more)} more problems (see --format json)\n\n`);
}

function* findingLines(report: CheckReport, options: ReporterOptions): Iterable<string> {
  const rules = new Map(report.rules.map((rule) => [rule.id, rule]));
  const { style } = options;
  let block = '';
  let shown = 0;
  let folded = 0;
  let framed = new Set<string>();
  const fold = () => {
    const text = folded === 0 ? '' : style.dim(`  and ${formatCount(folded)} more (see --format json)\n\n`);
    folded = 0;
    return text;
  };
  for (const finding of report.findings) {
    const of = `${finding.verdict} ${finding.rule}`;
    if (of !== block) {
      yield fold();
      block = of;
      shown = 0;
      framed = new Set();
      yield ruleHead(finding, rules.get(finding.rule), style);
    }
    if (shown >= MOST_FINDINGS) {
      folded++;
      continue;
    }
    shown++;
    const clause = `${finding.clause.line}:${finding.clause.column}:${finding.clause.endLine}:${finding.clause.endColumn}`;
    yield findingText(finding, rules.get(finding.rule)?.condition ?? '', !framed.has(clause), options);
    framed.add(clause);
  }
  yield fold();
}

function ruleHead(finding: Finding, rule: RuleReport | undefined, style: Style): string {
  const paint = painterOf(finding, style);
  const mark = finding.verdict === 'violated' ? '✗' : '?';
  const facts = [
    finding.verdict === 'violated' ? 'violated' : 'not proved',
    finding.severity,
    finding.enforcement,
    rule?.invariant ?? '',
    ...finding.compliance,
    rule?.owner ?? '',
  ];
  const runbook = finding.runbook === null ? '' : `  runbook: ${printable(clip(finding.runbook, 300))}\n`;
  const title = finding.name === finding.rule ? '' : `  ${style.strong(printable(clip(finding.name, 200)))}`;
  return [
    `${paint(`${mark} ${printable(finding.rule)}`)}${title}\n`,
    `  ${style.dim(
      facts
        .filter((fact) => fact !== '')
        .map((fact) => printable(clip(fact, 100)))
        .join(' · '),
    )}\n`,
    runbook,
    '\n',
  ].join('');
}

function findingText(
  finding: Finding,
  condition: string,
  withFrame: boolean,
  options: ReporterOptions,
): string {
  const { style, width } = options;
  const lines = [`  ${scopeText(finding, style)}`];
  for (const row of waterfall(finding, condition, { style, width: width - 4 })) lines.push(`    ${row}`);
  lines.push('');
  for (const sentence of sentencesOf(finding)) lines.push(`    ${styled(sentence, style)}`);
  for (const advice of advicesOf(finding)) lines.push(`    ${style.good('help')}: ${styled(advice, style)}`);
  if (withFrame) {
    lines.push(`    ${style.dim('-->')} ${placeText(finding.clause)}`);
    const frame = renderFrame(finding.clause.frame, painterOf(finding, style), style);
    for (const line of frame) lines.push(`  ${line}`);
  }
  return `${lines.join('\n')}\n\n`;
}

function scopeText({ scope, traceId }: Finding, style: Style): string {
  if (scope.kind === 'trace') return `trace ${style.strong(printable(traceId))}`;
  const total = scope.traceIds.length + scope.traceIdsOmitted;
  const ids = scope.traceIds.slice(0, 3).map((id) => printable(id));
  const more = total > ids.length ? ', ...' : '';
  return `group ${style.strong(printable(clip(scope.key ?? '', 200)))} of ${counted(total, 'trace')}: ${ids.join(', ')}${more}`;
}

function styled(phrase: Phrase, style: Style): string {
  return phrase
    .map((part) => (typeof part === 'string' ? printable(part) : style.strong(plainPhrase([part]))))
    .join('');
}

function painterOf(finding: Finding, style: Style): (text: string) => string {
  const level = levelOf(finding);
  return level === 'error' ? style.error : level === 'warning' ? style.warning : style.note;
}

function* tableLines(rules: readonly RuleReport[], { style, width }: ReporterOptions): Iterable<string> {
  const titles = ['satisfied', 'violated', 'not proved', 'not applicable'];
  const rows = rules.map(({ verdicts }) => [
    verdicts.satisfied,
    verdicts.violated,
    verdicts.inconclusive,
    verdicts.not_applicable,
  ]);
  const idWidth = Math.max(
    4,
    Math.min(Math.max(...rules.map((rule) => displayWidth(printable(rule.id)))), Math.max(20, width - 56)),
  );
  yield style.dim(`${padWidth('rule', idWidth)}  ${titles.map((title) => title.padStart(10)).join('  ')}`);
  yield '\n';
  for (const [place, rule] of rules.entries()) {
    const id = padWidth(fitWidth(printable(rule.id), idWidth), idWidth);
    const cells = (rows[place] ?? []).map((count, column) => {
      const text = formatCount(count).padStart(Math.max(10, titles[column]?.length ?? 0));
      if (count === 0 || column === 3) return style.dim(text);
      return column === 0 ? style.good(text) : column === 1 ? style.error(text) : style.warning(text);
    });
    yield `${id}  ${cells.join('  ')}\n`;
  }
  yield '\n';
}

/** What makes a clean result worth less than it looks. */
function* warningLines(report: CheckReport, style: Style): Iterable<string> {
  const lines: string[] = [];
  const notes: string[] = [];
  if (report.conflicting > 0) {
    lines.push(
      `${counted(report.conflicting, 'span has', 'spans have')} the id of another, different span: the first to come was kept, and the trace is incomplete`,
    );
  }
  if (report.mended > 0) {
    lines.push(
      `${counted(report.mended, 'span has', 'spans have')} no end, or one before the start: it was set to the start`,
    );
  }
  for (const rule of report.rules) {
    const { satisfied, violated, inconclusive, not_applicable } = rule.verdicts;
    const name = `\`${printable(rule.id)}\``;
    if (satisfied + violated + inconclusive === 0 && not_applicable > 0) {
      lines.push(
        `${name} applied to none of ${counted(not_applicable, 'scope')}: are its span names and attributes the ones that are sent? (fluo explain ${printable(rule.id)})`,
      );
    }
    for (const unknown of rule.unknownAttributes) lines.push(`${name}: ${unknownText(unknown)}`);
    if (rule.unlisted > 0) {
      lines.push(
        `${name}: ${counted(rule.unlisted, 'scope')} not proved ${rule.unlisted === 1 ? 'is' : 'are'} counted and not listed`,
      );
    }
    if (rule.keyless > 0) {
      lines.push(
        `${name}: ${counted(rule.keyless, 'span has', 'spans have')} no usable key and ${rule.keyless === 1 ? 'is' : 'are'} in no group`,
      );
    }
    for (const exception of rule.leftOut.exceptions) {
      notes.push(
        `${name}: the exception \`${printable(clip(exception.name, 100))}\` left out ${counted(exception.scopes, 'scope')}`,
      );
    }
    if (rule.leftOut.environment > 0) {
      notes.push(`${name}: its environments left out ${counted(rule.leftOut.environment, 'scope')}`);
    }
  }
  for (const line of notes) yield `${style.note('note')}: ${line}\n`;
  for (const line of lines) yield `${style.warning('warning')}: ${line}\n`;
  if (lines.length + notes.length > 0) yield '\n';
}

export function unknownText(unknown: RuleReport['unknownAttributes'][number]): string {
  const parts = [
    unknown.missing > 0 ? `was not there in ${counted(unknown.missing, 'comparison')}` : '',
    unknown.otherType > 0
      ? `had a type that the rule does not expect in ${counted(unknown.otherType, 'comparison')}`
      : '',
  ];
  return `\`${printable(clip(unknown.attribute, 200))}\` ${parts.filter((part) => part !== '').join(' and ')}`;
}

/** `5 violations of 1 rule in 19,107 traces (847,000 spans)`. */
function lastLine(report: CheckReport, style: Style): string {
  const { violations, inconclusive, broken } = totalsOf(report);
  const over = `${counted(report.traces, 'trace')} (${counted(report.spans, 'span')})`;
  const notProved = inconclusive === 0 ? '' : ` and ${counted(inconclusive, 'scope')} not proved`;
  const damaged = report.damaged === 0 ? '' : `; ${counted(report.damaged, 'damaged record')} left out`;
  const stopped = report.stopped ? '; reading stopped at the first damage' : '';
  if (report.traces === 0) return style.warning(`No traces were found${damaged}${stopped}`);
  const result =
    violations === 0
      ? style.good(`No violations of ${counted(report.rules.length, 'rule')}`)
      : style.error(`${counted(violations, 'violation')} of ${counted(broken, 'rule')}`);
  return `${result}${notProved}, in ${over}${damaged}${stopped}`;
}
