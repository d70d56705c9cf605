/**
 * Several engines as one: traces are divided by their ids, groups by their keys. It shows in one process what replicas behind a router by trace id,
 * with a second router by key between traces and groups, come to: the same verdicts as one engine.
 */
import { hashText } from '../../base/text-hash.ts';
import { ScannedRequest } from '../../otlp/proto/scanned-request.ts';
import { ROW, TRACE_0 } from '../../otlp/span-rows.ts';
import { groupKey } from '../reference/judge-across.ts';
import { createStreamEngine } from './create-stream-engine.ts';
import { createGroupEngine } from './groups/group-engine.ts';
import type { GroupEngine, GroupStats, LiveMember } from './members.ts';
import type {
  ClosedTraces,
  LiveRule,
  Millis,
  Position,
  RuleHealth,
  StreamEngine,
  StreamOptions,
  StreamStats,
  VerdictCount,
} from './stream.ts';
import { hashTraceId } from './trace-table.ts';

export interface Shards {
  readonly traces: number;
  readonly groups: number;
}

/** The limits are those of each shard. Health is that of each shard, one after the other. */
export function createShardedEngine(options: StreamOptions, { traces, groups }: Shards): StreamEngine {
  return new ShardedEngine(options, traces, groups);
}

class ShardedEngine implements StreamEngine {
  readonly #groups: readonly GroupEngine[];
  readonly #traces: readonly StreamEngine[];
  readonly #parts: readonly ScannedRequest[];
  /** Of the rows of a part, where they are in the request. */
  readonly #ordinals: readonly number[][];

  constructor(options: StreamOptions, traces: number, groups: number) {
    this.#groups = Array.from({ length: groups }, () => createGroupEngine(options));
    const router = new GroupRouter(this.#groups);
    this.#traces = Array.from({ length: traces }, () => createStreamEngine(options, router));
    this.#parts = this.#traces.map(() => new ScannedRequest());
    this.#ordinals = this.#traces.map(() => []);
  }

  load(rules: readonly LiveRule[], at: Millis): void {
    this.tick(at);
    for (const shard of this.#traces) shard.load(rules, at);
    for (const shard of this.#groups) shard.load(rules, at);
  }

  add(request: ScannedRequest, at: Millis, position: Position): readonly number[] {
    this.tick(at);
    this.#divide(request);
    const repeated: number[] = [];
    for (const [index, part] of this.#parts.entries()) {
      const ordinals = this.#ordinals[index] ?? [];
      if (part.count === 0) continue;
      for (const row of this.#traces[index]?.add(part, at, position) ?? []) repeated.push(ordinals[row] ?? 0);
    }
    for (const shard of this.#groups) shard.settle(at);
    return repeated.sort((a, b) => a - b);
  }

  tick(at: Millis): void {
    for (;;) {
      const trace = earliest(this.#traces);
      const group = earliest(this.#groups);
      const due = Math.min(trace, group);
      if (due > at) break;
      // Traces go first where both are due.
      if (trace <= group) for (const shard of this.#traces) shard.tick(due);
      else for (const shard of this.#groups) shard.tick(due);
    }
    for (const shard of this.#traces) shard.tick(at);
    for (const shard of this.#groups) shard.tick(at);
  }

  nextDue(): Millis | null {
    const due = Math.min(earliest(this.#traces), earliest(this.#groups));
    return due === Number.POSITIVE_INFINITY ? null : due;
  }

  resume(at: Millis): void {
    for (const shard of [...this.#traces, ...this.#groups]) shard.resume(at);
  }

  markGone(id: Uint32Array, at: Millis): void {
    this.#traces[this.#shardOf(id, 0)]?.markGone(id, at);
  }

  doubtGroups(at: Millis): void {
    for (const shard of this.#groups) shard.doubtGroups(at);
  }

  heldTraces(through: Position): Uint32Array {
    const parts = this.#traces.map((shard) => shard.heldTraces(through));
    const ids = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let end = 0;
    for (const part of parts) {
      ids.set(part, end);
      end += part.length;
    }
    return ids;
  }

  lowWater(): Position | null {
    const waters = [...this.#traces, ...this.#groups].map((shard) => shard.lowWater());
    const known = waters.filter((water) => water !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  takeCounts(): VerdictCount[] {
    return [...this.#traces, ...this.#groups].flatMap((shard) => shard.takeCounts());
  }

  takeClosed(): ClosedTraces {
    const parts = this.#traces.map((shard) => shard.takeClosed());
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    const ids = new Uint32Array(count * 4);
    const firstPositions = new Float64Array(count);
    let from = 0;
    for (const part of parts) {
      ids.set(part.ids.subarray(0, part.count * 4), from * 4);
      firstPositions.set(part.firstPositions.subarray(0, part.count), from);
      from += part.count;
    }
    return { count, ids, firstPositions };
  }

  health(): RuleHealth[] {
    return [...this.#traces, ...this.#groups].flatMap((shard) => shard.health());
  }

  stats(): StreamStats {
    const [first, ...rest] = this.#traces.map((shard) => shard.stats());
    if (first === undefined) throw new Error('no shard');
    const groups = this.#groups.map((shard) => shard.stats());
    const sum = (of: (stats: GroupStats) => number): number =>
      groups.reduce((total, stats) => total + of(stats), 0);
    const traces = rest.reduce(added, first);
    return {
      ...traces,
      openGroups: sum((stats) => stats.openGroups),
      groupMembers: sum((stats) => stats.groupMembers),
      keylessSpans: sum((stats) => stats.keylessSpans),
      shed: { ...traces.shed, 'group-memory': sum((stats) => stats.shed) },
      bytes: traces.bytes + sum((stats) => stats.bytes),
    };
  }

  #divide(request: ScannedRequest): void {
    for (const [index, part] of this.#parts.entries()) {
      part.bytes = request.bytes;
      part.serial = request.serial;
      part.lists.splice(0, part.lists.length, ...request.lists.slice(0, request.listCount));
      part.listCount = request.listCount;
      part.count = 0;
      const ordinals = this.#ordinals[index];
      if (ordinals !== undefined) ordinals.length = 0;
    }
    const { words, link } = request.rows;
    for (let row = 0; row < request.count; row++) {
      const index = this.#shardOf(words, row * ROW + TRACE_0);
      const part = this.#parts[index];
      if (part === undefined) continue;
      part.rows.reserve(part.count + 1);
      part.rows.words.set(words.subarray(row * ROW, (row + 1) * ROW), part.count * ROW);
      part.rows.link[part.count] = link[row] ?? -1;
      part.count++;
      this.#ordinals[index]?.push(row);
    }
  }

  /** Of the four words of an id at `from`. */
  #shardOf(words: Uint32Array, from: number): number {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words.subarray(from, from + 4);
    return (hashTraceId(w0, w1, w2, w3) >>> 0) % this.#traces.length;
  }
}

/** What each shard of traces takes for its groups. Time is told to the shards of groups by the engine as a whole. */
class GroupRouter implements GroupEngine {
  readonly #shards: readonly GroupEngine[];

  constructor(shards: readonly GroupEngine[]) {
    this.#shards = shards;
  }

  add(member: LiveMember): void {
    const { across } = member.rule.rule.condition;
    const key = across === null ? null : groupKey(member.span, across.key, member.trace);
    this.#shardOf(key).add(member);
  }

  lose(member: Pick<LiveMember, 'rule' | 'span' | 'at'>): void {
    const { across } = member.rule.rule.condition;
    const key = across === null ? null : groupKey(member.span, across.key, { childrenOf: () => [] });
    this.#shardOf(key).lose(member);
  }

  traceClosed(...told: Parameters<GroupEngine['traceClosed']>): void {
    for (const shard of this.#shards) shard.traceClosed(...told);
  }

  traceReopened(...told: Parameters<GroupEngine['traceReopened']>): void {
    for (const shard of this.#shards) shard.traceReopened(...told);
  }

  load(): void {}

  holds(rule: LiveRule): boolean {
    return this.#shards.some((shard) => shard.holds(rule));
  }

  release(): void {}

  settle(): void {}

  tick(): void {}

  nextDue(): null {
    return null;
  }

  resume(): void {}

  doubtGroups(): void {}

  lowWater(): null {
    return null;
  }

  takeCounts(): VerdictCount[] {
    return [];
  }

  health(): RuleHealth[] {
    return [];
  }

  stats(): GroupStats {
    return { openGroups: 0, groupMembers: 0, keylessSpans: 0, shed: 0, bytes: 0 };
  }

  /** Spans without a key are counted by the first shard. */
  #shardOf(key: readonly string[] | null): GroupEngine {
    const index = key === null ? 0 : hashText(JSON.stringify(key))[0] % this.#shards.length;
    return this.#shards[index] as GroupEngine;
  }
}

function earliest(shards: readonly { nextDue(): Millis | null }[]): Millis {
  return Math.min(...shards.map((shard) => shard.nextDue() ?? Number.POSITIVE_INFINITY));
}

function added(a: StreamStats, b: StreamStats): StreamStats {
  const sum = (x: object, y: object): object =>
    Object.fromEntries(
      Object.entries(x).map(([name, value]: [string, unknown]) => {
        const other = (y as Record<string, unknown>)[name];
        return [
          name,
          typeof value === 'number' ? value + Number(other) : sum(value as object, other as object),
        ];
      }),
    );
  return sum(a, b) as StreamStats;
}
