/** Pieces of bytes in a file, each behind its length in four bytes. */

/** A piece with its length before it. */
export function frameOf(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 4);
  new DataView(frame.buffer).setUint32(0, bytes.length);
  frame.set(bytes, 4);
  return frame;
}

/** The pieces of a file of frames, each in memory of its own. */
export class FrameReader {
  readonly #chunks: Iterable<Uint8Array>;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  *[Symbol.iterator](): Iterator<Uint8Array> {
    let rest: Uint8Array = new Uint8Array(0);
    /** Pieces of a frame that is longer than what has been read. */
    let waiting: Uint8Array[] = [];
    let wanted = 0;
    let have = 0;
    for (const chunk of this.#chunks) {
      waiting.push(chunk);
      have += chunk.length;
      if (have < wanted) continue;
      rest = waiting.length === 1 ? chunk : Buffer.concat(waiting);
      let at = 0;
      wanted = 4;
      while (rest.length - at >= 4) {
        const length = new DataView(rest.buffer, rest.byteOffset + at, 4).getUint32(0);
        wanted = length + 4;
        if (rest.length - at < wanted) break;
        yield rest.slice(at + 4, at + wanted);
        at += wanted;
        wanted = 4;
      }
      const left = rest.subarray(at);
      waiting = left.length === 0 ? [] : [left];
      have = left.length;
    }
    if (have > 0) throw new Error('a temporary file ends within a frame');
  }
}
