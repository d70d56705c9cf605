/**
 * The spans of a finding as bars over time, with a row for what is missing:
 *
 *     shop/POST /checkout       ██████████████████  @0ns    +900ms
 *     payment/payment.charge    ··██··············  @120ms  +80ms   trigger {amount: 59.99}
 *     inventory.reserve         ┄┄················  missing
 */
import { displayWidth, fitMiddle, fitWidth, padWidth } from '../base/display-width.ts';
import { humanDuration, type Nanos } from '../base/nanos.ts';
import { clip, printable } from '../base/printable.ts';
import type { Finding, ReportedSpan } from './check-report.ts';
import { valueText } from './reported-span.ts';
import type { ReporterOptions } from './style.ts';

const MOST_ROWS = 12;
const LONGEST_SELECTOR = 500;
const MOST_ATTRIBUTES = 4;
const MISSING = 'missing';

interface Row {
  readonly label: string;
  readonly start: Nanos;
  readonly end: Nanos;
  readonly role: string;
  readonly tail: string;
  readonly tone: 'plain' | 'error' | 'missing';
}

/** Lines without indentation. `condition` is the rule's text: of a span's attributes those that it names are shown. */
export function waterfall(
  finding: Finding,
  condition: string,
  { style, width }: Pick<ReporterOptions, 'style' | 'width'>,
): string[] {
  const all = rowsOf(finding, condition);
  const rows = all.slice(0, MOST_ROWS);
  if (rows.length === 0 && finding.missing.length === 0) return [];
  const starts = all.map((row) => row.start);
  const scopeStart = finding.scope.start === null ? [] : [BigInt(finding.scope.start)];
  const zero = least([...scopeStart, ...starts]) ?? 0n;
  const last = greatest(all.map((row) => row.end)) ?? zero;
  // A span that is there and in the wrong place is drawn where it is.
  const missing = (finding.order.length > 0 ? [] : finding.missing)
    .slice(0, MOST_ROWS)
    .map((selector) => expectedRow(clip(selector, LONGEST_SELECTOR), all, zero, last));

  const times = timesOf(rows, zero);
  const tails = rows.map((row) => [row.role, row.tail].filter((text) => text !== '').join(' '));
  const timesWidth = Math.max(0, ...times.map((text) => text.length));
  const labelWidth = Math.min(
    Math.max(...[...rows, ...missing].map((row) => displayWidth(row.label))),
    Math.max(12, Math.min(Math.floor(width * 0.4), width - timesWidth - 30)),
  );
  const tailWidth = Math.max(...tails.map(displayWidth), missing.length > 0 ? MISSING.length : 0);
  const room = width - labelWidth - timesWidth - 6;
  const cells = Math.min(32, Math.max(12, room - tailWidth));

  const lines = rows.map((row, place) => {
    const label = padWidth(fitMiddle(row.label, labelWidth), labelWidth);
    const tail = fitWidth(tails[place] ?? '', Math.max(12, room - cells));
    const isBad = row.tone === 'error';
    const bar = (isBad ? style.error : style.note)(barOf(row, zero, last, cells));
    const time = (times[place] ?? '').padEnd(timesWidth);
    return `${label}  ${bar}  ${time}  ${(isBad ? style.error : style.dim)(tail)}`.trimEnd();
  });
  if (all.length > rows.length) lines.push(style.dim(`... and ${all.length - rows.length} more spans`));
  for (const row of missing) {
    const label = padWidth(fitMiddle(row.label, labelWidth), labelWidth);
    lines.push(
      `${style.error(label)}  ${style.error(barOf(row, zero, last, cells))}  ${style.error(MISSING)}`,
    );
  }
  return lines;
}

/** `@120ms  +80ms` for each row, in columns. */
function timesOf(rows: readonly Row[], zero: Nanos): string[] {
  const offsets = rows.map((row) => `@${humanDuration(row.start - zero)}`);
  const width = Math.max(0, ...offsets.map((text) => text.length));
  return rows.map((row, place) => {
    return `${(offsets[place] ?? '').padEnd(width)}  +${humanDuration(row.end - row.start)}`;
  });
}

function rowsOf(finding: Finding, condition: string): Row[] {
  const rows = new Map<string, Row>();
  const shortId = shortIdsOf(finding.scope.traceIds);
  const add = (span: ReportedSpan, role: string, tone: Row['tone']) => {
    const identity = identityOf(span);
    if (rows.has(identity)) return;
    const from = span.service === '' ? '' : `${printable(clip(span.service, 60))}/`;
    rows.set(identity, {
      label: `${shortId(span.traceId)}${from}${printable(clip(span.name, 120))}`,
      start: BigInt(span.start),
      end: BigInt(span.end),
      role,
      tail: attributesOf(span, condition),
      tone,
    });
  };
  const triggers = new Set(finding.trigger.map(identityOf));
  for (const order of finding.order) {
    add(order.left, orderRole(order), 'error');
    add(order.right, triggers.has(identityOf(order.right)) ? 'trigger' : '', 'plain');
  }
  for (const span of finding.trigger) add(span, 'trigger', 'plain');
  const decisive = finding.verdict === 'violated' && finding.missing.length === 0;
  for (const span of finding.spans) add(span, '', decisive ? 'error' : 'plain');
  if (finding.nearest !== null) add(finding.nearest.span, 'nearest', 'plain');
  for (const reason of finding.reasons) for (const span of reason.spans) add(span, '', 'plain');
  return [...rows.values()].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

function orderRole({ problem, relation }: Finding['order'][number]): string {
  switch (problem) {
    case 'overlap':
      return 'overlaps';
    case 'too-far':
      return 'too far';
    case 'unknown':
      return 'too close to call';
    case 'reversed':
      return `not ${relation}`;
  }
}

function identityOf(span: ReportedSpan): string {
  return `${span.traceId}/${span.spanId}/${span.kind}`;
}

/** Of several traces: the eight digits of an id that tell them apart, if eight do. */
function shortIdsOf(traceIds: readonly string[]): (id: string) => string {
  if (traceIds.length < 2) return () => '';
  const byStart = new Set(traceIds.map((id) => id.slice(0, 8))).size === traceIds.length;
  return (id) => `${printable(byStart ? id.slice(0, 8) : id.slice(-8))} `;
}

function attributesOf(span: ReportedSpan, condition: string): string {
  const named = Object.entries(span.attributes).filter(([name]) => mentions(condition, name));
  if (named.length === 0) return '';
  const shown = named
    .slice(0, MOST_ATTRIBUTES)
    .map(([name, value]) => `${printable(name)}: ${printable(valueText(value, 40))}`);
  return `{${shown.join(', ')}${named.length > shown.length ? ', …' : ''}}`;
}

/** Whether the attribute's name stands in the rule as a word of its own. */
function mentions(condition: string, name: string): boolean {
  if (name === '') return false;
  for (let at = condition.indexOf(name); at !== -1; at = condition.indexOf(name, at + 1)) {
    const before = condition[at - 1] ?? ' ';
    const after = condition[at + name.length] ?? ' ';
    if (!/[\w-]/.test(before) && !/[\w.-]/.test(after)) return true;
  }
  return false;
}

/**
 * Where a span was to be: in front of the spans that its selector's `.before` names, behind those of its `.after`, or anywhere.
 * Names are looked for in the text: a bound name stands for the trigger.
 */
function expectedRow(selector: string, rows: readonly Row[], zero: Nanos, last: Nanos): Row {
  const step = /\.(before|after)\(\s*"?([^()"]*)"?[^()]*\)/.exec(selector);
  const target = step?.[2]?.trim() ?? '';
  const named = rows.filter((row) => row.label.endsWith(target) && target !== '');
  const anchors = named.length > 0 ? named : rows.filter((row) => row.role === 'trigger');
  const first = least(anchors.map((row) => row.start));
  const end = greatest(anchors.map((row) => row.end));
  const room =
    step?.[1] === 'before' && first !== null
      ? { start: zero, end: first }
      : step?.[1] === 'after' && end !== null
        ? { start: end, end: last }
        : { start: zero, end: last };
  return { label: printable(clip(matcherOf(selector), 200)), ...room, role: '', tail: '', tone: 'missing' };
}

const QUOTED = /^(matches\s+)?"((?:[^"\\]|\\.)*)"/;

/** The selector's name without its steps, which the sentences below the drawing give, and without quotes. */
function matcherOf(selector: string): string {
  const quoted = QUOTED.exec(selector);
  if (quoted !== null) return `${quoted[1] ?? ''}${quoted[2]?.replace(/\\(.)/g, '$1') ?? ''}`;
  return selector.slice(0, selector.search(/\s*\.\w+\s*\(|$/));
}

function barOf(row: Row, zero: Nanos, last: Nanos, cells: number): string {
  const total = last - zero;
  const scaled = (time: Nanos) => (total === 0n ? 0 : Number(((time - zero) * BigInt(cells)) / total));
  const from = Math.min(scaled(row.start), cells - 1);
  const to = total === 0n ? cells : Math.min(cells, Math.max(from + 1, scaled(row.end)));
  const drawn = row.tone === 'missing' ? '┄' : '█';
  return `${'·'.repeat(from)}${drawn.repeat(to - from)}${'·'.repeat(cells - to)}`;
}

function least(times: readonly Nanos[]): Nanos | null {
  return times.reduce<Nanos | null>((found, time) => (found === null || time < found ? time : found), null);
}

function greatest(times: readonly Nanos[]): Nanos | null {
  return times.reduce<Nanos | null>((found, time) => (found === null || time > found ? time : found), null);
}
