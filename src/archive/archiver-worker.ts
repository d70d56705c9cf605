/** The archiver's thread: `createWorkerArchiver` starts it. Built to dist/archiver-worker.js. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createArchiver } from './archiver.ts';
import type { ArchiverStart } from './archiver-protocol.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { serveArchiver } from './serve-archiver.ts';
import { spanRecordReader } from './wal/segment-files.ts';

/** Beside one busy thread it still gets a quarter of a processor: with 10 it fell behind for ever longer on a machine that had other work too. */
const NICENESS = 5;

if (parentPort === null) throw new Error('archiver-worker is a thread of Fluo, and not started by itself');
if (process.platform === 'linux') yieldToOthers();
serveArchiver(parentPort, createArchiver(nodeDisk(), spanRecordReader(), workerData as ArchiverStart));

/** On Linux a priority is one of a thread: requests are answered first, and the archive is written in what time is left. */
function yieldToOthers(): void {
  try {
    setPriority(NICENESS);
  } catch {
    // A sandbox may forbid it: then both have the same share.
  }
}
