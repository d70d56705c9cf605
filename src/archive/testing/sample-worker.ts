/** The archiver's thread over segments in the tests' own form; a segment called `crash` ends it. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createArchiver } from '../archiver.ts';
import type { ArchiverStart } from '../archiver-protocol.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { serveArchiver } from '../serve-archiver.ts';
import { readSegmentFile } from './sample-segment.ts';

const archiver = createArchiver(
  nodeDisk(),
  (disk, path) => {
    if (path.endsWith('crash')) process.exit(3);
    return readSegmentFile(disk, path);
  },
  workerData as ArchiverStart,
);
serveArchiver(parentPort as MessagePort, archiver);
