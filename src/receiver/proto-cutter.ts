/**
 * Cuts protobuf into messages. A single request is cut at its resources: each entry of field 1, with its tag, is a
 * request of its own. A file of many has each message's length before it.
 */
import type { BatchBuilder } from './batch-builder.ts';
import { ByteStore } from './byte-store.ts';
import { humanBytes, type InputLimits } from './input-limits.ts';

/** `bare`: one message; `be32`: lengths in four bytes, big end first, as the Collector writes them; `varint`: as protobuf libraries do. */
export type ProtoFraming = 'bare' | 'be32' | 'varint';

const LENGTH_WIRE = 2;
const RESOURCE_SPANS_TAG = 0x0a;

/** What stands before a message: its own size, that of what follows, and where the record begins. */
interface Header {
  readonly size: number;
  readonly length: number;
  /** Bytes of the header that belong to the record. */
  readonly kept: boolean;
  /** A field of the request that holds no spans. */
  readonly foreign: boolean;
}

export class ProtoCutter {
  readonly #out: BatchBuilder;
  readonly #limits: InputLimits;
  readonly #framing: ProtoFraming;
  readonly #held = new ByteStore();
  /** With less than this held, there is no whole message. */
  #needed = 0;
  /** Bytes of a message that is passed over. */
  #toSkip = 0;
  #ordinal = 1;
  #broken = false;

  constructor(out: BatchBuilder, limits: InputLimits, framing: ProtoFraming) {
    this.#out = out;
    this.#limits = limits;
    this.#framing = framing;
  }

  /** The lengths do not fit: nothing more can be read. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Takes the next bytes. They must not be written again: records point into them. */
  push(chunk: Uint8Array): void {
    let at = this.#skip(chunk, 0);
    if (this.#broken || at === chunk.length) return;
    if (this.#held.length > 0) {
      this.#held.append(chunk, at, chunk.length);
      if (this.#held.length < this.#needed) return;
      // Records point into these bytes, so they cannot be used again.
      const bytes = this.#held.bytes.slice(0, this.#held.length);
      this.#held.clear();
      this.#hold(bytes, this.#messages(bytes, 0));
      return;
    }
    at = this.#messages(chunk, at);
    this.#hold(chunk, at);
  }

  end(): void {
    if (this.#broken) return;
    if (this.#held.length > 0 || this.#toSkip > 0) {
      this.#out.object('FL512', `the input ends in the middle of message ${this.#ordinal}`, 1);
    }
  }

  #hold(bytes: Uint8Array, from: number): void {
    if (!this.#broken && from < bytes.length) this.#held.append(bytes, from, bytes.length);
  }

  #skip(chunk: Uint8Array, from: number): number {
    const skipped = Math.min(this.#toSkip, chunk.length - from);
    this.#toSkip -= skipped;
    return from + skipped;
  }

  /** Makes records of the whole messages, and returns where the first that is not whole begins. */
  #messages(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      const header = this.#header(bytes, at);
      if (header === 'cut off') {
        this.#needed = 0;
        return at;
      }
      if (header === 'wrong') {
        this.#broken = true;
        this.#out.object('FL516', `message ${this.#ordinal} does not begin as a message of OTLP does`, 1);
        return bytes.length;
      }
      const end = at + header.size + header.length;
      if (header.length > this.#limits.record) {
        const limit = humanBytes(this.#limits.record);
        this.#out.object('FL513', `message ${this.#ordinal} is larger than ${limit}`, 1);
        this.#ordinal++;
        this.#toSkip = end - at;
        at = this.#skip(bytes, at);
        continue;
      }
      if (end > bytes.length) {
        this.#needed = end - at;
        return at;
      }
      if (!header.foreign && header.length > 0) {
        this.#out.add(this.#ordinal, 'otlp-proto', bytes.subarray(header.kept ? at : at + header.size, end));
      }
      this.#ordinal++;
      at = end;
    }
    return at;
  }

  #header(bytes: Uint8Array, at: number): Header | 'cut off' | 'wrong' {
    if (this.#framing === 'be32') {
      if (at + 4 > bytes.length) return 'cut off';
      return { size: 4, length: bigEndian32(bytes, at), kept: false, foreign: false };
    }
    if (this.#framing === 'varint') {
      const length = readVarint(bytes, at);
      if (typeof length === 'string') return length;
      return { size: length.size, length: length.value, kept: false, foreign: false };
    }
    const tag = readVarint(bytes, at);
    if (typeof tag === 'string') return tag;
    if ((tag.value & 7) !== LENGTH_WIRE || tag.value >>> 3 === 0) return 'wrong';
    const length = readVarint(bytes, at + tag.size);
    if (typeof length === 'string') return length;
    const foreign = tag.value !== RESOURCE_SPANS_TAG;
    return { size: tag.size + length.size, length: length.value, kept: true, foreign };
  }
}

/** Four bytes, big end first. */
export function bigEndian32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

/** A varint of at most 32 bits. */
export function readVarint(
  bytes: Uint8Array,
  from: number,
): { value: number; size: number } | 'cut off' | 'wrong' {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    if (from + index >= bytes.length) return 'cut off';
    const byte = bytes[from + index] as number;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value < 2 ** 32 ? { value, size: index + 1 } : 'wrong';
  }
  return 'wrong';
}
