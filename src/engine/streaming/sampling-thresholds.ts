/** Which sampling thresholds the spans of a trace tell: with more than one, parts of the trace were kept by chance and others not. */
import { samplingThreshold } from '../../trace/span.ts';
import { NOT_SAMPLED } from '../../trace/trace.ts';
import { F_APART } from './held-traces.ts';
import { T_FLAGS, T_THRESHOLD, TRACE, type TraceTable } from './trace-table.ts';

/** Thresholds that have a number have a smaller one; the others share this. */
const UNTOLD_THRESHOLD = 10_001;
/** Tracestates whose threshold is remembered; beyond, all are read again. */
const MOST_STATES = 1000;
/** In characters. Longer ones are not remembered. */
const LONGEST_STATE = 512;

export class SamplingThresholds {
  readonly #traces: TraceTable;
  /** By number, from 1. */
  readonly #texts: string[] = [''];
  readonly #numbers = new Map<string, number>();
  /** Those of traces that were sampled apart. */
  readonly #apart = new Map<number, Set<number>>();
  /** Numbers by tracestate. */
  readonly #ofStates = new Map<string, number>();

  constructor(traces: TraceTable) {
    this.#traces = traces;
  }

  /** Notes what a span of a trace tells in its tracestate. */
  note(number: number, traceState: string): void {
    let known = this.#ofStates.get(traceState);
    if (known === undefined) {
      known = this.#numberOf(samplingThreshold(traceState));
      if (this.#ofStates.size >= MOST_STATES) this.#ofStates.clear();
      if (traceState.length <= LONGEST_STATE) this.#ofStates.set(traceState, known);
    }
    if (known === 0) return;
    const { words } = this.#traces;
    const at = number * TRACE;
    const first = words[at + T_THRESHOLD] as number;
    if (first === 0) words[at + T_THRESHOLD] = known;
    // Thresholds without a number cannot be told apart.
    if (known !== UNTOLD_THRESHOLD && (first === 0 || first === known)) return;
    words[at + T_FLAGS] = (words[at + T_FLAGS] as number) | F_APART;
    const apart = this.#apart.get(number);
    if (apart === undefined) this.#apart.set(number, new Set(first === 0 ? [known] : [first, known]));
    else apart.add(known);
  }

  #numberOf(threshold: string | null): number {
    if (threshold === null) return 0;
    const known = this.#numbers.get(threshold);
    if (known !== undefined) return known;
    if (this.#texts.length >= UNTOLD_THRESHOLD) return UNTOLD_THRESHOLD;
    this.#numbers.set(threshold, this.#texts.length);
    return this.#texts.push(threshold) - 1;
  }

  /** The thresholds that the trace's spans told, sorted, and that it was not sampled. */
  textsOf(number: number, isUnsampled: boolean): string[] {
    const first = this.#traces.words[number * TRACE + T_THRESHOLD] as number;
    const known = this.#apart.get(number) ?? (first === 0 ? [] : [first]);
    const texts = [...known].map((one) => this.#texts[one] ?? 'one of too many to tell apart');
    return (isUnsampled ? [...texts, NOT_SAMPLED] : texts).sort();
  }

  forget(number: number): void {
    if (this.#apart.size > 0) this.#apart.delete(number);
  }
}
