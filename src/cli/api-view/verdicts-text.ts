/** How rules fared, as a table with the violated share of each minute drawn. */
import { displayWidth, fitWidth, padWidth } from '../../base/display-width.ts';
import { printable } from '../../base/printable.ts';
import { formatCount } from '../../report/counted.ts';
import type { ReporterOptions, Style } from '../../report/style.ts';
import type { VerdictRowDocument, VerdictsDocument } from '../../server/api/api-documents.ts';
import { timeText } from './ago.ts';

const TITLES = ['satisfied', 'violated', 'share', 'not proved', 'not applicable'] as const;
const LEAST_NAME = 20;
const GRAPH = 20;
const LEVELS = ' ▁▂▃▄▅▆▇█';

export function verdictsText(
  document: VerdictsDocument,
  { style, width }: Pick<ReporterOptions, 'style' | 'width'>,
): string {
  const { rows, from, to, since } = document;
  const late = since > from ? ` (counted since ${timeText(since)})` : '';
  const span = style.dim(`${timeText(from)} to ${timeText(to)}${late}`);
  if (rows.length === 0) {
    return `No rule has judged anything, ${span}\nfluo rules shows whether rules can fire, fluo doctor whether spans arrive.\n`;
  }
  const columns = TITLES.map((title) => Math.max(10, title.length));
  const numbers = columns.reduce((sum, column) => sum + column + 2, 0);
  const names = rows.map(nameOf);
  const nameWidth = Math.min(Math.max(...names.map(displayWidth), 4), Math.max(LEAST_NAME, width - numbers));
  const hasGraph = width >= nameWidth + numbers + GRAPH + 2;
  const head = TITLES.map((title, place) => title.padStart(columns[place] ?? 0)).join('  ');
  const lines = rows.map((row, place) => {
    const name = padWidth(fitWidth(names[place] ?? '', nameWidth), nameWidth);
    const graph = hasGraph ? `  ${style.error(graphOf(row, from, to))}` : '';
    return `${name}  ${cellsOf(row, columns, style).join('  ')}${graph}`.trimEnd();
  });
  return `${style.dim(`${padWidth('rule', nameWidth)}  ${head}`)}\n${lines.join('\n')}\n\n${span}\n`;
}

function nameOf({ rule, service, version }: VerdictRowDocument): string {
  const parts = [rule, service, version].filter((part) => part !== null && part !== '');
  return printable(parts.join(' '));
}

function cellsOf(
  { verdicts, violatedShare }: VerdictRowDocument,
  columns: readonly number[],
  style: Style,
): string[] {
  const texts = [
    formatCount(verdicts.satisfied),
    formatCount(verdicts.violated),
    violatedShare === null ? '' : percent(violatedShare),
    formatCount(verdicts.inconclusive),
    formatCount(verdicts.not_applicable),
  ];
  const paints = [style.good, style.error, style.error, style.warning, style.dim];
  return texts.map((text, place) => {
    const cell = text.padStart(columns[place] ?? 0);
    const isNothing = text === '0' || text === '0%' || text === '';
    return isNothing ? style.dim(cell) : (paints[place] ?? style.dim)(cell);
  });
}

/** Never `0%` of something, nor `100%` of less than all. */
function percent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100}%`;
  if (share < 0.001) return '<0.1%';
  return share > 0.999 ? '>99.9%' : `${(share * 100).toFixed(1)}%`;
}

/** Violations over time, the highest as high as a line. */
function graphOf({ minutes, verdicts }: VerdictRowDocument, from: string, to: string): string {
  if (verdicts.violated === 0) return '';
  const start = Date.parse(from);
  const width = (Date.parse(to) - start) / GRAPH;
  const sums = new Array<number>(GRAPH).fill(0);
  for (const minute of minutes) {
    const place = Math.min(GRAPH - 1, Math.max(0, Math.floor((Date.parse(minute.at) - start) / width)));
    sums[place] = (sums[place] ?? 0) + minute.verdicts.violated;
  }
  const most = Math.max(...sums);
  return sums.map((sum) => LEVELS[sum === 0 ? 0 : Math.max(1, Math.round((sum / most) * 8))] ?? ' ').join('');
}
