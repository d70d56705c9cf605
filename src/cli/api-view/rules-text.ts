/** The rules of a server, with what keeps them from firing, for people. */
import { clip, printable } from '../../base/printable.ts';
import { counted } from '../../report/counted.ts';
import type { ReporterOptions, Style } from '../../report/style.ts';
import type { RuleHealthDocument, RulesDocument } from '../../server/api/api-documents.ts';
import { wrap } from '../wrap.ts';

export function rulesText(
  document: RulesDocument,
  { style, width }: Pick<ReporterOptions, 'style' | 'width'>,
): string {
  const { rules, traces, oneSpanTraces } = document;
  if (rules.length === 0) return 'No rules are loaded: spans are archived, and nothing is judged.\n';
  const blocks = rules.map((health) => {
    const { rule, concerns, remedies } = health;
    const mark = concerns.length === 0 ? style.good('ok  ') : style.warning('look');
    const facts = [
      rule.severity,
      rule.enforcement,
      applied(health),
      `${printable(health.file)}:${health.line}`,
    ];
    const said = concerns.flatMap((concern, nth) => [
      ...bullet(concern, style.warning('-'), width),
      ...remedy(remedies[nth], style, width),
    ]);
    return `${mark}  ${style.strong(printable(rule.id))}\n      ${style.dim(facts.join(' · '))}\n${said.join('')}`;
  });
  const concerned = rules.filter(({ concerns }) => concerns.length > 0).length;
  const alone = oneSpanTraces === 0 ? '' : `, ${counted(oneSpanTraces, 'trace')} of one span among them`;
  const end = `${counted(rules.length, 'rule')}, ${concerned === 0 ? 'none with' : `${concerned} with`} something to look at; ${counted(traces, 'trace')} so far${alone}`;
  return `${blocks.join('')}\n${style.dim(end)}\n`;
}

function bullet(text: string, mark: string, width: number): string[] {
  return wrap(printable(clip(text, 500)), Math.max(30, width - 8)).map(
    (line, place) => `      ${place === 0 ? mark : ' '} ${line}\n`,
  );
}

function remedy(text: string | undefined, style: Style, width: number): string[] {
  if (text === undefined) return [];
  const lines = wrap(`help: ${printable(clip(text, 500))}`, Math.max(30, width - 10));
  return lines.map((line) => `        ${line.replace(/^help(?=:)/, style.good('help'))}\n`);
}

function applied({ applicable, exceptedScopes }: RuleHealthDocument): string {
  const excepted = Object.values(exceptedScopes).reduce((sum, count) => sum + count, 0);
  const times = applicable === 0 ? 'never applicable yet' : `applicable ${counted(applicable, 'time')}`;
  return excepted === 0 ? times : `${times}, ${excepted} excepted`;
}
