/**
 * The second pass: traces whose spans did not come together are gone through again from the start of the input. Few spans are put
 * together in memory. Many are first divided by trace id into files, and the files gone through one after the other, so that
 * memory is bounded however the input is mixed.
 */
import { deserialize, serialize } from 'node:v8';
import type { Span } from '../../trace/span.ts';
import { FrameReader, frameOf } from './frames.ts';
import type { RecordReader, SpanRows } from './record-reader.ts';
import { requestOf, type SpanSource } from './span-context.ts';
import type { TempFile, TempStorage } from './temp-storage.ts';
import { hashOf } from './trace-index.ts';
import type { InputRecord } from './trace-input.ts';

export const MOST_PARTS = 256;

/** A frame begins with one of these. */
const SCANNED = 0;
const DECODED = 1;

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
  write(rows: SpanRows): void {
    const byPart = new Map<number, number[]>();
    const { trace0, trace1, trace2, trace3 } = rows.columns;
    for (let row = 0; row < rows.count; row++) {
      const words = [trace0[row], trace1[row], trace2[row], trace3[row]] as [number, number, number, number];
      if (!this.#accepts(...words)) continue;
      // Other bits of the hash than those the index goes by.
      const part = (hashOf(...words) >>> 8) % this.#files.length;
      const same = byPart.get(part);
      if (same === undefined) byPart.set(part, [row]);
      else same.push(row);
    }
    for (const [part, some] of byPart) {
      const file = this.#files[part] as TempFile;
      if (rows.sourceOf === null) {
        const spans = some.map((row) => rows.payloadOf(row) as Span);
        file.append(tagged(DECODED, serialize(spans)));
      } else this.#writeScanned(file, rows, some, rows.sourceOf);
    }
  }

  /** Reads a part back, in the order written, and removes its file. */
  *read<R extends InputRecord>(part: number, reader: RecordReader<R>): Iterable<SpanRows> {
    const file = this.#files[part] as TempFile;
    for (const frame of new FrameReader(file.read())) {
      const bytes = frame.subarray(1);
      yield frame[0] === DECODED
        ? reader.rowsOf(deserialize(bytes) as Span[])
        : reader.read({ file: '', line: 1, format: 'otlp-json', bytes } as R);
    }
    file.remove();
  }

  #writeScanned(
    file: TempFile,
    rows: SpanRows,
    some: readonly number[],
    sourceOf: (row: number) => SpanSource,
  ): void {
    const { from, to } = rows.columns;
    for (let index = 0; index < some.length; ) {
      const source = sourceOf(some[index] as number);
      const ranges: { from: number; to: number }[] = [];
      for (; index < some.length && sourceOf(some[index] as number) === source; index++) {
        const row = some[index] as number;
        ranges.push({ from: from[row] as number, to: to[row] as number });
      }
      file.append(tagged(SCANNED, requestOf(source, ranges)));
    }
  }
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array(bytes.length + 1);
  both[0] = tag;
  both.set(bytes, 1);
  return frameOf(both);
}
