/**
 * What is still to be told to whom, as a fold over the records of a log: a notification is in it from before anything is sent until the receiver has
 * taken it, or never will. So it is sent at least once, and twice after an ill-timed crash: receivers tell repetitions by the id.
 *
 *     receiver ── critical: oldest, …, newest ── high: … ── medium: … ── low: …
 *                 goes first                             oldest of the last: is left out first
 */
import { RULE_SEVERITIES } from '../invariant/rule.ts';
import { type DampingWindow, type DampingWindows, isWindowChange, type WindowChange } from './damping.ts';
import type { Notification } from './notification.ts';

export type QueueRecord =
  /** `through`: transitions of signals up to that number have been looked at. */
  | {
      readonly kind: 'queued';
      readonly through: number;
      readonly items: readonly QueuedItem[];
      /** What is held back instead; absent where nothing changed, and in logs of older versions. */
      readonly windows?: readonly WindowChange[];
    }
  | { readonly kind: 'delivered'; readonly receiver: string; readonly id: string; readonly at: number }
  | {
      readonly kind: 'failed';
      readonly receiver: string;
      readonly id: string;
      readonly at: number;
      /** When it is tried again. */
      readonly next: number;
      readonly problem: string;
    }
  /** They will not be sent: there was no room. */
  | {
      readonly kind: 'dropped';
      readonly receiver: string;
      readonly ids: readonly string[];
      readonly at: number;
      readonly problem: string;
    }
  /** It will not be sent: the receiver refuses it, or the time ran out. */
  | {
      readonly kind: 'dead';
      readonly receiver: string;
      readonly id: string;
      readonly at: number;
      readonly problem: string;
    };

export interface QueuedItem {
  readonly receiver: string;
  readonly notification: Notification;
}

export interface PendingDelivery extends QueuedItem {
  readonly attempts: number;
  /** Not before. */
  readonly next: number;
  readonly problem: string | null;
}

export interface DeadLetter {
  readonly receiver: string;
  readonly id: string;
  readonly at: number;
  readonly problem: string;
}

/** JSON. */
export interface QueueSnapshot {
  readonly version: 1;
  readonly through: number;
  readonly pending: readonly PendingDelivery[];
  readonly dead: readonly DeadLetter[];
  /** Absent in snapshots of older versions. */
  readonly windows?: readonly WindowChange[];
}

const MOST_DEAD_LETTERS = 200;

export class DeliveryQueue {
  /** By receiver, then by severity, the worst first, then by id, the oldest first. */
  readonly #pending = new Map<string, readonly Map<string, PendingDelivery>[]>();
  readonly #windows = new Map<string, DampingWindow>();
  #dead: DeadLetter[] = [];
  #through = 0;

  constructor(snapshot: QueueSnapshot | null = null) {
    if (snapshot === null) return;
    this.#through = snapshot.through;
    this.#dead = [...snapshot.dead];
    for (const delivery of snapshot.pending) this.#set(delivery);
    this.#change(snapshot.windows ?? []);
  }

  /** The last transition that was looked at. */
  get through(): number {
    return this.#through;
  }

  /** What was told lately, and what is held back. */
  get windows(): DampingWindows {
    return this.#windows;
  }

  get size(): number {
    let size = 0;
    for (const receiver of this.#pending.keys()) size += this.countOf(receiver);
    return size;
  }

  /** The last two hundred, oldest first. */
  get deadLetters(): readonly DeadLetter[] {
    return this.#dead;
  }

  /** What a receiver is to be told first: the worst, and of those the oldest. */
  first(receiver: string): PendingDelivery | null {
    for (const deliveries of this.#pending.get(receiver) ?? []) {
      for (const first of deliveries.values()) return first;
    }
    return null;
  }

  /** The ids of what is left out where so many must go: the least severe, and of those the oldest. Never that of `kept`. */
  least(receiver: string, count: number, kept: string | null): string[] {
    const ids: string[] = [];
    for (const deliveries of [...(this.#pending.get(receiver) ?? [])].reverse()) {
      for (const id of deliveries.keys()) {
        if (ids.length >= count) return ids;
        if (id !== kept) ids.push(id);
      }
    }
    return ids;
  }

  countOf(receiver: string): number {
    return (this.#pending.get(receiver) ?? []).reduce((size, deliveries) => size + deliveries.size, 0);
  }

  *all(): Iterable<PendingDelivery> {
    for (const severities of this.#pending.values()) {
      for (const deliveries of severities) yield* deliveries.values();
    }
  }

  get(receiver: string, id: string): PendingDelivery | null {
    for (const deliveries of this.#pending.get(receiver) ?? []) {
      const delivery = deliveries.get(id);
      if (delivery !== undefined) return delivery;
    }
    return null;
  }

  apply(record: QueueRecord): void {
    switch (record.kind) {
      case 'queued':
        this.#through = record.through;
        this.#change(record.windows ?? []);
        for (const item of record.items) {
          if (this.get(item.receiver, item.notification.id) !== null) continue;
          this.#set({ ...item, attempts: 0, next: 0, problem: null });
        }
        return;
      case 'delivered':
        this.#delete(record.receiver, record.id);
        return;
      case 'failed': {
        const delivery = this.get(record.receiver, record.id);
        if (delivery === null) return;
        const { next, problem } = record;
        this.#set({ ...delivery, attempts: delivery.attempts + 1, next, problem });
        return;
      }
      case 'dead':
        this.#bury([record.id], record);
        return;
      case 'dropped':
        this.#bury(record.ids, record);
    }
  }

  snapshot(): QueueSnapshot {
    const windows = [...this.#windows];
    return { version: 1, through: this.#through, pending: [...this.all()], dead: this.#dead, windows };
  }

  #set(delivery: PendingDelivery): void {
    const { receiver, notification } = delivery;
    const severities = this.#pending.get(receiver) ?? RULE_SEVERITIES.map(() => new Map());
    this.#pending.set(receiver, severities);
    severities[rankOf(notification)]?.set(notification.id, delivery);
  }

  #change(windows: readonly WindowChange[]): void {
    for (const [key, window] of windows) {
      if (window === null) this.#windows.delete(key);
      else this.#windows.set(key, window);
    }
  }

  #delete(receiver: string, id: string): void {
    for (const deliveries of this.#pending.get(receiver) ?? []) if (deliveries.delete(id)) return;
  }

  #bury(ids: readonly string[], { receiver, at, problem }: Omit<DeadLetter, 'id'>): void {
    for (const id of ids) this.#delete(receiver, id);
    const letters = ids.map((id) => ({ receiver, id, at, problem }));
    this.#dead = [...this.#dead, ...letters].slice(-MOST_DEAD_LETTERS);
  }
}

/** What another version wrote without a severity that is known here comes last. */
function rankOf({ signal }: Notification): number {
  const rank = RULE_SEVERITIES.indexOf(signal.rule.severity);
  return rank < 0 ? RULE_SEVERITIES.length - 1 : rank;
}

export function isQueueRecord(value: unknown): value is QueueRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Readonly<Record<string, unknown>>;
  switch (record['kind']) {
    case 'queued':
      return (
        typeof record['through'] === 'number' &&
        Array.isArray(record['items']) &&
        record['items'].every(isItem) &&
        isWindows(record['windows'])
      );
    case 'delivered':
    case 'failed':
    case 'dead':
      return typeof record['receiver'] === 'string' && typeof record['id'] === 'string';
    case 'dropped':
      return (
        typeof record['receiver'] === 'string' &&
        Array.isArray(record['ids']) &&
        record['ids'].every((id) => typeof id === 'string')
      );
    default:
      return false;
  }
}

export function isQueueSnapshot(value: unknown): value is QueueSnapshot {
  const snapshot = value as Partial<QueueSnapshot> | null;
  return (
    typeof snapshot === 'object' &&
    snapshot !== null &&
    snapshot.version === 1 &&
    typeof snapshot.through === 'number' &&
    Array.isArray(snapshot.pending) &&
    snapshot.pending.every(isItem) &&
    Array.isArray(snapshot.dead) &&
    isWindows(snapshot.windows)
  );
}

function isWindows(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isWindowChange));
}

function isItem(value: unknown): value is QueuedItem {
  const item = value as Partial<QueuedItem> | null;
  return (
    typeof item === 'object' &&
    item !== null &&
    typeof item.receiver === 'string' &&
    typeof item.notification?.id === 'string' &&
    typeof item.notification.signal?.rule?.id === 'string'
  );
}
