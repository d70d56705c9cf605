/**
 * The second pass: traces whose spans did not come together are gone through again from the start of the input. Few spans are put
 * together in memory. Many are first divided by trace id into files, and the files gone through one after the other, so that
 * memory is bounded however the input is mixed.
 */
import { deserialize, serialize } from 'node:v8';
import { FROM, ROW, TO, TRACE_0, TRACE_1, TRACE_2, TRACE_3 } from '../../otlp/span-rows.ts';
import type { Span } from '../../trace/span.ts';
import { FrameReader, frameOf } from './frames.ts';
import type { RecordReader, RecordRows } from './record-reader.ts';
import { requestOf, type SpanSource } from './span-context.ts';
import type { TempFile, TempStorage } from './temp-storage.ts';
import { hashOf } from './trace-index.ts';
import type { InputRecord } from './trace-input.ts';

export const MOST_PARTS = 256;

/** A frame begins with one of these. */
const SCANNED = 0;
const DECODED = 1;

type Words = [number, number, number, number];
type Accepts = (w0: number, w1: number, w2: number, w3: number) => boolean;

export class PartedSpans {
  readonly #files: readonly TempFile[];
  readonly #accepts: Accepts;

  constructor(parts: number, accepts: Accepts, temp: TempStorage) {
    this.#files = Array.from({ length: parts }, () => temp.create());
    this.#accepts = accepts;
  }

  get parts(): number {
    return this.#files.length;
  }

  /** Writes the accepted spans of a record, each to the file of its trace. */
  write(record: RecordRows): void {
    const byPart = new Map<number, number[]>();
    const { words } = record.rows;
    for (let row = 0, at = 0; row < record.count; row++, at += ROW) {
      const id = [
        words[at + TRACE_0],
        words[at + TRACE_1],
        words[at + TRACE_2],
        words[at + TRACE_3],
      ] as Words;
      if (!this.#accepts(...id)) continue;
      // Other bits of the hash than those the index goes by.
      const part = (hashOf(...id) >>> 8) % this.#files.length;
      const same = byPart.get(part);
      if (same === undefined) byPart.set(part, [row]);
      else same.push(row);
    }
    for (const [part, some] of byPart) {
      const file = this.#files[part] as TempFile;
      if (record.sources === null)
        file.append(tagged(DECODED, serialize(some.map((row) => record.spans[row]))));
      else writeScanned(file, record, record.sources, some);
    }
  }

  /** Reads a part back, in the order written, and removes its file. */
  *read<R extends InputRecord>(part: number, reader: RecordReader<R>): Iterable<RecordRows> {
    const file = this.#files[part] as TempFile;
    for (const frame of new FrameReader(file.read())) {
      const bytes = frame.subarray(1);
      yield frame[0] === DECODED
        ? reader.rowsOf(deserialize(bytes) as Span[])
        : reader.read({ file: '', line: 1, format: 'otlp-json', bytes } as R);
    }
    file.remove();
  }
}

function writeScanned(
  file: TempFile,
  { rows }: RecordRows,
  sources: readonly SpanSource[],
  some: readonly number[],
): void {
  for (let index = 0; index < some.length; ) {
    const list = rows.link[some[index] as number] as number;
    const ranges: { from: number; to: number }[] = [];
    for (; index < some.length && rows.link[some[index] as number] === list; index++) {
      const at = (some[index] as number) * ROW;
      ranges.push({ from: rows.words[at + FROM] as number, to: rows.words[at + TO] as number });
    }
    file.append(tagged(SCANNED, requestOf(sources[list] as SpanSource, ranges)));
  }
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array(bytes.length + 1);
  both[0] = tag;
  both.set(bytes, 1);
  return frameOf(both);
}
