/** Keeps a copy of input that cannot be read twice, such as standard input, in case that it must be. */
import { FrameReader, frameOf } from './frames.ts';
import type { TempFile, TempStorage } from './temp-storage.ts';
import type { InputRecord } from './trace-input.ts';

export class RecordTee {
  readonly #file: TempFile;

  constructor(temp: TempStorage) {
    this.#file = temp.create();
  }

  write({ file, line, format, bytes }: InputRecord): void {
    this.#file.append(frameOf(new TextEncoder().encode(JSON.stringify({ file, line, format }))));
    this.#file.append(frameOf(bytes));
  }

  *read(): Iterable<InputRecord> {
    let header: Omit<InputRecord, 'bytes'> | null = null;
    for (const frame of new FrameReader(this.#file.read())) {
      if (header === null) header = JSON.parse(new TextDecoder().decode(frame)) as InputRecord;
      else {
        yield { ...header, bytes: frame };
        header = null;
      }
    }
  }
}
