/** The archiver's thread: `createWorkerArchiver` starts it. Built to dist/archiver-worker.js. */
import { parentPort, workerData } from 'node:worker_threads';
import { createArchiver } from './archiver.ts';
import type { ArchiverStart } from './archiver-protocol.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { serveArchiver } from './serve-archiver.ts';
import { readSpanRecords } from './wal/segment-files.ts';

if (parentPort === null) throw new Error('archiver-worker is a thread of Fluo, and not started by itself');
serveArchiver(parentPort, createArchiver(nodeDisk(), readSpanRecords, workerData as ArchiverStart));
