import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Archiver } from '../archive/archiver.ts';
import { MemoryDisk, type Unsynced } from '../archive/disk/memory-disk.ts';
import { readSpanRecords } from '../archive/wal/segment-files.ts';
import { createStreamEngine } from '../engine/streaming/create-stream-engine.ts';
import {
  DEFAULT_STREAM_LIMITS,
  type LiveRule,
  type StreamEngine,
  type StreamLimits,
  type VerdictEvent,
} from '../engine/streaming/stream.ts';
import { simpleRule } from '../engine/streaming/testing/simple-rule.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../engine/verdict.ts';
import { NameTable } from '../otlp/name-table.ts';
import { encodeRequest } from '../otlp/proto/encode-request.ts';
import { RequestScanner } from '../otlp/proto/request-scanner.ts';
import { DEFAULT_SCAN_LIMITS } from '../otlp/proto/scan-limits.ts';
import { ScannedRequest } from '../otlp/proto/scanned-request.ts';
import { ROW, SPAN_1, TRACE_3 } from '../otlp/span-rows.ts';
import type { Span } from '../trace/span.ts';
import { makeSpan } from '../trace/testing/make-span.ts';
import { SteadyClock } from './clock.ts';
import { type Durability, openDurability } from './durability.ts';
import { EngineHost } from './engine-host.ts';
import { Health } from './health.ts';
import { openJournal } from './journal.ts';
import { SILENT_LOG } from './log.ts';
import { serverMetrics } from './metrics/server-metrics.ts';

const LIMITS: StreamLimits = { ...DEFAULT_STREAM_LIMITS, idle: 3_000, idleAfterRoot: 1_000 };
const RULES = [
  { rule: simpleRule('no-refund', 'payment.charge and not payment.refund'), version: '1' },
  { rule: simpleRule('shipped', 'order.place and order.ship'), version: '1' },
];
const BEGIN = 1_700_000_000_000;

/** What is outside of the process, and survives it. */
class World {
  wall = BEGIN;
  monotonic = 0;
  readonly told = new Map<string, number>();
  readonly archived = new Map<number, string[]>();
  readonly acknowledged: string[] = [];
  /** Requests that were not acknowledged: sent again. */
  next = 0;
}

/** A process. */
class Process {
  readonly world: World;
  readonly health = new Health();
  readonly engine: StreamEngine;
  readonly #host: EngineHost;
  durability: Durability | null = null;
  #timers: { due: number; callback: () => void }[] = [];
  #events: VerdictEvent[] = [];
  #isHeard = false;
  readonly problems: string[] = [];
  readonly errors: { readonly message: string; readonly [field: string]: unknown }[] = [];

  constructor(
    world: World,
    maxBytes = 1e9,
    rules: readonly LiveRule[] = RULES,
    earlier: readonly LiveRule[] = [],
  ) {
    this.world = world;
    const names = new NameTable();
    this.engine = createStreamEngine({
      names,
      settings: DEFAULT_JUDGE_SETTINGS,
      limits: LIMITS,
      onVerdict: (event) => {
        if (this.#isHeard) this.#events.push(event);
      },
    });
    const clock = {
      wall: () => world.wall,
      monotonic: () => world.monotonic,
      after: (milliseconds: number, callback: () => void) => {
        const timer = { due: world.monotonic + milliseconds, callback };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((one) => one !== timer);
        };
      },
    };
    // As the server does: what is open must not be taken for silent in the time that was jumped over.
    const time = new SteadyClock(clock, ({ byMs }) => {
      if (byMs < 0 || this.durability === null) return;
      this.#host.hold();
      void this.durability.intake.resume(this.#host.tickedTo);
    });
    this.#host = new EngineHost({
      engine: this.engine,
      clock,
      time,
      metrics: serverMetrics(),
      horizon: () => this.durability?.intake.horizon() ?? Number.NEGATIVE_INFINITY,
      onWork: () => {},
    });
    this.open = async (disk) => {
      const { durability, problems } = await openDurability({
        disk,
        settings: {
          folder: '/f',
          wal: { maxBytes, segmentBytes: 700, segmentAge: 2_000 },
          scanLimits: DEFAULT_SCAN_LIMITS,
          engine: LIMITS,
        },
        names,
        engine: this.engine,
        host: this.#host,
        clock,
        time,
        rules,
        earlierRule: (id, version) =>
          earlier.find((one) => one.rule.id === id && one.version === version) ?? null,
        listen: (isHeard) => {
          this.#isHeard = isHeard;
        },
        archiver: archiverInto(world, disk),
        health: this.health,
        log: { ...SILENT_LOG, error: (message, fields) => void this.errors.push({ message, ...fields }) },
        onBug: (error) => {
          throw error;
        },
      });
      this.durability = durability;
      this.problems.push(...problems.map(({ code }) => code));
      await durability.start();
    };
  }

  readonly open: (disk: MemoryDisk) => Promise<void>;

  async send(spans: readonly Span[]): Promise<string> {
    const outcome = await (this.durability as Durability).intake.export(encodeRequest(spans));
    if (outcome.kind === 'accepted') this.world.acknowledged.push(...spans.map(keyOf));
    return outcome.kind;
  }

  /** Time passes, the engine does what is due, and what it says is told. */
  async pass(milliseconds: number): Promise<void> {
    this.world.wall += milliseconds;
    await this.passSteadily(milliseconds);
  }

  async passSteadily(milliseconds: number): Promise<void> {
    const { world } = this;
    world.monotonic += milliseconds;
    const due = this.#timers.filter((timer) => timer.due <= world.monotonic);
    this.#timers = this.#timers.filter((timer) => timer.due > world.monotonic);
    for (const { callback } of due) callback();
    await settled();
    this.#host.step();
    const durability = this.durability as Durability;
    const events = this.#events;
    this.#events = [];
    const through = durability.through();
    const counts = this.engine.takeCounts();
    for (const { kind, rule, scope } of events) {
      const key = `${rule.id} ${Number.parseInt(scope.id, 16)}`;
      world.told.set(key, kind === 'violated' ? 1 : 0);
    }
    await durability.told(through, counts);
  }

  async close(): Promise<void> {
    await this.durability?.intake.close();
    await this.pass(0);
    await this.durability?.close();
  }
}

const keyOf = ({ traceId, spanId }: Span) => `${Number.parseInt(traceId, 16)}:${Number.parseInt(spanId, 16)}`;

/** Keeps the spans of a segment by its number, as files of the archive do. */
function archiverInto(world: World, disk: MemoryDisk): Archiver {
  return {
    async archive({ sequence, path, skips }) {
      const left = new Map(skips.map(({ position, ordinals }) => [position, ordinals]));
      const scanner = new RequestScanner(new NameTable());
      const request = new ScannedRequest();
      const spans: string[] = [];
      for await (const { position, bytes } of readSpanRecords(disk, path)) {
        scanner.scan(bytes, request);
        for (let row = 0; row < request.count; row++) {
          if (left.get(position)?.includes(row)) continue;
          const { words } = request.rows;
          spans.push(`${words[row * ROW + TRACE_3]}:${words[row * ROW + SPAN_1]}`);
        }
      }
      world.archived.set(sequence, spans);
      return { sequence, files: [], repeated: 0, unreadable: 0 } as never;
    },
    async close() {},
  };
}

/** All that can happen without time has happened. */
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setImmediate(resolve));
}

const TRACES = 6;

/** Two requests a trace, the second with a span of the first once more; every second trace is refunded, every third not shipped. */
function requests(): Span[][] {
  return Array.from({ length: TRACES }, (_, index) => {
    const number = index + 1;
    const span = (ordinal: number, name: string) =>
      makeSpan({
        traceId: number.toString(16).padStart(32, '0'),
        spanId: ordinal.toString(16).padStart(16, '0'),
        parentSpanId: ordinal === 1 ? '' : '1'.padStart(16, '0'),
        name,
        start: BigInt(BEGIN + ordinal) * 1_000_000n,
        end: BigInt(BEGIN + 100 - ordinal) * 1_000_000n,
      });
    const first = [span(1, 'order.place'), span(2, 'payment.charge')];
    const second = [span(2, 'payment.charge'), span(3, number % 2 === 0 ? 'payment.refund' : 'step')];
    if (number % 3 !== 0) second.push(span(4, 'order.ship'));
    return [first, second];
  }).flat();
}

async function script(process: Process, disk: MemoryDisk): Promise<void> {
  const { world } = process;
  const all = requests();
  await process.open(disk);
  for (; world.next < all.length; world.next++) {
    await process.send(all[world.next] as Span[]);
    await process.pass(world.next % 4 === 3 ? 1_500 : 400);
  }
  for (let i = 0; i < 4; i++) await process.pass(1_000);
  await process.close();
}

const EXPECTED_SPANS = [...new Set(requests().flat().map(keyOf))].sort();
const EXPECTED_TOLD = ['no-refund 2', 'no-refund 4', 'no-refund 6', 'shipped 3', 'shipped 6'];

/** All happens within a minute, so that the counts are still in the journal. */
async function outcomeOf(world: World, disk: MemoryDisk) {
  const { journal } = await openJournal(disk, '/f/journal', LIMITS.lateWindow);
  const counts: Record<string, number> = {};
  await journal.batch(Number.POSITIVE_INFINITY);
  for (const { rows } of journal.batches) {
    for (const { rule, verdict, count } of rows) {
      counts[`${rule} ${verdict}`] = (counts[`${rule} ${verdict}`] ?? 0) + count;
    }
  }
  return {
    spans: [...world.archived.values()].flat().sort(),
    told: [...world.told]
      .filter(([, isTrue]) => isTrue === 1)
      .map(([key]) => key)
      .sort(),
    counts,
  };
}

const EXPECTED = {
  spans: EXPECTED_SPANS,
  told: EXPECTED_TOLD,
  counts: {
    'no-refund violated': 3,
    'no-refund satisfied': 3,
    'shipped violated': 2,
    'shipped satisfied': 4,
  },
};

describe('the log, the journal and the archive together', () => {
  it('archive each span once, tell each violation, and count each verdict', async () => {
    const world = new World();
    const disk = new MemoryDisk();
    await script(new Process(world), disk);
    expect(await outcomeOf(world, disk)).toEqual(EXPECTED);
    expect(world.archived.size).toBeGreaterThan(3);
  });

  it('do so wherever the power goes', async () => {
    const whole = new MemoryDisk();
    await script(new Process(new World()), whole);
    expect(whole.calls).toBeGreaterThan(100);
    for (let stop = 1; stop <= whole.calls; stop++) {
      for (const unsynced of ['lost', stop % 2 === 0 ? 'torn' : 'kept'] satisfies Unsynced[]) {
        const world = new World();
        let isOff = false;
        const disk = new MemoryDisk({
          inject({ number }) {
            if (number !== stop) return null;
            isOff = true;
            return { fault: 'power-off', after: 50 };
          },
        });
        const done = script(new Process(world), disk);
        for (let turns = 0; !isOff && turns < 2_000; turns++)
          await new Promise((resolve) => setImmediate(resolve));
        await settled();
        const survived = disk.crash(unsynced);
        world.wall += 1_500;
        world.monotonic = 0;
        await script(new Process(world), survived);
        expect({ unsynced, stop, ...(await outcomeOf(world, survived)) }).toEqual({
          unsynced,
          stop,
          ...EXPECTED,
        });
        void done;
      }
    }
  });

  it('do so when the power goes again and again', async () => {
    const random = fc.sample(fc.tuple(fc.nat(70), fc.nat(70), fc.nat(70), fc.nat(2)), {
      seed: 7,
      numRuns: 80,
    });
    for (const [first, second, third, mode] of random) {
      const world = new World();
      let disk = new MemoryDisk();
      for (const stop of [first + 30, second + 20, third + 20]) {
        let isOff = false;
        disk.inject = () => {
          if (isOff || disk.calls !== stop) return null;
          isOff = true;
          return { fault: 'power-off', after: 50 };
        };
        let isDone = false;
        void script(new Process(world), disk).then(() => {
          isDone = true;
        });
        while (!isOff && !isDone) await new Promise((resolve) => setImmediate(resolve));
        await settled();
        disk = disk.crash((['lost', 'torn', 'kept'] as const)[mode] as Unsynced);
        world.wall += 1_500;
      }
      await script(new Process(world), disk);
      const which = { first, second, third, mode };
      expect({ which, ...(await outcomeOf(world, disk)) }).toEqual({ which, ...EXPECTED });
    }
  });

  it('refuse while the disk is full or read-only, and go on by themselves', async () => {
    const world = new World();
    const disk = new MemoryDisk();
    const process = new Process(world);
    await process.open(disk);
    const [first = [], second = []] = requests();
    expect(await process.send(first)).toBe('accepted');
    disk.isReadOnly = true;
    expect(await process.send(second)).toBe('unavailable');
    expect(process.health.isReady).toBe(false);
    disk.isReadOnly = false;
    await process.pass(1_000);
    expect(process.health.isReady).toBe(true);
    disk.capacity = disk.usedBytes() + 20;
    expect(await process.send(second)).toBe('unavailable');
    disk.capacity = Number.POSITIVE_INFINITY;
    await process.pass(1_000);
    expect(await process.send(second)).toBe('accepted');
    await process.pass(100);
    expect(process.engine.stats()).toMatchObject({ openTraces: 1, spans: 5, repeatedSpans: 1 });
  });

  it('starts on a disk that is read-only, and takes requests when it can be written', async () => {
    const world = new World();
    const disk = new MemoryDisk();
    const before = new Process(world);
    await before.open(disk);
    const [first = [], second = []] = requests();
    await before.send(first);
    await before.close();
    disk.isReadOnly = true;
    const after = new Process(world);
    await expect(after.open(disk)).rejects.toMatchObject({ fault: 'read-only' });
    disk.isReadOnly = false;
    disk.capacity = disk.usedBytes();
    const third = new Process(world);
    await third.open(disk);
    expect(await third.send(second)).toBe('unavailable');
    expect(third.engine.stats().openTraces).toBe(1);
    await third.pass(60_000);
    expect(third.engine.stats().openTraces).toBe(1);
    disk.capacity = Number.POSITIVE_INFINITY;
    await third.pass(1_000);
    await third.pass(1_000);
    expect(await third.send(second)).toBe('accepted');
    await third.pass(10);
    expect(third.engine.stats()).toMatchObject({ openTraces: 1, spans: 5 });
  });

  it.each([3_600_000, -3_600_000])('are not moved by a clock that jumps by %i ms', async (by) => {
    const world = new World();
    const disk = new MemoryDisk();
    const process = new Process(world);
    await process.open(disk);
    const [first = [], second = []] = requests();
    await process.send(first);
    await process.pass(100);
    world.wall += by;
    await process.pass(100);
    expect(process.engine.stats().openTraces).toBe(1);
    await process.send(second);
    for (let i = 0; i < 10; i++) await process.pass(1_000);
    expect(process.engine.stats().openTraces).toBe(0);
    await process.close();
    const after = new Process(world);
    await after.open(disk);
    expect(after.problems).toEqual([]);
    expect(after.engine.stats()).toMatchObject({ spans: 5, openTraces: 0 });
  });

  it('judge no part of a trace whose first spans had to go from the log', async () => {
    const world = new World();
    const disk = new MemoryDisk();
    const process = new Process(world, 1_500);
    await process.open(disk);
    const [first = [], , ...others] = requests();
    const shipped = first.map((span) => ({
      ...span,
      name: span.name === 'order.place' ? 'order.ship' : 'step',
    }));
    await process.send(shipped);
    // Fills the log beyond its bound within the same moment: the trace is still open.
    for (const request of others) {
      await process.send(request);
      await process.pass(1);
    }
    expect(process.engine.stats().openTraces).toBe(TRACES);
    disk.inject = undefined;
    const after = new Process(world, 1_500);
    await after.open(disk.crash('lost'));
    expect(after.problems).toContain('FL825');
    // Alone, this would be an order that is not shipped.
    await after.send(first.map((span) => ({ ...span, spanId: '9'.padStart(16, '0') })).slice(0, 1));
    for (let i = 0; i < 5; i++) await after.pass(1_000);
    expect([...world.told.keys()]).not.toContain('shipped 1');
    expect(after.engine.stats().shed['late-span']).toBeGreaterThan(0);
  });

  const RESERVED = {
    rule: simpleRule(
      'reserved',
      'across order.id within 1m { payment.charge and stock.reserve.before(payment.charge) }',
    ),
    version: '1',
  };

  /** A span of its own trace, about one order. */
  function ofOrder(trace: number, name: string): Span {
    const at = BigInt(BEGIN + trace);
    return makeSpan({
      traceId: trace.toString(16).padStart(32, '0'),
      spanId: '1'.padStart(16, '0'),
      name,
      start: at * 1_000_000n,
      end: at * 1_000_000n + 1n,
      attributes: new Map([['order.id', 'order-1']]),
    });
  }

  it.each([true, false])(
    'judge no part of a group whose first spans had to go from the log: %s',
    async (hadToGo) => {
      const world = new World();
      const disk = new MemoryDisk();
      const maxBytes = hadToGo ? 1_500 : 1e9;
      const process = new Process(world, maxBytes, [RESERVED]);
      await process.open(disk);
      await process.send([ofOrder(91, 'stock.reserve')]);
      for (const request of requests().slice(2)) {
        await process.send(request);
        await process.pass(1);
      }
      const after = new Process(world, maxBytes, [RESERVED]);
      await after.open(disk.crash('lost'));
      // Alone, this would be a charge without a reservation.
      await after.send([ofOrder(92, 'payment.charge')]);
      for (let i = 0; i < 90; i++) await after.pass(1_000);
      expect([...world.told.keys()]).toEqual([]);
      expect(after.engine.health()[0]?.inconclusiveReasons).toEqual(hadToGo ? { 'group-cut': 1 } : {});
      // What begins later is judged.
      await after.send([ofOrder(600_000, 'payment.charge')]);
      for (let i = 0; i < 90; i++) await after.pass(1_000);
      expect(after.engine.health()[0]).toMatchObject({ applicable: 2 });
      await after.close();
    },
  );

  it('are given up when somebody removes their folder, which is said, and others are archived', async () => {
    const world = new World();
    const disk = new MemoryDisk();
    const process = new Process(world);
    await process.open(disk);
    const { wal, feed } = process.durability as Durability;
    const [first = [], second = []] = requests();
    await process.send(first);
    await disk.removeFolder('/f/wal');
    await process.pass(2_000);
    expect(process.health.has('archive-failing')).toBe(true);
    expect(await process.send(second)).toBe('unavailable');
    expect(process.health.isReady).toBe(false);
    await wal.look();
    expect(process.health.isReady).toBe(true);
    expect(process.errors.at(-1)).toMatchObject({
      message: 'the write-ahead log was removed while the server ran',
      code: 'FL826',
      folder: '/f/wal',
      segments: 1,
      segmentsLost: 1,
    });
    await process.pass(1_000);
    expect(process.health.has('archive-failing')).toBe(false);
    expect(feed.waitingSince).toBeNull();
    expect(await process.send(second)).toBe('accepted');
    await process.pass(2_000);
    await process.close();
    expect([...world.archived.values()].flat()).toEqual(expect.arrayContaining(['1:3', '1:4']));
    const after = new Process(world);
    await after.open(disk.crash('lost'));
    expect(after.problems).toEqual(['FL825']);
  });

  it('judge nothing whose first spans were in a folder that somebody removed before a crash', async () => {
    const world = new World();
    const disk = new MemoryDisk();
    const before = new Process(world, 1e9, [...RULES, RESERVED]);
    await before.open(disk);
    const [first = []] = requests();
    const shipped = first.map((span) => ({ ...span, name: 'order.ship' }));
    await before.send([...shipped, ofOrder(91, 'stock.reserve')]);
    await before.pass(10);
    await disk.removeFolder('/f/wal');
    await before.durability?.wal.look();
    await before.pass(10);
    const after = new Process(world, 1e9, [...RULES, RESERVED]);
    await after.open(disk.crash('lost'));
    // Alone, these would be an order that is not shipped and a charge without a reservation.
    const placed = first.map((span) => ({ ...span, spanId: '9'.padStart(16, '0') })).slice(0, 1);
    await after.send([...placed, ofOrder(92, 'payment.charge')]);
    for (let i = 0; i < 90; i++) await after.pass(1_000);
    expect([...world.told.keys()]).toEqual([]);
    expect(after.engine.stats().shed['late-span']).toBe(1);
  });

  /** A trace begins, the process stops, and the rules are others when the next one starts. */
  async function overRestart(rules: readonly LiveRule[], earlier: readonly LiveRule[]) {
    const world = new World();
    const disk = new MemoryDisk();
    const before = new Process(world);
    await before.open(disk);
    const [first = []] = requests();
    await before.send(first);
    await before.pass(100);
    await before.close();
    const after = new Process(world, 1e9, rules, earlier);
    await after.open(disk);
    const second = first.map((span) => ({ ...span, traceId: '7'.padStart(32, '0') }));
    await after.send(second);
    for (let i = 0; i < 10; i++) await after.pass(1_000);
    await after.close();
    const told = [...world.told].flatMap(([key, isTrue]) => (isTrue === 1 ? [key] : []));
    const { counts } = await outcomeOf(world, disk);
    return { told: told.sort(), counts, problems: after.problems };
  }

  const WRAPPED = { rule: simpleRule('shipped', 'order.wrap and order.ship'), version: '2' };

  it('judge traces by the rules that they began with, also when those were edited while no server ran', async () => {
    expect(await overRestart([WRAPPED], RULES)).toEqual({
      told: ['shipped 1'],
      // The second trace has nothing that the rule of now asks for.
      counts: { 'shipped violated': 1, 'shipped not_applicable': 1 },
      problems: [],
    });
  });

  it('say how many traces are not judged by a rule whose earlier version is not known', async () => {
    expect(await overRestart([WRAPPED, RULES[0] as LiveRule], [])).toEqual({
      told: [],
      counts: { 'no-refund satisfied': 2, 'shipped not_applicable': 1 },
      problems: ['FL827'],
    });
  });

  it('say what is damaged, and go on without it', async () => {
    const world = new World();
    const disk = new MemoryDisk();
    await script(new Process(world), disk);
    const [segment] = disk.paths().filter((path) => path.endsWith('.wal'));
    disk.flip(segment as string, 48 + 32 + 20);
    const after = new Process(world);
    await after.open(disk);
    expect(after.problems).toEqual(['FL821']);
    expect(await after.send(requests()[0] as Span[])).toBe('accepted');
  });
});
