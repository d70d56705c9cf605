/** How much memory new objects get, for a program that lives long. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both halves. */
const WANTED_BYTES = 8 * 1024 * 1024;
const MOST_ROUNDS = 200;
const OBJECTS_A_ROUND = 20_000;

/**
 * Lets the space of new objects grow to 8 MB and no further. By itself it grows to 32 MB under load: then the buffers of what sockets read, which
 * live outside the heap and are young, add up between two collections until V8 takes them for want of memory and collects the whole
 * heap, several times a second. Measured under full load (bench/serve.mjs): threads that collect took 16 % of the machine's time, and next to
 * nothing with 8 MB. V8 has no call for this. The factor by which the space grows is read whenever it grows, and the space grows as objects
 * survive: so a few are made to survive first, in some milliseconds.
 */
export function limitYoungSpace(): void {
  let kept: object[] = [];
  for (let round = 0; round < MOST_ROUNDS && youngBytes() < WANTED_BYTES; round++) {
    if (round % 10 === 0) kept = [];
    for (let count = 0; count < OBJECTS_A_ROUND; count++) kept.push({ count });
  }
  setFlagsFromString('--semi-space-growth-factor=1');
}

function youngBytes(): number {
  return (
    getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? WANTED_BYTES
  );
}
