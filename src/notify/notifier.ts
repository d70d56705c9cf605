/**
 * Tells receivers about signals: one message for a signal that opened, opened again, or was taken back, and now and then one that grows.
 *
 *     transitions ─► damping ─► queue (durable) ─► receiver by receiver, the worst first, then the oldest: sent, tried again later, or given up and said so
 */
import type { Signal, SignalTransition } from '../signal/signal.ts';
import { counted } from './counted.ts';
import { Damping, nextEnd } from './damping.ts';
import { type DeliveryOutcome, deliver, LONGEST_WAIT_MS } from './delivery.ts';
import {
  type DeadLetter,
  DeliveryQueue,
  isQueueRecord,
  isQueueSnapshot,
  type PendingDelivery,
  type QueuedItem,
  type QueueRecord,
} from './delivery-queue.ts';
import { notificationOf, notifiedSignal } from './notification.ts';
import type { NotifierOptions } from './notifier-options.ts';
import { DEFAULT_NOTIFY_LIMITS, type NotifyLimits } from './notify-limits.ts';
import { type Receiver, wants } from './receiver.ts';

export interface ReceiverStatus {
  readonly receiver: string;
  readonly type: Receiver['type'];
  readonly pending: number;
  /** Since the start, as the others. */
  readonly delivered: number;
  readonly failedAttempts: number;
  readonly dead: number;
  /** Of the last attempt, if it failed. */
  readonly problem: string | null;
  readonly lastDeliveredAt: number | null;
}

interface Channel {
  readonly receiver: Receiver;
  delivered: number;
  failedAttempts: number;
  dead: number;
  problem: string | null;
  lastDeliveredAt: number | null;
  lastSentAt: number;
  /** The receiver asked for quiet so long: no worse message breaks that. */
  quietUntil: number;
  sending: Promise<void> | null;
  /** Of the message that is under way. */
  sendingId: string | null;
  endTimer: () => void;
}

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #limits: NotifyLimits;
  readonly #queue: DeliveryQueue;
  readonly #channels: readonly Channel[];
  /** When a signal was last told to have grown, by receiver and signal. */
  readonly #updated = new Map<string, number>();
  #running = false;
  #writing: Promise<void> = Promise.resolve();
  #taking: Promise<void> = Promise.resolve();
  /** Of the end of the next window that holds something back. */
  #endReleaseTimer: () => void = () => {};
  /** Records of the log that could not be read as such. */
  readonly skipped: number;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_NOTIFY_LIMITS, ...options.limits };
    this.#queue = new DeliveryQueue(isQueueSnapshot(options.snapshot) ? options.snapshot : null);
    let skipped = 0;
    for (const record of options.records) {
      if (isQueueRecord(record)) this.#queue.apply(record);
      else skipped++;
    }
    this.skipped = skipped;
    this.#channels = options.receivers.map((receiver) => ({
      receiver,
      delivered: 0,
      failedAttempts: 0,
      dead: 0,
      problem: null,
      lastDeliveredAt: null,
      lastSentAt: Number.NEGATIVE_INFINITY,
      quietUntil: Number.NEGATIVE_INFINITY,
      sending: null,
      sendingId: null,
      endTimer: () => {},
    }));
  }

  /** The last transition that it has taken. */
  get through(): number {
    return this.#queue.through;
  }

  /** Begins to send what waits. Messages to receivers that are configured no more are given up. */
  async start(): Promise<void> {
    this.#running = true;
    const known = new Set(this.#channels.map(({ receiver }) => receiver.name));
    for (const { receiver, notification } of [...this.#queue.all()]) {
      if (known.has(receiver)) continue;
      await this.#write({
        kind: 'dead',
        receiver,
        id: notification.id,
        at: this.#options.clock.now(),
        problem: 'the receiver is configured no more',
      });
    }
    const gone = [...this.#queue.windows].filter(([, { receiver }]) => !known.has(receiver));
    if (gone.length > 0) {
      const windows = gone.map(([key]) => [key, null] as const);
      await this.#write({ kind: 'queued', through: this.#queue.through, items: [], windows });
    }
    this.#planRelease();
    for (const channel of this.#channels) this.#plan(channel);
  }

  /** Sends nothing more, and waits for what is under way. The queue keeps the rest. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#endReleaseTimer();
    for (const channel of this.#channels) channel.endTimer();
    await this.idle();
  }

  /** Resolves when no message is under way. */
  async idle(): Promise<void> {
    await this.#taking.catch(() => {});
    await Promise.all(this.#channels.map(({ sending }) => sending));
  }

  /**
   * Takes transitions in their order; those that it has taken before are left out. Resolves when they are safe in the queue; rejects when the queue
   * cannot be written, and then they can be given again.
   */
  take(
    transitions: readonly SignalTransition[],
    signalOf: (id: string) => Signal<unknown> | null,
  ): Promise<void> {
    // One after the other: what the call before has taken must not be taken again while the disk is at it.
    const taken = this.#taking.catch(() => {}).then(() => this.#take(transitions, signalOf));
    this.#taking = taken;
    return taken;
  }

  /** The log of signals is shorter than what was taken from it: it was lost, and its numbers begin anew. */
  async restartAt(sequence: number): Promise<void> {
    if (sequence < this.#queue.through) await this.#write({ kind: 'queued', through: sequence, items: [] });
  }

  /** Writes all that it knows anew: somebody removed the files of its log. Rejects when they cannot be written. */
  rewrite(): Promise<void> {
    // Behind what is on its way: the snapshot must hold every record that is in the log.
    const written = this.#writing
      .catch(() => {})
      .then(() => this.#options.log.snapshot(() => this.#queue.snapshot()));
    this.#writing = written;
    return written;
  }

  status(): readonly ReceiverStatus[] {
    return this.#channels.map(({ receiver, delivered, failedAttempts, dead, problem, lastDeliveredAt }) => ({
      receiver: receiver.name,
      type: receiver.type,
      pending: this.#queue.countOf(receiver.name),
      delivered,
      failedAttempts,
      dead,
      problem,
      lastDeliveredAt,
    }));
  }

  deadLetters(): readonly DeadLetter[] {
    return this.#queue.deadLetters;
  }

  async #take(
    transitions: readonly SignalTransition[],
    signalOf: (id: string) => Signal<unknown> | null,
  ): Promise<void> {
    const fresh = transitions.filter(({ sequence }) => sequence > this.#queue.through);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const damping = new Damping(this.#queue.windows, this.#limits, this.#options.clock.now());
    const ended = damping.endDue();
    const items = fresh.flatMap((transition) => {
      const signal = signalOf(transition.signal);
      return signal === null ? [] : this.#itemsFor(transition, signal, damping);
    });
    await this.#enqueue(last.sequence, [...ended, ...items], damping);
  }

  #itemsFor(transition: SignalTransition, signal: Signal<unknown>, damping: Damping): QueuedItem[] {
    const notification = notificationOf(transition, signal);
    const isClosing = transition.to === 'resolved' || transition.to === 'false-positive';
    return this.#channels.flatMap(({ receiver }) => {
      const { name } = receiver;
      const before = isClosing ? damping.close(name, notifiedSignal(transition, signal)) : [];
      const items = before.map((each) => ({ receiver: name, notification: each }));
      if (notification === null || !wants(receiver, notification)) return items;
      if (notification.event === 'grew' && !this.#mayUpdate(name, signal.id)) return items;
      return damping.mayTell(name, notification) ? [...items, { receiver: name, notification }] : items;
    });
  }

  async #enqueue(through: number, items: readonly QueuedItem[], damping: Damping): Promise<void> {
    const windows = damping.changes();
    await this.#write({ kind: 'queued', through, items, ...(windows.length === 0 ? {} : { windows }) });
    for (const channel of this.#channels) await this.#makeRoom(channel);
    for (const channel of this.#channels) this.#plan(channel);
    this.#planRelease();
  }

  /** Sees to it that what is held back is told when its window ends. */
  #planRelease(): void {
    this.#endReleaseTimer();
    const end = nextEnd(this.#queue.windows, this.#limits);
    if (!this.#running || end === null) return;
    const { signalWindow, ruleWindow } = this.#limits;
    const wait = soonWithin(end - this.#options.clock.now(), Math.max(signalWindow, ruleWindow));
    this.#releaseIn(Math.max(0, wait));
  }

  #releaseIn(wait: number): void {
    this.#endReleaseTimer = this.#options.clock.after(wait, () => {
      this.#taking = this.#taking.catch(() => {}).then(() => this.#release());
    });
  }

  /** What cannot be written is held back longer: nothing of it is lost. */
  async #release(): Promise<void> {
    const damping = new Damping(this.#queue.windows, this.#limits, this.#options.clock.now());
    const items = damping.endDue();
    if (damping.changes().length === 0) {
      this.#planRelease();
      return;
    }
    try {
      await this.#enqueue(this.#queue.through, items, damping);
    } catch (error) {
      for (const receiver of new Set(items.map((item) => item.receiver))) this.#unwritable(receiver, error);
      if (this.#running) this.#releaseIn(this.#limits.longestRetry);
    }
  }

  /** Beyond the limit the least severe go, and of those the oldest. */
  async #makeRoom(channel: Channel): Promise<void> {
    const { name } = channel.receiver;
    const surplus = this.#queue.countOf(name) - this.#limits.pending;
    const ids = surplus > 0 ? this.#queue.least(name, surplus, channel.sendingId) : [];
    if (ids.length === 0) return;
    channel.dead += ids.length;
    const problem = `${counted(this.#limits.pending, 'message')} wait already`;
    const message = `${problem}: ${counted(ids.length, 'message')} of the least severe and oldest left out, the last is ${ids.at(-1)}`;
    this.#options.onProblem({ kind: 'queue-full', receiver: name, message });
    await this.#settle({ kind: 'dropped', receiver: name, ids, at: this.#options.clock.now(), problem });
  }

  #mayUpdate(receiver: string, signal: string): boolean {
    const key = `${receiver} ${signal}`;
    const now = this.#options.clock.now();
    const last = this.#updated.get(key);
    // A clock that was set back does not keep it waiting.
    if (last !== undefined && now >= last && now - last < this.#limits.updateEvery) return false;
    this.#updated.delete(key);
    this.#updated.set(key, now);
    const [oldest] = this.#updated.keys();
    if (this.#updated.size > MOST_UPDATES && oldest !== undefined) this.#updated.delete(oldest);
    return true;
  }

  /** Sees to it that the receiver's next message is sent when it is due. */
  #plan(channel: Channel): void {
    if (!this.#running || channel.sending !== null) return;
    const delivery = this.#queue.first(channel.receiver.name);
    channel.endTimer();
    if (delivery === null) return;
    const now = this.#options.clock.now();
    const pace = channel.receiver.type === 'slack' ? this.#limits.slackPace : 0;
    const wait = Math.max(
      soonWithin(delivery.next - now, Math.max(this.#limits.longestRetry, LONGEST_WAIT_MS)),
      soonWithin(channel.quietUntil - now, LONGEST_WAIT_MS),
      soonWithin(channel.lastSentAt + pace - now, pace),
    );
    if (wait > 0) {
      channel.endTimer = this.#options.clock.after(wait, () => this.#plan(channel));
      return;
    }
    channel.sendingId = delivery.notification.id;
    channel.sending = this.#send(channel, delivery).finally(() => {
      channel.sending = null;
      channel.sendingId = null;
      this.#plan(channel);
    });
  }

  async #send(channel: Channel, delivery: PendingDelivery): Promise<void> {
    const { clock, http } = this.#options;
    const { receiver } = channel;
    const { notification } = delivery;
    channel.lastSentAt = clock.now();
    const outcome = await this.#attempt(http, receiver, notification, channel.lastSentAt);
    const at = clock.now();
    const about = { receiver: receiver.name, id: notification.id, at };
    if (outcome.kind === 'delivered') {
      channel.delivered++;
      channel.problem = null;
      channel.lastDeliveredAt = at;
      this.#options.onAttempt?.({ receiver: receiver.name, problem: null, isLost: false });
      await this.#settle({ kind: 'delivered', ...about });
      return;
    }
    const { problem } = outcome;
    channel.problem = problem;
    const isLost =
      outcome.kind === 'refused' ||
      (at - notification.at >= this.#limits.giveUp && delivery.attempts >= FEWEST_ATTEMPTS);
    this.#options.onAttempt?.({ receiver: receiver.name, problem, isLost });
    if (outcome.kind === 'failed') {
      channel.failedAttempts++;
      if (!isLost) {
        if (outcome.retryAfterMs !== null) channel.quietUntil = at + outcome.retryAfterMs;
        const next = at + (outcome.retryAfterMs ?? this.#backoff(delivery.attempts));
        await this.#settle({ kind: 'failed', ...about, next, problem: outcome.problem });
        return;
      }
    }
    channel.dead++;
    const message = `the message about signal ${notification.signal.id} is given up: ${outcome.problem}`;
    this.#options.onProblem({ kind: 'dead-letter', receiver: receiver.name, message });
    await this.#settle({ kind: 'dead', ...about, problem: outcome.problem });
  }

  /** A notification out of a log of another version may lack what its message says: it must not end the program. */
  async #attempt(...attempt: Parameters<typeof deliver>): Promise<DeliveryOutcome> {
    try {
      return await deliver(...attempt);
    } catch (error) {
      return { kind: 'refused', problem: `no message can be made of it: ${String(error)}` };
    }
  }

  /** Half of the doubled wait is drawn, so that many receivers that failed together do not come back together. */
  #backoff(attempts: number): number {
    const { firstRetry, longestRetry } = this.#limits;
    const wait = Math.min(longestRetry, firstRetry * 2 ** Math.min(attempts, 30));
    return Math.round(wait / 2 + (wait / 2) * this.#options.random());
  }

  /** What became of an attempt holds in memory also when the disk refuses it: after a restart it is sent again. */
  async #settle(record: QueueRecord & { readonly receiver: string }): Promise<void> {
    try {
      await this.#write(record);
    } catch (error) {
      this.#queue.apply(record);
      this.#unwritable(record.receiver, error);
    }
  }

  #unwritable(receiver: string, error: unknown): void {
    const message = `its queue cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    this.#options.onProblem({ kind: 'queue-unwritable', receiver, message });
  }

  /** One after the other: a snapshot must hold every record that is in the log. */
  #write(record: QueueRecord): Promise<void> {
    const written = this.#writing.catch(() => {}).then(() => this.#append(record));
    this.#writing = written;
    return written;
  }

  async #append(record: QueueRecord): Promise<void> {
    await this.#options.log.append(record);
    this.#queue.apply(record);
    if (
      this.#options.log.length >= this.#limits.snapshotEvery &&
      this.#queue.size < this.#limits.snapshotEvery
    ) {
      // The record is safe: without the snapshot only the next start takes longer.
      try {
        await this.#options.log.snapshot(() => this.#queue.snapshot());
      } catch {
        // The next one is taken after as many records.
      }
    }
  }
}

/** What lies further ahead than it can have been set to was set before the clock went back: it is due. */
function soonWithin(wait: number, longest: number): number {
  return wait > longest ? 0 : wait;
}

const MOST_UPDATES = 10_000;
/** However old a message is when it is first tried: after a long stop it gets its chance. */
const FEWEST_ATTEMPTS = 5;
