/**
 * Bundles of members, sorted with little memory: what is held is sorted and written as a run when told so, and at the end all runs are
 * read side by side. When a level has many runs, they become one run of the next level.
 */
import { deserialize, serialize } from 'node:v8';
import { FrameReader, frameOf } from './frames.ts';
import { compareBundles, type MemberBundle, weightOf } from './member-bundle.ts';
import { MergeQueue } from './merge-queue.ts';
import type { TempFile, TempStorage } from './temp-storage.ts';

/** Runs of one level, which are open files. */
const MOST_RUNS = 16;
/** About how many bytes of bundles are written, and so read, at once. */
const FRAME_BYTES = 64 * 1024;

export class SortedBundles {
  /** About how many bytes are held. */
  weight = 0;
  /** Runs written. */
  written = 0;
  readonly #temp: TempStorage;
  readonly #isWithdrawn: (number: number) => boolean;
  #held: MemberBundle[] = [];
  readonly #levels: TempFile[][] = [];

  /** `isWithdrawn`: of which traces the bundles are left out. */
  constructor(temp: TempStorage, isWithdrawn: (number: number) => boolean) {
    this.#temp = temp;
    this.#isWithdrawn = isWithdrawn;
  }

  /** Adds a bundle; returns its weight. */
  add(bundle: MemberBundle): number {
    const weight = weightOf(bundle);
    this.#held.push(bundle);
    this.weight += weight;
    return weight;
  }

  /** Writes what is held. */
  spill(): void {
    this.#write(this.#sortedHeld(), 0);
    this.#held = [];
    this.weight = 0;
  }

  /** All bundles in order; to be called once, at the end. */
  *all(): Generator<MemberBundle> {
    const held = this.#sortedHeld();
    this.#held = [];
    yield* this.#merged(this.#levels.flat(), held);
  }

  #sortedHeld(): MemberBundle[] {
    return this.#held.filter(({ number }) => !this.#isWithdrawn(number)).sort(compareBundles);
  }

  #write(sorted: Iterable<MemberBundle>, level: number): void {
    const file = this.#temp.create();
    this.written++;
    for (const frame of inFrames(sorted)) file.append(frameOf(serialize(frame)));
    const runs = this.#levels[level] ?? [];
    this.#levels[level] = runs;
    runs.push(file);
    if (runs.length < MOST_RUNS) return;
    this.#levels[level] = [];
    this.#write(this.#merged(runs, []), level + 1);
  }

  *#merged(runs: readonly TempFile[], held: readonly MemberBundle[]): Generator<MemberBundle> {
    const queue = new MergeQueue(compareBundles);
    queue.add(held);
    for (const run of runs) queue.add(this.#read(run));
    for (let bundle = queue.take(); bundle !== undefined; bundle = queue.take()) yield bundle;
    for (const run of runs) run.remove();
  }

  *#read(run: TempFile): Generator<MemberBundle> {
    for (const frame of new FrameReader(run.read())) {
      for (const bundle of deserialize(frame) as MemberBundle[]) {
        if (!this.#isWithdrawn(bundle.number)) yield bundle;
      }
    }
  }
}

/** Bundles that are written together: what they share, such as a resource, is written once. */
function* inFrames(sorted: Iterable<MemberBundle>): Generator<readonly MemberBundle[]> {
  let frame: MemberBundle[] = [];
  let weight = 0;
  for (const bundle of sorted) {
    frame.push(bundle);
    weight += weightOf(bundle);
    if (weight < FRAME_BYTES) continue;
    yield frame;
    frame = [];
    weight = 0;
  }
  if (frame.length > 0) yield frame;
}
