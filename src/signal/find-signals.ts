/** Which signals are asked for, and in which order they come. */
import type { RuleSeverity } from '../invariant/rule.ts';
import type { Signal, SignalState } from './signal.ts';

export interface SignalQuery {
  /** Null: the ones that somebody may have to do something about (`open` and `acknowledged`). */
  readonly states: readonly SignalState[] | null;
  /** Ids of rules; `*` stands for any characters. Null: all. */
  readonly rule: string | null;
  /** Null: all. */
  readonly severities: readonly RuleSeverity[] | null;
  readonly limit: number;
  /** Of the page before; null: from the beginning. */
  readonly cursor: string | null;
}

export interface SignalPage<Witness> {
  readonly signals: readonly Signal<Witness>[];
  /** Of the next page; null where this is the last. */
  readonly next: string | null;
  /** Over all pages. */
  readonly total: number;
}

const DEFAULT_STATES: readonly SignalState[] = ['open', 'acknowledged'];

/**
 * The latest first. A signal that is seen again between two pages moves to the front and may be missed by the later one. Null when the cursor is none.
 * Cost: all signals.
 */
export function findSignals<Witness>(
  signals: Iterable<Signal<Witness>>,
  query: SignalQuery,
): SignalPage<Witness> | null {
  const after = query.cursor === null ? null : placeOf(query.cursor);
  if (query.cursor !== null && after === null) return null;
  const states = query.states ?? DEFAULT_STATES;
  const rule = query.rule === null ? null : patternOf(query.rule);
  const found = [...signals]
    .filter(
      (signal) =>
        states.includes(signal.state) &&
        (rule === null || rule.test(signal.rule.id)) &&
        (query.severities === null || query.severities.includes(signal.rule.severity)),
    )
    .sort(compareSignals);
  const rest = after === null ? found : found.filter((signal) => compareSignals(after, signal) < 0);
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  const next = last !== undefined && rest.length > page.length ? `${last.lastSeen}-${last.id}` : null;
  return { signals: page, next, total: found.length };
}

/** The signals whose id begins so, a few at most. */
export function signalsNamed<Witness>(signals: Iterable<Signal<Witness>>, prefix: string): Signal<Witness>[] {
  const found: Signal<Witness>[] = [];
  for (const signal of signals) {
    if (signal.id === prefix) return [signal];
    if (signal.id.startsWith(prefix)) found.push(signal);
  }
  return found.sort(compareSignals);
}

type Place = Pick<Signal<unknown>, 'lastSeen' | 'id'>;

function compareSignals(a: Place, b: Place): number {
  return b.lastSeen - a.lastSeen || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function placeOf(cursor: string): Place | null {
  const match = /^(\d{1,16})-([0-9a-f]{16})$/.exec(cursor);
  return match === null ? null : { lastSeen: Number(match[1]), id: match[2] ?? '' };
}

function patternOf(rule: string): RegExp {
  const parts = rule.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
