/** Reads the body of a request into one piece of memory, within the limits, with one copy. */
import type { Readable } from 'node:stream';
import type { BodyPool } from './body-pool.ts';
import type { Holding } from './receiver-limits.ts';

export type BodyRead =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  /** More than the limit. The rest was not read. */
  | { readonly kind: 'too-large' }
  /** No room within the budget. The rest was not read. */
  | { readonly kind: 'no-room' }
  /** The client went away, or the connection broke. */
  | { readonly kind: 'gone' };

/** Up to this, memory is taken at once for what the client says that it sends; beyond, as it arrives. */
const TRUSTED_LENGTH = 256 * 1024;
/** Memory that is taken first where the client does not say how much it sends. */
const UNDECLARED_LENGTH = 16 * 1024;
const NOTHING = new Uint8Array(0);

/** The length of a body as its first bytes tell it; -1 where they do not. */
export type LengthIn = (first: Uint8Array) => number;

/**
 * Reads to the end. `declared` is the length that the client named, or -1: then `lengthIn` is asked with what came first. What is held is counted in `holding`; memory grows only
 * with what has arrived, so that a client that promises much and sends nothing costs nothing. The bytes lie in memory of `pool`, to be given back.
 */
export function readBody(
  request: Readable,
  declared: number,
  limit: number,
  holding: Holding,
  pool: BodyPool,
  lengthIn?: LengthIn,
): Promise<BodyRead> {
  return new Promise((resolve) => {
    let told = declared;
    let bytes: Uint8Array = NOTHING;
    let length = 0;

    const settle = (result: BodyRead): void => {
      if (result.kind !== 'body') pool.give(bytes);
      request.off('data', take);
      request.off('end', end);
      request.off('close', gone);
      request.off('error', gone);
      // What is left has nobody to look at it: an error in it must not end the program.
      request.on('error', () => {});
      resolve(result);
    };
    const take = (chunk: Uint8Array): void => {
      const needed = length + chunk.length;
      if (needed > bytes.length) {
        if (length === 0 && told < 0 && lengthIn !== undefined) told = lengthIn(chunk);
        if (Math.max(needed, told) > limit) {
          request.pause();
          settle({ kind: 'too-large' });
          return;
        }
        const next = Math.max(told < 0 ? UNDECLARED_LENGTH : TRUSTED_LENGTH, bytes.length * 2);
        const room = Math.max(needed, Math.min(told < 0 ? limit : told, next));
        if (!holding.raiseTo(room)) {
          request.pause();
          settle({ kind: 'no-room' });
          return;
        }
        const grown = pool.take(room);
        if (length > 0) grown.set(bytes.subarray(0, length));
        pool.give(bytes);
        bytes = grown;
      }
      bytes.set(chunk, length);
      length = needed;
    };
    const end = (): void => {
      settle({ kind: 'body', bytes: length === bytes.length ? bytes : bytes.subarray(0, length) });
    };
    const gone = (): void => settle({ kind: 'gone' });

    request.on('data', take);
    request.on('end', end);
    request.on('close', gone);
    request.on('error', gone);
  });
}

/**
 * Reads the rest of a body and throws it away, so that the client reads the answer instead of a broken connection; after `most`
 * bytes it calls `enough`.
 */
export function discardBody(request: Readable, most: number, enough: () => void): void {
  let left = most;
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) enough();
  });
  request.resume();
}
