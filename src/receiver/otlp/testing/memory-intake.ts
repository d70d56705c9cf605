/** An intake that keeps spans in memory, decoded by the complete reader, for tests of receivers. */
import { readProtoRequest } from '../../../otlp/proto/trace-request.ts';
import { SpanSink } from '../../../otlp/span-sink.ts';
import type { Span } from '../../../trace/span.ts';
import type { IntakeOutcome, IntakeRefusal, SpanIntake, Transport } from '../../span-intake.ts';

export interface TakenRequest {
  readonly transport: Transport;
  readonly bytes: Uint8Array;
  readonly spans: readonly Span[];
}

export class MemoryIntake implements SpanIntake {
  readonly requests: TakenRequest[] = [];
  /** Answers to give before any request is taken, the first one first. */
  readonly refusals: IntakeRefusal[] = [];
  /** What `admit` says. */
  closed: IntakeRefusal | null = null;
  /** Requests that are held back until `release`. */
  holding = false;
  /** Says of every request that it is none, and why. */
  malformed: string | null = null;
  /** Says of every request that it was taken in part. */
  partial: { readonly rejectedSpans: number; readonly message: string } | null = null;
  /** Requests that came, taken or not. */
  calls = 0;
  #held: (() => void)[] = [];
  #watchers: { readonly count: number; readonly resolve: () => void }[] = [];

  get spans(): readonly Span[] {
    return this.requests.flatMap((request) => request.spans);
  }

  admit(_bytes: number): IntakeRefusal | null {
    return this.closed;
  }

  async export(bytes: Uint8Array, transport: Transport): Promise<IntakeOutcome> {
    this.calls++;
    this.#watchers = this.#watchers.filter(({ count, resolve }) => {
      if (this.calls < count) return true;
      resolve();
      return false;
    });
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return refusal;
    if (this.malformed !== null) return { kind: 'malformed', message: this.malformed };
    const sink = new SpanSink();
    readProtoRequest(sink, bytes);
    const [fault] = sink.faults;
    if (fault?.code === 'FL515') return { kind: 'malformed', message: fault.message };
    this.requests.push({ transport, bytes, spans: sink.spans });
    if (this.partial !== null) return { kind: 'accepted', ...this.partial };
    return { kind: 'accepted', rejectedSpans: sink.damaged, message: fault?.message ?? '' };
  }

  /** Resolves when so many requests have come, taken or not. */
  came(count: number): Promise<void> {
    if (this.calls >= count) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ count, resolve }));
  }

  /** Lets the held requests go on. */
  release(): void {
    this.holding = false;
    for (const go of this.#held.splice(0)) go();
  }
}
