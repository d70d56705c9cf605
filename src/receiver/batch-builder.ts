/** Where cutters put records and objections until a batch is taken. */
import type { DiagnosticCode } from '../diagnostic/codes.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { helpFor } from './input-help.ts';
import type { RecordBatch, TraceFormat, TraceRecord } from './record.ts';

export class BatchBuilder {
  readonly file: string;
  #records: TraceRecord[] = [];
  #diagnostics: Diagnostic[] = [];
  #damaged = 0;

  constructor(file: string) {
    this.file = file;
  }

  add(line: number, format: TraceFormat, bytes: Uint8Array): void {
    this.#records.push({ file: this.file, line, format, bytes });
  }

  /** Objects to the file, or to a line of it; `lost` records are counted as damaged. */
  object(code: DiagnosticCode, message: string, lost: number, place: Place = {}): void {
    this.#damaged += lost;
    const { line, notes, severity = 'error' } = place;
    this.#diagnostics.push({
      code,
      severity,
      message,
      file: this.file,
      ...(line === undefined ? {} : { line }),
      ...(notes === undefined ? {} : { notes }),
      help: helpFor(code),
    });
  }

  /** Takes back what was not handed over: the file turned out to be something else. */
  forget(): void {
    this.take(0);
  }

  /** Hands over what came since the last time. */
  take(bytesRead: number): RecordBatch {
    const batch = {
      records: this.#records,
      diagnostics: this.#diagnostics,
      damaged: this.#damaged,
      bytesRead,
    };
    this.#records = [];
    this.#diagnostics = [];
    this.#damaged = 0;
    return batch;
  }
}

interface Place {
  readonly line?: number;
  readonly notes?: readonly string[];
  readonly severity?: Diagnostic['severity'];
}
