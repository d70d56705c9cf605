/** The report of `check` for people: findings by rule with their spans drawn, then a table of the rules, then one line. */
import { displayWidth, fitWidth, padWidth } from '../base/display-width.ts';
import { clip, printable } from '../base/printable.ts';
import type { CheckReport, Finding, RuleReport } from './check-report.ts';
import { openOf, resultOf, totalsOf } from './check-totals.ts';
import { type CheckWarning, checkWarnings } from './check-warnings.ts';
import { counted, formatCount } from './counted.ts';
import { ExampleFindings } from './example-findings.ts';
import { levelOf } from './finding-level.ts';
import { advicesOf, sentencesOf } from './narrate-finding.ts';
import { type Phrase, phraseOf, plainPhrase } from './phrase.ts';
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
  const limit = options.limit ?? MOST_FINDINGS;
  const rules = new Map(report.rules.map((rule) => [rule.id, rule]));
  const hinted = new Set<string>();
  let block = '';
  let framed = new Set<string>();
  // Without a limit nothing is held: there may be a hundred thousand.
  for (const one of limit === 0 ? report.findings : withFolds(report.findings, limit)) {
    if ('folded' in one) {
      yield options.style.dim(`  ${one.folded}\n\n`);
      continue;
    }
    const rule = rules.get(one.rule);
    if (blockOf(one) !== block) {
      block = blockOf(one);
      framed = new Set();
      yield ruleHead(one, rule, options.style);
    }
    const { line, column, endLine, endColumn } = one.clause;
    const clause = `${line}:${column}:${endLine}:${endColumn}`;
    const hints = one.hints.filter(({ kind }) => !hinted.has(`${one.rule} ${kind}`));
    for (const { kind } of hints) hinted.add(`${one.rule} ${kind}`);
    const advices = [...advicesOf(one), ...hints.map(({ help }) => phraseOf(help))];
    yield findingText(one, rule?.condition ?? '', advices, !framed.has(clause), options);
    framed.add(clause);
  }
}

/** Findings come block by block: of each a few, then a line about the others. */
function* withFolds(
  findings: CheckReport['findings'],
  limit: number,
): Iterable<Finding | { readonly folded: string }> {
  let block = '';
  let examples = new ExampleFindings(limit);
  for (const finding of findings) {
    if (blockOf(finding) !== block) {
      block = blockOf(finding);
      yield* examplesAndFold(examples);
      examples = new ExampleFindings(limit);
    }
    examples.add(finding);
  }
  yield* examplesAndFold(examples);
}

function* examplesAndFold(examples: ExampleFindings): Iterable<Finding | { readonly folded: string }> {
  const shown = examples.list();
  yield* shown;
  const more = examples.count - shown.length;
  const { hiddenKinds } = examples;
  const kinds =
    hiddenKinds === 0
      ? ''
      : `, of ${counted(hiddenKinds, 'kind')} that ${hiddenKinds === 1 ? 'is' : 'are'} not shown`;
  if (more > 0) yield { folded: `and ${formatCount(more)} more${kinds} (--limit 0 shows all)` };
}

function blockOf({ verdict, rule }: Finding): string {
  return `${verdict} ${rule}`;
}

function ruleHead(finding: Finding, rule: RuleReport | undefined, style: Style): string {
  const paint = painterOf(finding, style);
  // A cross is what makes the run fail.
  const mark = finding.verdict === 'inconclusive' ? '?' : finding.failing ? '✗' : '!';
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

/** One finding with its spans drawn. `condition` is the rule's text. */
export function findingText(
  finding: Finding,
  condition: string,
  advices: readonly Phrase[],
  withFrame: boolean,
  options: ReporterOptions,
): string {
  const { style, width } = options;
  const lines = [`  ${scopeText(finding, style)}`];
  for (const row of waterfall(finding, condition, { style, width: width - 4 })) lines.push(`    ${row}`);
  lines.push('');
  for (const sentence of sentencesOf(finding)) lines.push(`    ${styled(sentence, style)}`);
  for (const advice of advices) lines.push(`    ${style.good('help')}: ${styled(advice, style)}`);
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
  const warnings = checkWarnings(report);
  const ofLevel = (level: CheckWarning['level']) => warnings.filter((warning) => warning.level === level);
  for (const { level, text } of [...ofLevel('note'), ...ofLevel('warning'), ...ofLevel('error')]) {
    yield `${style[level](level)}: ${plainPhrase(text)}\n`;
  }
  if (warnings.length > 0) yield '\n';
}

/** `5 violations of 1 rule in 19,107 traces (847,000 spans)`. */
function lastLine(report: CheckReport, style: Style): string {
  const { violations } = totalsOf(report);
  const over = `${counted(report.traces, 'trace')} (${counted(report.spans, 'span')})`;
  const damaged = report.damaged === 0 ? '' : `; ${counted(report.damaged, 'damaged record')} left out`;
  const stopped = report.stopped ? '; reading stopped at the first damage' : '';
  if (report.traces === 0) return style.warning(`No traces were found${damaged}${stopped}`);
  const isFailing = report.rules.some((rule) => rule.failing);
  const paint = violations === 0 ? style.good : isFailing ? style.error : style.warning;
  return `${paint(resultOf(report))}${openOf(report)}, in ${over}${damaged}${stopped}`;
}
