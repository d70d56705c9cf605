/** Requests straight to the engine. */
import type { NameTable } from '../otlp/name-table.ts';
import { RequestScanner } from '../otlp/proto/request-scanner.ts';
import type { ScanLimits } from '../otlp/proto/scan-limits.ts';
import { ScannedRequest } from '../otlp/proto/scanned-request.ts';
import type { IntakeOutcome, IntakeRefusal, SpanIntake } from '../receiver/span-intake.ts';
import type { SteadyClock } from './clock.ts';
import type { EngineHost } from './engine-host.ts';

export class DirectIntake implements SpanIntake {
  readonly #host: EngineHost;
  readonly #time: SteadyClock;
  readonly #scanner: RequestScanner;
  readonly #request = new ScannedRequest();
  #position = 0;

  constructor(options: {
    readonly names: NameTable;
    readonly limits: ScanLimits;
    readonly host: EngineHost;
    readonly time: SteadyClock;
  }) {
    this.#host = options.host;
    this.#time = options.time;
    this.#scanner = new RequestScanner(options.names, options.limits);
  }

  async export(bytes: Uint8Array): Promise<IntakeOutcome> {
    const fault = this.#scanner.scan(bytes, this.#request);
    if (fault !== null) return { kind: 'malformed', message: fault.kind };
    this.#host.add(this.#request, this.#time.now(), ++this.#position);
    return { kind: 'accepted', rejectedSpans: this.#request.rejected, message: '' };
  }

  admit(): IntakeRefusal | null {
    return null;
  }
}
