/**
 * Which share of a rule's scopes broke it lately, for rules whose `raise` asks for one: a window that slides over processing time. It is not kept
 * over a restart: after one it fills again, and until then such a rule stays silent.
 *
 *     │ 2 of 40 │ 3 of 50 │ 9 of 45 │      sum over `within`, in sixty slots: 14 of 135
 */
import type { Millis, VerdictCount } from '../engine/streaming/stream.ts';
import type { Rule } from '../invariant/rule.ts';

export type Raise = NonNullable<Rule['raise']>;

const SLOTS = 60;
const NANOS_A_MILLISECOND = 1_000_000;

interface Slot {
  readonly from: Millis;
  violated: number;
  applicable: number;
}

interface RaiseWindow {
  raise: Raise;
  slots: Slot[];
}

export interface RaiseShare {
  readonly violated: number;
  readonly applicable: number;
}

export class RaiseWindows {
  readonly #windows = new Map<string, RaiseWindow>();

  /** Rules that are gone, or whose `raise` differs now, begin anew. */
  load(rules: Iterable<Pick<Rule, 'id' | 'raise'>>): void {
    const wanted = new Map(
      [...rules].flatMap(({ id, raise }) => (raise === null ? [] : [[id, raise] as const])),
    );
    for (const id of this.#windows.keys()) if (!wanted.has(id)) this.#windows.delete(id);
    for (const [id, raise] of wanted) {
      const window = this.#windows.get(id);
      if (window === undefined) this.#windows.set(id, { raise, slots: [] });
      else if (!isEqual(window.raise, raise)) Object.assign(window, { raise, slots: [] });
    }
  }

  /** Net counts of closed scopes: `violated`, and all that were applicable. */
  add(counts: readonly VerdictCount[], at: Millis): void {
    for (const { rule, verdict, count } of counts) {
      const window = this.#windows.get(rule);
      if (window === undefined || verdict === 'not_applicable') continue;
      const slot = slotOf(window, at);
      slot.applicable += count;
      if (verdict === 'violated') slot.violated += count;
    }
  }

  /** What is in the window if it is enough for a signal; null if not, or if the rule has none. */
  met(rule: string, at: Millis): RaiseShare | null {
    const window = this.#windows.get(rule);
    if (window === undefined) return null;
    const { raise } = window;
    const oldest = at - withinOf(raise);
    window.slots = window.slots.filter(({ from }) => from > oldest);
    const violated = sum(window.slots.map((slot) => slot.violated));
    const applicable = sum(window.slots.map((slot) => slot.applicable));
    const isMet = violated > 0 && violated >= raise.atLeast && violated >= raise.share * applicable;
    return isMet ? { violated, applicable } : null;
  }

  /** Ids of rules that have a window. */
  rules(): Iterable<string> {
    return this.#windows.keys();
  }
}

function slotOf(window: RaiseWindow, at: Millis): Slot {
  const width = Math.max(1, withinOf(window.raise) / SLOTS);
  const from = Math.floor(at / width) * width;
  const last = window.slots.at(-1);
  if (last !== undefined && last.from >= from) return last;
  const slot: Slot = { from, violated: 0, applicable: 0 };
  window.slots.push(slot);
  return slot;
}

function withinOf(raise: Raise): Millis {
  return Number(raise.withinNanos) / NANOS_A_MILLISECOND;
}

function isEqual(a: Raise, b: Raise): boolean {
  return a.share === b.share && a.withinNanos === b.withinNanos && a.atLeast === b.atLeast;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
