/**
 * Storms: a signal that opens and is taken back by turns, and a rule of which many signals come at once. Within a window the first few messages are told,
 * the others are held back, and when it ends one message says how many there were.
 *
 *     a signal's changes ──► its window ──┬─ told ──► the rule's window for that event ──┬─ told ──► queue
 *                                         └─ held: one message at the end ──────────────►└─ held: one message at the end ──► queue
 *
 * Windows are values that the queue keeps with its records, so what is held back outlives a restart; a `Damping` is a draft over them, at one time.
 */
import type { HeldBack, Notification, NotificationEvent } from './notification.ts';

export interface DampingLimits {
  /** Messages `reopened` and `retracted` about one signal within `signalWindow` that are told: two of each. */
  readonly signalChanges: number;
  /** Milliseconds, as the others; it begins with the first message. */
  readonly signalWindow: number;
  /** Messages of one event about signals of one rule within `ruleWindow` that are told. */
  readonly ruleMessages: number;
  readonly ruleWindow: number;
}

/** JSON. */
export interface DampingWindow {
  readonly receiver: string;
  readonly of: HeldBack['of'];
  /** Id of the signal, or of the rule. */
  readonly about: string;
  /** Of a rule's: it has one for each event. */
  readonly event: NotificationEvent | null;
  readonly from: number;
  readonly told: number;
  readonly held: Held | null;
}

interface Held {
  /** Changes of the signal, or signals of the rule. */
  readonly count: number;
  /** Of the signals; at most `MOST_IDS`. */
  readonly ids: readonly string[];
  readonly latest: Notification;
}

/** By key; null: the window has ended. */
export type WindowChange = readonly [key: string, window: DampingWindow | null];
export type DampingWindows = ReadonlyMap<string, DampingWindow>;

/** A rule has hardly more signals: see `SignalLimits.signalsOfRule`. */
const MOST_IDS = 500;

/** When the first window ends that holds something back; null: none does. */
export function nextEnd(windows: DampingWindows, limits: DampingLimits): number | null {
  let next: number | null = null;
  for (const window of windows.values()) {
    if (window.held === null) continue;
    const end = window.from + lengthOf(window, limits);
    if (next === null || end < next) next = end;
  }
  return next;
}

export class Damping {
  readonly #windows: DampingWindows;
  readonly #changes = new Map<string, DampingWindow | null>();
  readonly #limits: DampingLimits;
  readonly #now: number;

  constructor(windows: DampingWindows, limits: DampingLimits, now: number) {
    this.#windows = windows;
    this.#limits = limits;
    this.#now = now;
  }

  /** What was changed since. */
  changes(): WindowChange[] {
    return [...this.#changes];
  }

  /** Ends the windows whose time is over: the messages about what they held back. To be called before anything is offered. */
  endDue(): { readonly receiver: string; readonly notification: Notification }[] {
    const over = [...this.#windows].filter(([, window]) => this.#isOver(window));
    for (const [key] of over) this.#changes.set(key, null);
    const ended = over.map(([, window]) => window);
    const told = (of: HeldBack['of']) => ended.filter((window) => window.of === of && window.held !== null);
    return [
      ...told('rule').flatMap((window) => this.#summary(window)),
      ...told('signal').flatMap((window) =>
        this.#summary(window).filter((each) => this.#mayTellOfRule(each)),
      ),
    ];
  }

  /** Whether it is to be told now; if not, it is held back, or what it takes back was never told. */
  mayTell(receiver: string, notification: Notification): boolean {
    const { event, signal } = notification;
    if (event === 'resolved') return true;
    const isOpeningHeld = this.#holds(receiver, signal.rule.id, 'opened', signal.id);
    if (event === 'grew') return !isOpeningHeld && this.#mayTellOfRule({ receiver, notification });
    // What was held back about the signal is not true any more.
    this.#withdraw(receiver, notification);
    if (event === 'opened') return this.#mayTellOfRule({ receiver, notification });
    const window = this.#windowOf(receiver, 'signal', signal.id, null);
    if (window.told >= this.#limits.signalChanges) {
      this.#set({
        ...window,
        held: { count: (window.held?.count ?? 0) + 1, ids: [signal.id], latest: notification },
      });
      return false;
    }
    this.#set({ ...window, told: window.told + 1 });
    if (event === 'retracted' && isOpeningHeld) return false;
    return this.#mayTellOfRule({ receiver, notification });
  }

  /** A person closed the signal: what was held back about it alone is told first, and is no news after. */
  close(receiver: string, closed: Notification['signal']): Notification[] {
    const key = keyOf(receiver, 'signal', closed.id, null);
    const window = this.#get(key);
    const latest = window?.held?.latest;
    for (const event of RULE_EVENTS) this.#remove(receiver, closed, event);
    if (window === null || latest === undefined) return [];
    this.#changes.set(key, null);
    return this.#summary(window).map(({ notification }) => notification);
  }

  #mayTellOfRule({ receiver, notification }: { receiver: string; notification: Notification }): boolean {
    const { event, signal } = notification;
    const window = this.#windowOf(receiver, 'rule', signal.rule.id, event);
    if (window.told < this.#limits.ruleMessages) {
      this.#set({ ...window, told: window.told + 1 });
      return true;
    }
    const { count, ids }: Pick<Held, 'count' | 'ids'> = window.held ?? { count: 0, ids: [] };
    const isKnown = ids.includes(signal.id);
    const held: Held = {
      count: count + (isKnown ? 0 : 1),
      ids: isKnown || ids.length >= MOST_IDS ? ids : [...ids, signal.id],
      latest: notification,
    };
    this.#set({ ...window, held });
    return false;
  }

  /** What holds of a signal now takes the place of what was held back about it in messages of its rule. */
  #withdraw(receiver: string, { event, signal }: Notification): void {
    const outdated: readonly NotificationEvent[] =
      event === 'retracted' ? ['opened', 'reopened', 'grew'] : ['retracted'];
    for (const each of outdated) this.#remove(receiver, signal, each);
  }

  #remove(receiver: string, signal: Notification['signal'], event: NotificationEvent): void {
    const window = this.#get(keyOf(receiver, 'rule', signal.rule.id, event));
    if (window === null || window.held === null || !window.held.ids.includes(signal.id)) return;
    const { count, ids, latest } = window.held;
    if (count === 1) {
      this.#set({ ...window, held: null });
      return;
    }
    const shown = latest.signal.id === signal.id ? { ...latest, signal } : latest;
    const held = { count: count - 1, ids: ids.filter((id) => id !== signal.id), latest: shown };
    this.#set({ ...window, held });
  }

  #holds(receiver: string, rule: string, event: NotificationEvent, id: string): boolean {
    return this.#get(keyOf(receiver, 'rule', rule, event))?.held?.ids.includes(id) ?? false;
  }

  /** The id is of what was held back last, so the same summary has the same id after a crash. */
  #summary({ receiver, of, from, held }: DampingWindow) {
    if (held === null) return [];
    const { count, ids, latest } = held;
    const heldBack: HeldBack = { of, count, signals: ids, since: from };
    return [{ receiver, notification: { ...latest, id: `${latest.id}-more`, heldBack } }];
  }

  #windowOf(receiver: string, of: HeldBack['of'], about: string, event: NotificationEvent | null) {
    const window = this.#get(keyOf(receiver, of, about, event));
    return window ?? { receiver, of, about, event, from: this.#now, told: 0, held: null };
  }

  /** A clock that was set back keeps nothing waiting. */
  #isOver(window: DampingWindow): boolean {
    const age = this.#now - window.from;
    return age < 0 || age >= lengthOf(window, this.#limits);
  }

  #get(key: string): DampingWindow | null {
    const changed = this.#changes.get(key);
    return changed === undefined ? (this.#windows.get(key) ?? null) : changed;
  }

  #set(window: DampingWindow): void {
    this.#changes.set(keyOf(window.receiver, window.of, window.about, window.event), window);
  }
}

/** The events of which a rule has windows; what people decide is always told. */
const RULE_EVENTS = ['opened', 'reopened', 'grew', 'retracted'] as const;

function keyOf(receiver: string, ...of: readonly [HeldBack['of'], string, NotificationEvent | null]): string {
  return JSON.stringify([receiver, ...of]);
}

function lengthOf({ of }: DampingWindow, limits: DampingLimits): number {
  return of === 'signal' ? limits.signalWindow : limits.ruleWindow;
}

/** Whether a value out of a log or snapshot is one, as far as it is relied on. */
export function isWindowChange(value: unknown): value is WindowChange {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') return false;
  const window = value[1] as Partial<DampingWindow> | null;
  if (window === null) return true;
  return (
    typeof window === 'object' &&
    typeof window.receiver === 'string' &&
    (window.of === 'signal' || window.of === 'rule') &&
    typeof window.from === 'number' &&
    typeof window.told === 'number' &&
    (window.held === null ||
      (typeof window.held?.count === 'number' &&
        Array.isArray(window.held.ids) &&
        typeof window.held.latest?.signal?.rule?.id === 'string'))
  );
}
