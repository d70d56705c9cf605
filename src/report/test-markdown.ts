/** The report of `test` as Markdown. */
import { diagnosticBlocks } from './diagnostics-markdown.ts';
import { markdownCode, markdownPhrase, markdownText } from './escape.ts';
import { type Block, boundedBlocks } from './markdown-document.ts';
import { explanationOf, failureSentence, gapSentence, shareText, survivorSentence } from './narrate-test.ts';
import { placeText } from './render-diagnostic.ts';
import type { TestReport } from './test-report.ts';

export function testMarkdown(report: TestReport): Iterable<string> {
  return boundedBlocks(blocksOf(report), 'entries');
}

function* blocksOf(report: TestReport): Iterable<Block> {
  const counts = [report.failed > 0 ? `${report.failed} failed` : '', `${report.passed} passed`];
  yield { text: `## Fluo tests: ${counts.filter((count) => count !== '').join(', ')}`, item: false };
  yield* diagnosticBlocks(report.diagnostics);
  for (const { file, tests } of report.files) {
    for (const test of tests) {
      for (const failure of test.failures) {
        const says = markdownPhrase(failureSentence(failure));
        const why = explanationOf(failure).map(markdownPhrase);
        const sentences = why.length === 0 ? says : `${says}. ${why.join(' ')}`;
        const place = markdownCode(placeText({ file, ...failure }));
        yield { text: `- **${markdownText(test.name)}** ${place}: ${sentences}`, item: true };
      }
    }
  }
  if (report.coverage !== null) {
    yield { text: '### Coverage', item: false };
    for (const rule of report.coverage) {
      const lines = rule.gaps.map((gap) => `  - ${markdownPhrase(gapSentence(gap))}`);
      const share = shareText(rule.reached, rule.goals);
      yield { text: [`- ${markdownCode(rule.rule)}: ${share}`, ...lines].join('\n'), item: true };
    }
  }
  if (report.mutation !== null) {
    yield { text: '### Mutants', item: false };
    for (const rule of report.mutation) {
      const lines = rule.survivors.map((one) => `  - ${markdownPhrase(survivorSentence(one))}`);
      const share = shareText(rule.noticed, rule.mutants);
      yield { text: [`- ${markdownCode(rule.rule)}: ${share}`, ...lines].join('\n'), item: true };
    }
  }
}
