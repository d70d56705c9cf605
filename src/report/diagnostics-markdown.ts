/** Diagnostics as Markdown. */
import type { ReportedDiagnostic } from './check-report.ts';
import type { DiagnosticsReport } from './diagnostics-report.ts';
import { markdownBlock, markdownCode, markdownPhrase } from './escape.ts';
import { type Block, boundedBlocks } from './markdown-document.ts';
import { phraseOf } from './phrase.ts';
import { placeText, summaryOf } from './render-diagnostic.ts';

export function diagnosticsMarkdown(report: DiagnosticsReport): Iterable<string> {
  const head: Block = { text: `## Fluo: ${summaryOf(report)}`, item: false };
  return boundedBlocks([head, ...diagnosticBlocks(report.diagnostics)], 'problems');
}

export function diagnosticBlocks(diagnostics: readonly ReportedDiagnostic[]): Block[] {
  return diagnostics.map((diagnostic) => ({ text: diagnosticText(diagnostic), item: true }));
}

function diagnosticText(diagnostic: ReportedDiagnostic): string {
  const place = placeText(diagnostic);
  const lines = [
    `**${diagnostic.severity}** \`${diagnostic.code}\` ${markdownPhrase(phraseOf(diagnostic.message))}`,
    ...(place === '' ? [] : [markdownCode(place)]),
  ];
  const parts = [lines.join(' — ')];
  if (diagnostic.frame !== null) parts.push(markdownBlock(diagnostic.frame.split('\n')));
  for (const note of diagnostic.notes) parts.push(`Note: ${markdownPhrase(phraseOf(note))}`);
  if (diagnostic.help !== '') parts.push(`Help: ${markdownPhrase(phraseOf(diagnostic.help))}`);
  return parts.join('\n\n');
}
