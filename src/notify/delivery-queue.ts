/**
 * What is still to be told to whom, as a fold over the records of a log: a notification is in it from before anything is sent until the receiver has
 * taken it, or never will. So it is sent at least once, and twice after an ill-timed crash: receivers tell repetitions by the id.
 */
import type { Notification } from './notification.ts';

export type QueueRecord =
  /** `through`: transitions of signals up to that number have been looked at. */
  | { readonly kind: 'queued'; readonly through: number; readonly items: readonly QueuedItem[] }
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
  /** It will not be sent: the receiver refuses it, the time ran out, or there was no room. */
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
}

const MOST_DEAD_LETTERS = 200;

export class DeliveryQueue {
  /** By receiver, then by id, oldest first. */
  readonly #pending = new Map<string, Map<string, PendingDelivery>>();
  #dead: DeadLetter[] = [];
  #through = 0;

  constructor(snapshot: QueueSnapshot | null = null) {
    if (snapshot === null) return;
    this.#through = snapshot.through;
    this.#dead = [...snapshot.dead];
    for (const delivery of snapshot.pending) this.#set(delivery);
  }

  /** The last transition that was looked at. */
  get through(): number {
    return this.#through;
  }

  get size(): number {
    return [...this.#pending.values()].reduce((size, deliveries) => size + deliveries.size, 0);
  }

  /** The last two hundred, oldest first. */
  get deadLetters(): readonly DeadLetter[] {
    return this.#dead;
  }

  /** The oldest of a receiver. */
  first(receiver: string): PendingDelivery | null {
    const [first] = this.#pending.get(receiver)?.values() ?? [];
    return first ?? null;
  }

  countOf(receiver: string): number {
    return this.#pending.get(receiver)?.size ?? 0;
  }

  *all(): Iterable<PendingDelivery> {
    for (const deliveries of this.#pending.values()) yield* deliveries.values();
  }

  get(receiver: string, id: string): PendingDelivery | null {
    return this.#pending.get(receiver)?.get(id) ?? null;
  }

  apply(record: QueueRecord): void {
    switch (record.kind) {
      case 'queued':
        this.#through = record.through;
        for (const item of record.items) {
          if (this.get(item.receiver, item.notification.id) !== null) continue;
          this.#set({ ...item, attempts: 0, next: 0, problem: null });
        }
        return;
      case 'delivered':
        this.#pending.get(record.receiver)?.delete(record.id);
        return;
      case 'failed': {
        const delivery = this.get(record.receiver, record.id);
        if (delivery === null) return;
        const { next, problem } = record;
        this.#set({ ...delivery, attempts: delivery.attempts + 1, next, problem });
        return;
      }
      case 'dead': {
        const { receiver, id, at, problem } = record;
        this.#pending.get(receiver)?.delete(id);
        this.#dead = [...this.#dead, { receiver, id, at, problem }].slice(-MOST_DEAD_LETTERS);
      }
    }
  }

  snapshot(): QueueSnapshot {
    return { version: 1, through: this.#through, pending: [...this.all()], dead: this.#dead };
  }

  #set(delivery: PendingDelivery): void {
    const deliveries = this.#pending.get(delivery.receiver) ?? new Map<string, PendingDelivery>();
    deliveries.set(delivery.notification.id, delivery);
    this.#pending.set(delivery.receiver, deliveries);
  }
}

export function isQueueRecord(value: unknown): value is QueueRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Readonly<Record<string, unknown>>;
  switch (record['kind']) {
    case 'queued':
      return (
        typeof record['through'] === 'number' &&
        Array.isArray(record['items']) &&
        record['items'].every(isItem)
      );
    case 'delivered':
    case 'failed':
    case 'dead':
      return typeof record['receiver'] === 'string' && typeof record['id'] === 'string';
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
    Array.isArray(snapshot.dead)
  );
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
