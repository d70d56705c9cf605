/** An archiver in a thread of its own, so that it does not take time from the receivers. */
import { Worker } from 'node:worker_threads';
import {
  type ArchivedSegment,
  ArchiveFailure,
  type Archiver,
  type ArchiverOptions,
  type SealedSegment,
} from './archiver.ts';
import type { ArchiverAnswer, ArchiverRequest, ArchiverStart } from './archiver-protocol.ts';

interface Waiting {
  readonly resolve: (segment: ArchivedSegment) => void;
  readonly reject: (error: unknown) => void;
}

/** Of the thread's heap, in MiB: columns lie outside of it. */
const MOST_HEAP = 256;
/** Of new objects: there are few, and without a bound their space grows for an hour. */
const MOST_NEW_HEAP = 12;

/**
 * `program`: the built archiver-worker.js. A thread that ends by itself rejects what was asked of it with FL831, and the next call starts
 * another. Calls are answered in their order, one at a time: whoever calls sees by the promises how far behind it is.
 */
export function createWorkerArchiver(program: URL, options: ArchiverOptions): Archiver {
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let worker: Worker | null = null;
  let ended: Promise<void> = Promise.resolve();

  const start = (): Worker => {
    const started = new Worker(program, {
      workerData: options satisfies ArchiverStart,
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP, maxYoungGenerationSizeMb: MOST_NEW_HEAP },
    });
    let reason = 'it ended';
    started.on('message', (answer: ArchiverAnswer) => {
      const caller = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (answer.kind === 'archived') caller?.resolve(answer.segment);
      else caller?.reject(new ArchiveFailure(answer.diagnostic));
    });
    started.on('error', (error) => {
      reason = error.message;
    });
    ended = new Promise((resolve) => {
      started.on('exit', () => {
        if (worker === started) worker = null;
        for (const { reject } of waiting.values()) reject(workerEnded(reason));
        waiting.clear();
        resolve();
      });
    });
    return started;
  };

  return {
    archive(segment: SealedSegment) {
      worker ??= start();
      const id = ++calls;
      const request: ArchiverRequest = { kind: 'archive', id, segment };
      const archived = new Promise<ArchivedSegment>((resolve, reject) =>
        waiting.set(id, { resolve, reject }),
      );
      worker.postMessage(request);
      return archived;
    },
    async close() {
      worker?.postMessage({ kind: 'close' } satisfies ArchiverRequest);
      await ended;
    },
  };
}

function workerEnded(reason: string): ArchiveFailure {
  return new ArchiveFailure({
    code: 'FL831',
    severity: 'error',
    message: `the archiver's thread ended: ${reason}`,
    notes: ['the spans are safe in the write-ahead log, and another thread is started'],
    help: 'give the machine more memory if it happens again',
  });
}
