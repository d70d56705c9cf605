/** The archiver's side of its thread: answers one request after another. */
import type { MessagePort } from 'node:worker_threads';
import { ArchiveFailure, type Archiver } from './archiver.ts';
import type { ArchiverAnswer, ArchiverRequest } from './archiver-protocol.ts';

/** What is no failure of the disk is a bug, and ends the thread. */
export function serveArchiver(port: MessagePort, archiver: Archiver): void {
  const answer = (message: ArchiverAnswer) => port.postMessage(message);
  port.on('message', async (request: ArchiverRequest) => {
    if (request.kind === 'close') {
      await archiver.close();
      port.close();
      return;
    }
    const { id } = request;
    try {
      answer({ kind: 'archived', id, segment: await archiver.archive(request.segment) });
    } catch (error) {
      if (!(error instanceof ArchiveFailure)) throw error;
      answer({ kind: 'failed', id, diagnostic: error.diagnostic });
    }
  });
}
