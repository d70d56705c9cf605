/** Drives an engine in tests: spans in, and of what comes out the verdicts that hold now. */
import { NameTable } from '../../../otlp/name-table.ts';
import { encodeRequest } from '../../../otlp/proto/encode-request.ts';
import { RequestScanner } from '../../../otlp/proto/request-scanner.ts';
import { ScannedRequest } from '../../../otlp/proto/scanned-request.ts';
import type { Span } from '../../../trace/span.ts';
import type { JudgedRule } from '../../judged-rule.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../../verdict.ts';
import {
  DEFAULT_STREAM_LIMITS,
  type StreamEngine,
  type StreamLimits,
  type StreamOptions,
  type VerdictEvent,
} from '../stream.ts';

export interface DriverOptions {
  readonly limits?: Partial<StreamLimits>;
  readonly settings?: Partial<JudgeSettings>;
  /** How many names the name table has room for. */
  readonly names?: number;
}

export class StreamDriver {
  readonly engine: StreamEngine;
  readonly events: VerdictEvent[] = [];
  readonly #scanner: RequestScanner;
  readonly #request = new ScannedRequest();
  readonly #counts = new Map<string, number>();
  #position = 0;

  constructor(
    create: (options: StreamOptions) => StreamEngine,
    { limits = {}, settings = {}, names }: DriverOptions = {},
  ) {
    const table = new NameTable(names);
    this.#scanner = new RequestScanner(table);
    this.engine = create({
      names: table,
      settings: { ...DEFAULT_JUDGE_SETTINGS, ...settings },
      limits: { ...DEFAULT_STREAM_LIMITS, ...limits },
      onVerdict: (event) => this.events.push(event),
    });
  }

  load(rules: readonly JudgedRule[], at = 0, version = '1'): void {
    this.engine.load(
      rules.map((rule) => ({ rule, version })),
      at,
    );
  }

  /** Adds the spans as one request, the position one more than the last. Gives the ordinals of repetitions. */
  add(spans: readonly Span[], at: number): number[] {
    const fault = this.#scanner.scan(encodeRequest(spans), this.#request);
    if (fault !== null) throw new Error(JSON.stringify(fault));
    return [...this.engine.add(this.#request, at, this.#position++)];
  }

  tick(at: number): void {
    this.engine.tick(at);
  }

  /** Net counts since the beginning, `rule verdict` to number, without zeros. */
  counts(): Record<string, number> {
    for (const { rule, verdict, count } of this.engine.takeCounts()) {
      const key = `${rule} ${verdict}`;
      this.#counts.set(key, count + (this.#counts.get(key) ?? 0));
    }
    return Object.fromEntries([...this.#counts].filter(([, count]) => count !== 0).sort());
  }

  /** What was told last of a rule and a scope: `true` where that is violated. */
  told(): Map<string, boolean> {
    return new Map(
      this.events.map(({ kind, rule, scope }) => [`${rule.id} ${scope.id}`, kind === 'violated'] as const),
    );
  }
}
