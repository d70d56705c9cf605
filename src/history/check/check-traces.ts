/**
 * The whole check: rules over the traces of an input, in one pass if the input is roughly in time order, in two if not. A trace's
 * verdict is that of all its spans in the input, wherever they are in it.
 *
 *     records ── rows of columns ── traces ── judged as they close ── tally
 *                                     │                                 ▲
 *                                     └─ what came late: again, whole ──┤
 *                                        members of groups, at the end ─┘
 */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import type { GroupJudgment } from '../../engine/reference/judge-across.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../../engine/verdict.ts';
import { NameTable } from '../../otlp/name-table.ts';
import { Assembler } from './assembler.ts';
import type { CheckResult } from './check-result.ts';
import { ClosedIdentities } from './closed-identities.ts';
import {
  type ClosingLimits,
  DEFAULT_CLOSING_LIMITS,
  DEFAULT_MEMORY_LIMITS,
  type MemoryLimits,
} from './closing-limits.ts';
import { ClosingTrace } from './closing-trace.ts';
import { GroupMembers } from './group-members.ts';
import { OpenSpans } from './open-spans.ts';
import { RecordReader, type RecordRows } from './record-reader.ts';
import { RecordTee } from './record-tee.ts';
import { MOST_PARTS, PartedSpans } from './redo.ts';
import { Tally } from './tally.ts';
import type { TempStorage } from './temp-storage.ts';
import { REDO, TraceIndex } from './trace-index.ts';
import type { DecodedRecord, InputBatch, InputRecord } from './trace-input.ts';
import { TraceJudge } from './trace-judge.ts';

export interface CheckOptions<R extends InputRecord = InputRecord> {
  readonly rules: readonly JudgedRule[];
  /** All records. Iterated a second time when spans came too late, unless `isRepeatable` is false. */
  readonly inputs: AsyncIterable<InputBatch<R>>;
  /** False: the input can be read once only (standard input); a copy is kept in `temp`. Default true. */
  readonly isRepeatable?: boolean;
  /** Decodes any record; also pieces of OTLP/JSON that the check cuts out itself. */
  readonly decode: (record: R) => DecodedRecord;
  readonly temp: TempStorage;
  readonly settings?: JudgeSettings;
  readonly limits?: ClosingLimits;
  readonly memory?: MemoryLimits;
  /** Stop at the first damaged record. */
  readonly strict?: boolean;
  /** Ends the check by throwing the signal's reason. Temporary files are removed. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
}

export interface CheckProgress {
  /** 1, or 2 when the input is read again. */
  readonly pass: number;
  readonly bytesRead: number;
  readonly spans: number;
}

/**
 * Checks. Cost: of OTLP/JSON about 0.5 µs a span, and the judging of those traces in which a rule's trigger may have occurred. Memory: the
 * spans of open traces, about 40 bytes for each trace seen, and what the findings show. Throws what reading the input and writing
 * temporary files throw; removes its temporary files in every case.
 */
export async function checkTraces<R extends InputRecord>(options: CheckOptions<R>): Promise<CheckResult> {
  try {
    return await new Check(options).run();
  } finally {
    options.temp.close();
  }
}

/** More diagnostics than this are counted only. */
const MOST_DIAGNOSTICS = 10_000;
/** Above all numbers of traces of the first pass. */
const REDO_NUMBERS = 2 ** 40;

class Check<R extends InputRecord> {
  readonly #options: CheckOptions<R>;
  readonly #settings: JudgeSettings;
  readonly #limits: ClosingLimits;
  readonly #memory: MemoryLimits;
  readonly #names = new NameTable();
  readonly #reader: RecordReader<R>;
  readonly #tally: Tally;
  readonly #groups: GroupMembers;
  readonly #judge: TraceJudge;
  readonly #diagnostics: Diagnostic[] = [];
  #unlistedDiagnostics = 0;
  #damaged = 0;
  #foreign = 0;
  #mended = 0;
  #stopped = false;
  #recordBytes = 0;
  #spilled = 0;
  #redoNumber = REDO_NUMBERS;

  constructor(options: CheckOptions<R>) {
    this.#options = options;
    this.#settings = { ...(options.settings ?? DEFAULT_JUDGE_SETTINGS), witnesses: 'findings' };
    this.#limits = options.limits ?? DEFAULT_CLOSING_LIMITS;
    this.#memory = options.memory ?? DEFAULT_MEMORY_LIMITS;
    this.#reader = new RecordReader(this.#names, options.decode);
    this.#tally = new Tally(options.rules, this.#memory);
    this.#groups = new GroupMembers(options.rules, this.#memory.groupBytes, options.temp);
    this.#judge = new TraceJudge(options.rules, this.#settings, this.#names, this.#tally, this.#groups);
  }

  async run(): Promise<CheckResult> {
    const index = new TraceIndex();
    const first = this.#assembler(index, this.#memory, (number) => number);
    const tee = this.#options.isRepeatable === false ? new RecordTee(this.#options.temp) : null;
    await this.#read(first, tee);
    first.finish();
    const totals = { spans: first.distinct, conflicting: first.conflicting, read: first.read };
    const { scanned, decoded } = this.#reader;
    if (first.redoTraces > 0) {
      const again = await this.#redo(first, index, tee);
      totals.spans += again.spans;
      totals.conflicting += again.conflicting;
    }
    this.#judgeGroups();
    const { rules, findings, unlistedViolations } = this.#tally.result();
    this.#remarkOnLimits(unlistedViolations);
    return {
      traces: index.count,
      spans: totals.spans + totals.conflicting,
      repeated: totals.read - totals.spans - totals.conflicting,
      conflicting: totals.conflicting,
      damaged: this.#damaged,
      foreign: this.#foreign,
      mended: this.#mended,
      rules,
      findings,
      diagnostics: this.#diagnostics,
      stopped: this.#stopped,
      passes: { scanned, decoded, redone: first.redoTraces, spilled: this.#spilled + this.#groups.spilled },
    };
  }

  #assembler(
    index: TraceIndex,
    memory: MemoryLimits,
    numberOf: (trace: number) => number,
    accepts?: (w0: number, w1: number, w2: number, w3: number) => boolean,
  ): Assembler {
    const pool = new OpenSpans((name) => this.#names.textOf(name));
    return new Assembler({
      index,
      pool,
      closing: new ClosingTrace(pool, this.#reader.contexts, this.#limits.maxAge),
      identities: new ClosedIdentities(memory.closedIdentities),
      limits: this.#limits,
      memory,
      ...(accepts === undefined ? {} : { accepts }),
      close: (trace, number) => this.#judge.judge(trace, pool, numberOf(number)),
      withdraw: (outcome, number) => {
        this.#tally.withdraw(outcome, numberOf(number));
        this.#groups.withdraw(numberOf(number));
      },
    });
  }

  async #read(assembler: Assembler, tee: RecordTee | null): Promise<void> {
    for await (const batch of this.#options.inputs) {
      this.#options.signal?.throwIfAborted();
      this.#remark(batch.diagnostics);
      this.#damaged += batch.damaged;
      if (this.#mustStop()) return;
      for (const record of batch.records) {
        tee?.write(record);
        this.#recordBytes += record.bytes.length;
        const rows = this.#reader.read(record);
        this.#noteRemarks();
        assembler.add(rows);
        if (this.#mustStop()) return;
      }
      this.#options.onProgress?.({ pass: 1, bytesRead: batch.bytesRead, spans: assembler.read });
    }
  }

  #mustStop(): boolean {
    this.#stopped = this.#options.strict === true && this.#damaged > 0;
    return this.#stopped;
  }

  #noteRemarks(): void {
    const { remarks } = this.#reader;
    if (remarks === null) return;
    this.#remark(remarks.diagnostics);
    this.#damaged += remarks.damaged;
    this.#foreign += remarks.foreign;
    this.#mended += remarks.mended ?? 0;
  }

  /** Goes through the input again for the traces that the first pass could not keep together. */
  async #redo(
    first: Assembler,
    index: TraceIndex,
    tee: RecordTee | null,
  ): Promise<{ spans: number; conflicting: number }> {
    const accepts = (w0: number, w1: number, w2: number, w3: number): boolean => {
      const trace = index.find(w0, w1, w2, w3);
      return trace >= 0 && index.state[trace] === REDO;
    };
    const bytes = (this.#recordBytes / Math.max(1, first.read)) * first.redoSpans;
    const { redoSpans, redoBytes } = this.#memory;
    const parts = Math.min(MOST_PARTS, Math.ceil(Math.max(first.redoSpans / redoSpans, bytes / redoBytes)));
    const sum = { spans: 0, conflicting: 0 };
    const finish = (assembler: Assembler, traces: TraceIndex): void => {
      assembler.finish();
      sum.spans += assembler.distinct;
      sum.conflicting += assembler.conflicting;
      this.#redoNumber += traces.count;
    };
    if (parts <= 1) {
      const traces = new TraceIndex();
      const assembler = this.#wholeAssembler(traces, accepts);
      await this.#readAgain(tee, (rows) => assembler.add(rows));
      finish(assembler, traces);
      return sum;
    }
    const parted = new PartedSpans(parts, accepts, this.#options.temp);
    this.#spilled += parts;
    await this.#readAgain(tee, (rows) => parted.write(rows));
    for (let part = 0; part < parts; part++) {
      // A chance for an interrupt to be noticed.
      await new Promise((resolve) => setImmediate(resolve));
      this.#options.signal?.throwIfAborted();
      const traces = new TraceIndex();
      const assembler = this.#wholeAssembler(traces);
      for (const rows of parted.read(part, this.#reader)) assembler.add(rows);
      finish(assembler, traces);
    }
    return sum;
  }

  /** An assembler that holds everything until the end. */
  #wholeAssembler(
    index: TraceIndex,
    accepts?: (w0: number, w1: number, w2: number, w3: number) => boolean,
  ): Assembler {
    const base = this.#redoNumber;
    const all = Number.POSITIVE_INFINITY;
    const memory = {
      ...this.#memory,
      lingerSpans: all,
      lingerBytes: all,
      openSpans: all,
      openBytes: all,
      closedIdentities: 1,
    };
    return this.#assembler(index, memory, (trace) => base + trace, accepts);
  }

  async #readAgain(tee: RecordTee | null, take: (rows: RecordRows) => void): Promise<void> {
    if (tee !== null) {
      for (const record of tee.read()) {
        this.#options.signal?.throwIfAborted();
        take(this.#reader.read(record as R));
      }
      return;
    }
    let spans = 0;
    for await (const batch of this.#options.inputs) {
      this.#options.signal?.throwIfAborted();
      for (const record of batch.records) {
        const rows = this.#reader.read(record);
        spans += rows.count;
        take(rows);
      }
      this.#options.onProgress?.({ pass: 2, bytesRead: batch.bytesRead, spans });
    }
  }

  #judgeGroups(): void {
    this.#groups.judge(this.#settings, (number, group) => {
      const rule = this.#options.rules[number] as JudgedRule;
      const { judgment, traceIds, spans } = group;
      this.#tally.addFinal(number, judgment);
      if (judgment.verdict !== 'violated' && judgment.verdict !== 'inconclusive') return;
      this.#tally.add(GROUP, number, {
        rule: rule.id,
        judgment,
        scope: { kind: 'group', key: keyText(rule, group), traceIds, start: spans[0]?.start ?? 0n },
      });
    });
  }

  #remark(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      if (this.#diagnostics.length < MOST_DIAGNOSTICS) this.#diagnostics.push(diagnostic);
      else this.#unlistedDiagnostics++;
    }
  }

  #remarkOnLimits(unlistedViolations: number): void {
    if (this.#unlistedDiagnostics > 0) {
      this.#diagnostics.push({
        code: 'FL550',
        severity: 'warning',
        message: `${this.#unlistedDiagnostics} more problems of the input are counted and not listed`,
        help: 'Mend the first ones and check again: many problems of one input mostly have one cause.',
      });
    }
    if (unlistedViolations > 0) {
      this.#diagnostics.push({
        code: 'FL551',
        severity: 'warning',
        message: `${unlistedViolations} more violations are counted and not listed`,
        help: 'Check fewer rules or a shorter time: the counts by rule are complete, the list is of the first violations.',
      });
    }
  }
}

/** Findings of groups are never taken back. */
const GROUP = -1;

function keyText(rule: JudgedRule, { key }: GroupJudgment): string {
  const attributes = rule.condition.across?.key ?? [];
  return key.map((value, index) => `${nameOf(attributes[index])}=${value}`).join(', ');
}

function nameOf(attribute: { readonly where: string; readonly name: string } | undefined): string {
  if (attribute === undefined) return '';
  if (attribute.where === 'any') return attribute.name;
  return `${attribute.where === 'field' ? 'span' : 'resource'}.${attribute.name}`;
}
