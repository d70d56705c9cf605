/** Signals for people: a list with one block each, and one signal with its witness drawn as `fluo check` does. */
import { clip, printable } from '../../base/printable.ts';
import { findingText } from '../../report/check-pretty.ts';
import { counted } from '../../report/counted.ts';
import { phraseOf } from '../../report/phrase.ts';
import type { ReporterOptions, Style } from '../../report/style.ts';
import type { SignalDocument, SignalListDocument, SignalSummary } from '../../server/api/api-documents.ts';
import type { SignalState } from '../../signal/signal.ts';
import { wrap } from '../wrap.ts';
import { ago, timeText } from './ago.ts';
import { distinguishingFacts } from './distinguishing-facts.ts';

export interface SignalView extends Pick<ReporterOptions, 'style' | 'width'> {
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** `filtered`: less than all was asked for, which an empty list must not hide. */
export function signalListText(
  { signals, total }: SignalListDocument,
  view: SignalView & { readonly filtered: boolean },
): string {
  const { style } = view;
  if (signals.length === 0) {
    return view.filtered
      ? 'No signal is like that; `fluo signals list --state all` shows every one.\n'
      : `${style.good('No open signals.')} fluo signals list --state all shows the others, fluo rules whether rules can fire.\n`;
  }
  const idLength = shortIdLength(signals);
  const distinguishing = distinguishingFacts(signals);
  const blocks = signals.map((signal) => block(signal, idLength, distinguishing.get(signal.id) ?? [], view));
  const more = total > signals.length ? `, and ${total - signals.length} more (--limit ${total})` : '';
  const end = `${counted(signals.length, 'signal')}${more}. fluo signals show ID shows the spans.\n`;
  return `${blocks.join('\n')}\n${style.dim(end)}`;
}

/** The signal with its examples and decisions, in pieces. */
export function* signalText(document: SignalDocument, view: SignalView): Iterable<string> {
  const { signal, examples, decisions } = document;
  const { style } = view;
  yield `${headline(signal, signal.id, style)}\n`;
  if (signal.rule.name !== signal.rule.id) yield `  ${style.strong(shown(signal.rule.name))}\n`;
  yield '\n';
  for (const [name, value] of factsOf(signal, view)) {
    if (value !== '') yield `  ${style.dim(name.padEnd(12))}  ${value}\n`;
  }
  yield '\n';
  const [first, ...others] = [...examples].reverse();
  if (first !== undefined) {
    const advices = first.finding.hints.map(({ help }) => phraseOf(help));
    const options = { style, width: view.width, version: '' };
    yield findingText(first.finding, signal.rule.condition, advices, true, options);
  }
  if (others.length > 0) {
    yield `  ${style.dim('further examples')}\n`;
    for (const { traceIds, at, service, serviceVersion } of others) {
      const version = serviceVersion === '' ? '' : ` ${shown(serviceVersion)}`;
      yield `    ${shown(traceIds[0] ?? '')}  ${timeText(at)}  ${shown(service)}${version}\n`;
    }
    yield '\n';
  }
  if (decisions.length > 0) {
    yield `  ${style.dim('decisions')}\n`;
    for (const { at, action, by, reason, to } of decisions) {
      const why = reason === '' ? '' : `: ${shown(reason)}`;
      yield `    ${timeText(at)}  ${action} by ${shown(by)} (now ${to})${why}\n`;
    }
    yield '\n';
  }
}

function block(
  signal: SignalSummary,
  idLength: number,
  distinguishing: readonly string[],
  view: SignalView,
): string {
  const { style } = view;
  const { rule, services } = signal;
  const facts = [
    counted(signal.occurrences, 'occurrence'),
    signal.retracted === 0 ? '' : `${signal.retracted} taken back`,
    `last ${ago(signal.lastSeen, view.now)}`,
    signal.reopened === 0 ? '' : `came again ${signal.reopened === 1 ? 'once' : `${signal.reopened} times`}`,
    services
      .slice(0, 4)
      .map((name) => shown(name))
      .join(', ') + (services.length > 4 ? ', …' : ''),
    rule.owner === null ? '' : shown(rule.owner),
  ];
  const lines = [
    headline(signal, signal.id.slice(0, idLength), style),
    ...wrapped(shown(signal.summary, 400), view),
    ...wrapped(distinguishing.map((fact) => shown(fact)).join(' · '), view),
    `  ${style.dim(facts.filter((fact) => fact !== '').join(' · '))}`,
  ];
  return `${lines.join('\n')}\n`;
}

function wrapped(text: string, { width }: SignalView): string[] {
  return text === '' ? [] : wrap(text, Math.max(30, width - 2)).map((line) => `  ${line}`);
}

function headline({ rule, state }: SignalSummary, id: string, style: Style): string {
  const paint = painterOf(state, rule.severity, style);
  return `${style.strong(id)}  ${paint(`${state}`)}  ${paint(rule.severity)}  ${style.strong(shown(rule.id))}`;
}

function painterOf(state: SignalState, severity: string, style: Style): (text: string) => string {
  if (state === 'open') return severity === 'critical' || severity === 'high' ? style.error : style.warning;
  return state === 'acknowledged' ? style.warning : style.dim;
}

function factsOf(signal: SignalSummary, { now }: SignalView): readonly (readonly [string, string])[] {
  const { rule } = signal;
  const versions = signal.versions.map(({ service, version }) => `${shown(service)} ${shown(version)}`);
  const compared = signal.attributes.map(
    ({ name, value }) => `${shown(name)} ${value === '*' ? '(any)' : `= ${shown(value)}`}`,
  );
  const taken = signal.retracted === 0 ? '' : `, ${signal.retracted} of them taken back`;
  return [
    [
      'rule',
      [rule.enforcement, rule.invariant ?? '', ...rule.compliance]
        .filter((text) => text !== '')
        .map((text) => shown(text))
        .join(' · '),
    ],
    ['owner', shown(rule.owner ?? '')],
    ['runbook', shown(rule.runbook ?? '', 300)],
    ['clause', shown(signal.clause, 300)],
    ['compares', compared.join(', ')],
    ['occurrences', `${counted(signal.occurrences, 'scope')}${taken}`],
    ['first seen', `${timeText(signal.firstSeen)} (${ago(signal.firstSeen, now)})`],
    ['last seen', `${timeText(signal.lastSeen)} (${ago(signal.lastSeen, now)})`],
    ['rebuilt', signal.rebuilt ? 'its first records were lost: counts may lack what was before' : ''],
    ['came again', signal.reopened === 0 ? '' : String(signal.reopened)],
    ['services', signal.services.map((name) => shown(name)).join(', ')],
    ['versions', versions.join(', ')],
    ['environments', signal.environments.map((name) => shown(name)).join(', ')],
    ['fingerprint', `${signal.fingerprint} (version ${signal.fingerprintVersion})`],
  ];
}

/** As short as the ids of a list can be and still differ, and six at least. */
function shortIdLength(signals: readonly SignalSummary[]): number {
  for (let length = 6; length < 16; length++) {
    if (new Set(signals.map(({ id }) => id.slice(0, length))).size === signals.length) return length;
  }
  return 16;
}

function shown(text: string, limit = 200): string {
  return printable(clip(text, limit));
}
