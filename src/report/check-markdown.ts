/** The report of `check` as GitHub's Markdown, for a job's summary or a comment on a pull request. */
import { printable } from '../base/printable.ts';
import type { CheckReport, RuleReport } from './check-report.ts';
import { openOf, resultOf } from './check-totals.ts';
import { checkWarnings } from './check-warnings.ts';
import { counted, formatCount } from './counted.ts';
import { diagnosticBlocks } from './diagnostics-markdown.ts';
import { markdownBlock, markdownCode, markdownPhrase, markdownText, webAddress } from './escape.ts';
import { type FindingGroup, groupFindings } from './group-findings.ts';
import { type Block, boundedBlocks } from './markdown-document.ts';
import { advicesOf, sentencesOf } from './narrate-finding.ts';
import { phraseOf, say } from './phrase.ts';
import { placeText } from './render-diagnostic.ts';
import { PLAIN_STYLE } from './style.ts';
import { waterfall } from './waterfall.ts';

const MOST_EXAMPLES = 3;
const MOST_TABLE_ROWS = 200;
/** Of each sort: a file with a thousand damaged records must not push out what was found. */
const MOST_DIAGNOSTICS = 10;
const MOST_WARNINGS = 20;

export function checkMarkdown(report: CheckReport): Iterable<string> {
  return boundedBlocks(blocksOf(report), 'findings');
}

function* blocksOf(report: CheckReport): Iterable<Block> {
  yield { text: headOf(report), item: false };
  if (report.rules.length > 0) yield { text: tableOf(report.rules), item: false };
  const warnings = warningsOf(report);
  if (warnings !== '') yield { text: warnings, item: false };
  const errors = report.diagnostics.filter((one) => one.severity === 'error');
  const others = report.diagnostics.filter((one) => one.severity !== 'error');
  yield* diagnosticBlocks(errors.slice(0, MOST_DIAGNOSTICS));
  const conditions = new Map(report.rules.map((rule) => [rule.id, rule.condition]));
  const hinted = new Set<string>();
  for (const group of groupFindings(report.findings, MOST_EXAMPLES)) {
    yield { text: groupText(group, conditions.get(group.first.rule) ?? '', hinted), item: true };
  }
  yield* diagnosticBlocks(others.slice(0, MOST_DIAGNOSTICS));
  const more = Math.max(0, errors.length - MOST_DIAGNOSTICS) + Math.max(0, others.length - MOST_DIAGNOSTICS);
  if (more > 0) yield { text: `and ${counted(more, 'more problem')} of the input.`, item: false };
}

function headOf(report: CheckReport): string {
  const damaged = report.damaged === 0 ? '' : `; ${counted(report.damaged, 'damaged record')} left out`;
  const facts = `${counted(report.traces, 'trace')}, ${counted(report.spans, 'span')}`;
  const result = `${resultOf(report)}${openOf(report)}`;
  return `## Fluo: ${result.charAt(0).toLowerCase()}${result.slice(1)}\n\n${facts}${damaged}.`;
}

/** What makes a clean result worth less than it looks; empty when there is nothing. */
function warningsOf(report: CheckReport): string {
  const warnings = checkWarnings(report);
  if (warnings.length === 0) return '';
  const lines = warnings
    .slice(0, MOST_WARNINGS)
    .map(({ level, text }) => `- **${level}**: ${markdownPhrase(text)}`);
  const more = warnings.length - lines.length;
  if (more > 0) lines.push(`- and ${counted(more, 'more', 'more')}`);
  return ['### Warnings', lines.join('\n')].join('\n\n');
}

function tableOf(rules: readonly RuleReport[]): string {
  const rows = rules.slice(0, MOST_TABLE_ROWS).map(({ id, severity, verdicts }) => {
    const counts = [verdicts.satisfied, verdicts.violated, verdicts.inconclusive, verdicts.not_applicable];
    return `| ${markdownCode(id, true)} | ${severity} | ${counts.map(formatCount).join(' | ')} |`;
  });
  const more = rules.length - rows.length;
  return [
    '| rule | severity | satisfied | violated | not proved | not applicable |',
    '|---|---|---:|---:|---:|---:|',
    ...rows,
    ...(more > 0 ? ['', `and ${counted(more, 'more rule')}.`] : []),
  ].join('\n');
}

/** `hinted`: the hints that were given, a rule and a kind each. */
function groupText({ first, examples, count }: FindingGroup, condition: string, hinted: Set<string>): string {
  const verdict = first.verdict === 'violated' ? 'violated' : 'not proved';
  const title = first.name === first.rule ? '' : ` ${markdownText(first.name)}`;
  const runbook = webAddress(first.runbook);
  const facts = [
    `**${verdict}** in ${counted(count, 'scope')}`,
    first.severity,
    first.enforcement,
    ...first.compliance.map(markdownText),
    markdownCode(placeText(first.clause)),
    ...(runbook === null ? [] : [`[runbook](<${runbook.replace(/[<>]/g, encodeURIComponent)}>)`]),
  ];
  const parts = [`### ${markdownCode(first.rule)}${title}`, facts.join(' · ')];
  parts.push(markdownBlock(first.clause.frame.split('\n')));
  for (const finding of examples) {
    const { scope } = finding;
    const where =
      scope.kind === 'trace'
        ? say`Trace ${finding.traceId}`
        : say`Group ${scope.key ?? ''} of ${[counted(scope.traceIds.length + scope.traceIdsOmitted, 'trace')]}`;
    const sentences = [...sentencesOf(finding), ...advicesOf(finding)].map(markdownPhrase);
    parts.push([`${markdownPhrase(where)}:`, ...sentences].join(' '));
    for (const { kind, help } of finding.hints) {
      if (!hinted.has(`${finding.rule} ${kind}`)) parts.push(`Help: ${markdownPhrase(phraseOf(help))}.`);
      hinted.add(`${finding.rule} ${kind}`);
    }
    const rows = waterfall(finding, condition, { style: PLAIN_STYLE, width: 110 });
    if (rows.length > 0) parts.push(markdownBlock(rows.map(printable)));
  }
  if (count > examples.length)
    parts.push(`and ${counted(count - examples.length, 'more', 'more')} of this clause.`);
  return parts.join('\n\n');
}
