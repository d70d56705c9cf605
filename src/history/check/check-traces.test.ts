/** The check gives what plain judging of all spans gives, whatever the order, the repetitions and the room it has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { compileRule } from '../../language/compile.ts';
import { decodeRecord } from '../../receiver/decode-record.ts';
import type { TraceRecord } from '../../receiver/record.ts';
import type { CheckResult } from './check-result.ts';
import { type CheckOptions, checkTraces } from './check-traces.ts';
import {
  type ClosingLimits,
  DEFAULT_CLOSING_LIMITS,
  DEFAULT_MEMORY_LIMITS,
  type MemoryLimits,
} from './closing-limits.ts';
import { memoryStorage } from './temp-storage.ts';
import { type PlainResult, plainCheck } from './testing/plain-check.ts';
import type { InputBatch } from './trace-input.ts';

function rule(id: string, text: string, more: Partial<JudgedRule> = {}): JudgedRule {
  const { rule: condition, diagnostics } = compileRule({ name: id, text });
  if (condition === null) throw new Error(`${id}: ${diagnostics.map(({ message }) => message).join('; ')}`);
  return { id, condition, onIncomplete: 'inconclusive', environments: null, exceptions: [], ...more };
}

const RULES: readonly JudgedRule[] = [
  rule('required', 'when { order.place } always { payment.charge and stock.reserve }'),
  rule('forbidden', 'never { payment.refund.where(amount > 5) }'),
  rule('before', 'when { each payment.charge as c } always { stock.reserve.before(c) }'),
  rule('inside', 'when { payment.charge } always { payment.charge.inside(order.place) }'),
  rule('child', 'when { order.place } never { payment.charge.child_of("GET /") }'),
  rule(
    'attribute',
    'when { payment.charge.where(amount > 2) } always { stock.reserve.where(amount exists) }',
  ),
  rule('negative', 'when { not order.place } always { count(payment.charge) <= 1 }'),
  rule('any', 'when { * } always { count(*) <= 6 }'),
  rule('duration', 'trace.duration <= 20s'),
  rule('self', 'when { order.place } always { all(order.place, span.self <= 3s) }'),
  rule('judged anyway', 'when { order.place } always { stock.reserve }', { onIncomplete: 'judge' }),
  rule('by environment', 'when { order.place } always { stock.reserve }', { environments: ['production'] }),
  rule('environment without trigger', 'never { payment.refund }', { environments: ['production'] }),
  rule('excepted', 'when { order.place } always { payment.charge }', {
    exceptions: [{ name: 'small', fields: ['amount'], values: [[1], [2]], anywhere: false }],
  }),
  rule('excepted anywhere', 'count(payment.charge) <= 1', {
    exceptions: [{ name: 'large', fields: ['amount'], values: [[9]], anywhere: true }],
  }),
  rule('across', 'across amount within 1m { count(payment.charge) <= 1 }'),
  rule(
    'across with parents',
    'across (amount, span.service) within 30s { when { payment.charge.inside(order.place) } never { payment.refund } }',
  ),
];

interface DrawnSpan {
  readonly trace: number;
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  readonly kind: number;
  readonly start: number;
  readonly length: number;
  readonly amount: number | string | null;
  readonly service: string;
  readonly state: string;
}

const drawnSpan: fc.Arbitrary<DrawnSpan> = fc.record({
  trace: fc.integer({ min: 1, max: 8 }),
  id: fc.integer({ min: 1, max: 7 }),
  parent: fc.integer({ min: 0, max: 8 }),
  name: fc.constantFrom(
    'order.place',
    'payment.charge',
    'payment.refund',
    'stock.reserve',
    'GET /',
    'noise',
    'more noise',
  ),
  kind: fc.constantFrom(1, 2, 2, 3, 5),
  start: fc.integer({ min: 0, max: 30 }),
  length: fc.integer({ min: 0, max: 12 }),
  amount: fc.constantFrom(null, null, 1, 2, 3, 9, 'text'),
  service: fc.constantFrom('shop', 'payment'),
  state: fc.constantFrom('', '', '', '', '', '', '', 'ot=th:8', 'ot=th:c'),
});

/** An arrival of spans in records: all or some of a set of spans, in some order, some of them again, seldom one that differs. */
const arrival: fc.Arbitrary<readonly DrawnSpan[][]> = fc
  .record({
    all: fc.uniqueArray(drawnSpan, {
      maxLength: 40,
      selector: ({ trace, id, kind }) => `${trace} ${id} ${kind}`,
    }),
    tree: fc.boolean(),
    others: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(drawnSpan, { maxLength: 3 }) },
    ),
    seed: fc.infiniteStream(fc.nat()),
    repeat: fc.constantFrom(0, 0.1, 0.5),
    isShuffled: fc.boolean(),
    size: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ all, tree, others, seed, repeat, isShuffled, size }) => {
    // In a tree every parent is there: a span of the trace with a smaller id.
    const grown = !tree
      ? all
      : all.map((span) => {
          const below = all.filter((other) => other.trace === span.trace && other.id < span.id);
          return { ...span, parent: below[span.parent % Math.max(1, below.length)]?.id ?? 0, state: '' };
        });
    const random = (): number => seed.next().value ?? 0;
    const inTime = [...grown].sort(
      (a, b) => a.trace * 20 + a.start + a.length - (b.trace * 20 + b.start + b.length),
    );
    const placed = [...inTime, ...others];
    for (const span of inTime) if ((random() % 100) / 100 < repeat) placed.push(span);
    if (isShuffled) placed.sort((a, b) => keyIn(a, 0) - keyIn(b, 0));
    function keyIn(span: DrawnSpan, salt: number): number {
      return (
        ((span.trace * 31 + span.id * 17 + span.kind * 7 + span.start * 13 + salt) * 2654435761) % 4294967296
      );
    }
    return Array.from({ length: Math.ceil(placed.length / size) }, (_, index) =>
      placed.slice(index * size, (index + 1) * size),
    );
  });

const FIRST = 1_661_140_339_000_000_000n;

/** Traces lie some seconds behind each other. */
function textOf(span: DrawnSpan, written: 'as usual' | 'with a kind in text'): string {
  const start = FIRST + BigInt(span.trace * 20 + span.start) * 1_000_000_000n;
  const kinds: Record<number, string> = { 1: 'INTERNAL', 2: 'SERVER', 3: 'CLIENT', 5: 'CONSUMER' };
  const attributes =
    span.amount === null
      ? ''
      : `,"attributes":[{"key":"amount","value":{${typeof span.amount === 'number' ? `"intValue":"${span.amount}"` : '"stringValue":"text"'}}}]`;
  return (
    `{"traceId":"${String(span.trace).padStart(32, '0')}","spanId":"${String(span.id).padStart(16, '0')}",` +
    (span.parent === 0 || span.parent === span.id
      ? ''
      : `"parentSpanId":"${String(span.parent).padStart(16, '0')}",`) +
    `"name":"${span.name}","kind":${written === 'as usual' ? span.kind : `"SPAN_KIND_${kinds[span.kind]}"`},` +
    `"startTimeUnixNano":"${start}","endTimeUnixNano":"${start + BigInt(span.length) * 1_000_000_000n}"${attributes}` +
    `${span.state === '' ? '' : `,"traceState":"${span.state}"`}}`
  );
}

function recordOf(
  spans: readonly DrawnSpan[],
  written: 'as usual' | 'with a kind in text',
  line: number,
): TraceRecord {
  const lists = spans.map(
    (span) =>
      `{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"${span.service}"}}` +
      `${span.trace % 2 === 0 ? ',{"key":"deployment.environment.name","value":{"stringValue":"production"}}' : ''}]},` +
      `"scopeSpans":[{"spans":[${textOf(span, written)}]}]}`,
  );
  const bytes = new TextEncoder().encode(`{"resourceSpans":[${lists.join(',')}]}`);
  return { file: 'test.jsonl', line, format: 'otlp-json', bytes };
}

/** So short that it matters here. */
const LIMITS: ClosingLimits = { ...DEFAULT_CLOSING_LIMITS, maxAge: 25_000_000_000n };

/** A source that can be read again, and counts how often it is. */
function source(
  records: readonly TraceRecord[],
): AsyncIterable<InputBatch<TraceRecord>> & { readonly reads: number } {
  let reads = 0;
  return {
    get reads() {
      return reads;
    },
    async *[Symbol.asyncIterator]() {
      reads++;
      for (const record of records) {
        yield { records: [record], diagnostics: [], damaged: 0, bytesRead: 0 };
      }
    },
  };
}

function check(
  records: readonly TraceRecord[],
  options: Partial<CheckOptions<TraceRecord>> = {},
): Promise<CheckResult> {
  return checkTraces({
    rules: RULES,
    inputs: source(records),
    decode: decodeRecord,
    temp: memoryStorage(),
    limits: LIMITS,
    ...options,
  });
}

function comparable(result: CheckResult): PlainResult {
  return {
    traces: result.traces,
    spans: result.spans,
    repeated: result.repeated,
    conflicting: result.conflicting,
    rules: result.rules.map(({ id, verdicts, leftOut, unknownAttributes, keyless }) => ({
      id,
      verdicts: { ...verdicts },
      environment: leftOut.environment,
      exceptions: leftOut.exceptions.flatMap(({ name, scopes }) =>
        Array.from({ length: scopes }, () => name),
      ),
      unknown: unknownAttributes
        .flatMap(({ attribute, missing, otherType }) => [
          ...Array.from({ length: missing }, () => `${attribute} missing`),
          ...Array.from({ length: otherType }, () => `${attribute} other`),
        ])
        .sort(),
      keyless,
    })),
    findings: result.findings.map(({ rule: id, scope, judgment }) => ({
      at: `${RULES.findIndex((one) => one.id === id)} ${scope.start} ${scope.traceIds.join()}`,
      judgment,
    })),
  };
}

const memory: fc.Arbitrary<MemoryLimits> = fc.record({
  lingerSpans: fc.constantFrom(0, 5, 1000),
  lingerBytes: fc.constantFrom(0, 1_000_000),
  openSpans: fc.constantFrom(4, 12, 1000),
  openBytes: fc.constantFrom(1500, 1_000_000),
  closedIdentities: fc.constant(1000),
  redoSpans: fc.constantFrom(3, 1000),
  redoBytes: fc.constant(1_000_000),
  groupBytes: fc.constantFrom(0, 2000, 1_000_000),
  violatedFindings: fc.constant(1000),
  inconclusiveFindings: fc.constant(1000),
});

const written = fc.constantFrom('as usual' as const, 'as usual' as const, 'with a kind in text' as const);

describe('checking traces', () => {
  it('agrees with plain judging, in any order and with any room', async () => {
    let repeated = 0;
    let redone = 0;
    let spilled = 0;
    let scanned = 0;
    await fc.assert(
      fc.asyncProperty(
        arrival,
        fc.array(written, { minLength: 50, maxLength: 50 }),
        memory,
        fc.boolean(),
        async (drawn, ways, room, isRepeatable) => {
          const records = drawn.map((spans, index) =>
            recordOf(spans, ways[index % 50] ?? 'as usual', index + 1),
          );
          const expected = plainCheck(
            RULES,
            records.flatMap((record) => decodeRecord(record).spans),
            LIMITS.maxAge,
          );
          const temp = memoryStorage();
          const result = await check(records, { memory: room, temp, isRepeatable });
          expect(comparable(result)).toEqual(expected);
          expect(temp.files).toBe(0);
          if (expected.conflicting === 0 && expected.repeated > 0) repeated++;
          if (result.passes.redone > 0) redone++;
          if (result.passes.spilled > 0) spilled++;
          if (result.passes.scanned > 0) scanned++;
        },
      ),
      { seed: 20260808, numRuns: 150 },
    );
    // The property is worth what it has gone through.
    expect(repeated).toBeGreaterThan(15);
    expect(redone).toBeGreaterThan(15);
    expect(spilled).toBeGreaterThan(15);
    expect(scanned).toBeGreaterThan(50);
  });

  const span = (more: Partial<DrawnSpan>): DrawnSpan => ({
    trace: 1,
    id: 1,
    parent: 0,
    name: 'noise',
    kind: 1,
    start: 0,
    length: 1,
    amount: null,
    service: 'shop',
    state: '',
    ...more,
  });
  const NO_ROOM: MemoryLimits = { ...DEFAULT_MEMORY_LIMITS, lingerSpans: 0, lingerBytes: 0 };

  /** Trace 1 closes while traces 2 to 8 come, 20 seconds behind each other. */
  const later = [2, 3, 4, 5, 6, 7, 8].map((trace) => [span({ trace })]);

  it('takes a verdict back when a span comes after its trace has closed', async () => {
    const records = [
      [span({ name: 'order.place' }), span({ id: 2, parent: 1, name: 'payment.charge' })],
      ...later,
      [span({ id: 3, parent: 1, name: 'stock.reserve' })],
    ].map((spans, index) => recordOf(spans, 'as usual', index + 1));
    const inputs = source(records);
    const result = await check(records, { memory: NO_ROOM, inputs });
    expect(result.rules[0]?.verdicts).toEqual({
      satisfied: 1,
      violated: 0,
      not_applicable: 7,
      inconclusive: 0,
    });
    expect(result.findings.filter(({ rule: id }) => id === 'required')).toEqual([]);
    expect(result.passes.redone).toBe(1);
    expect(inputs.reads).toBe(2);
  });

  it('knows a repetition after its trace has closed without a second pass', async () => {
    const first = [span({ name: 'order.place' }), span({ id: 2, parent: 1, name: 'payment.charge' })];
    const records = [first, ...later, first].map((spans, index) => recordOf(spans, 'as usual', index + 1));
    const inputs = source(records);
    const result = await check(records, { memory: NO_ROOM, inputs });
    expect(result).toMatchObject({ spans: 9, repeated: 2, conflicting: 0, traces: 8 });
    expect(result.passes.redone).toBe(0);
    expect(inputs.reads).toBe(1);
  });

  it('holds what is out of order by little, and needs no second pass', async () => {
    const records = [
      [span({ name: 'order.place' })],
      ...later,
      [span({ id: 3, parent: 1, name: 'stock.reserve' })],
    ].map((spans, index) => recordOf(spans, 'as usual', index + 1));
    const inputs = source(records);
    await check(records, { inputs });
    expect(inputs.reads).toBe(1);
  });

  it('counts a different span with the same identity, and proves nothing by the trace', async () => {
    const records = [
      [span({ name: 'order.place' }), span({ id: 2, parent: 1, name: 'payment.charge' })],
      [span({ id: 2, parent: 1, name: 'payment.charge', length: 5 })],
    ].map((spans, index) => recordOf(spans, 'as usual', index + 1));
    const result = await check(records);
    expect(result).toMatchObject({ spans: 3, repeated: 0, conflicting: 1 });
    expect(result.rules[0]?.verdicts.inconclusive).toBe(1);
    const finding = result.findings.find(({ rule: id }) => id === 'required');
    expect(finding?.judgment.reasons).toEqual([
      {
        kind: 'incomplete',
        traceId: '1'.padStart(32, '0'),
        reason: { kind: 'conflicting-spans', spanId: '2'.padStart(16, '0') },
      },
    ]);
  });

  it('cuts a trace with more spans than the limit, and says so', async () => {
    const spans = [1, 2, 3, 4, 5].map((id) => span({ id, parent: id === 1 ? 0 : 1, name: 'order.place' }));
    const records = [...spans, ...spans].map((one, index) => recordOf([one], 'as usual', index + 1));
    const result = await check(records, { limits: { ...LIMITS, maxSpans: 3 } });
    expect(result.traces).toBe(1);
    expect(result.rules[0]?.verdicts.inconclusive).toBe(1);
    expect(result.findings[0]?.judgment.reasons[0]).toMatchObject({ reason: { kind: 'max-spans' } });
  });

  it('lists no more inconclusive findings than the limit, the first ones, and counts all', async () => {
    const records = later.map((spans, index) =>
      recordOf(
        [...spans, span({ ...spans[0], id: 2, parent: 5, name: 'order.place' })],
        'as usual',
        index + 1,
      ),
    );
    const memoryOf = { ...DEFAULT_MEMORY_LIMITS, inconclusiveFindings: 2 };
    const result = await check(records, { memory: memoryOf });
    expect(result.rules[0]).toMatchObject({ verdicts: { inconclusive: 7 }, unlisted: 5 });
    const listed = result.findings.filter(({ rule: id }) => id === 'required');
    expect(listed.map(({ scope }) => Number(scope.traceIds[0]))).toEqual([2, 3]);
  });

  it('lists no more violations than the limit, and says so', async () => {
    const records = later.map((spans, index) =>
      recordOf([span({ ...spans[0], name: 'order.place' })], 'as usual', index + 1),
    );
    const result = await check(records, {
      memory: { ...DEFAULT_MEMORY_LIMITS, violatedFindings: 3 },
      rules: RULES.slice(0, 1),
    });
    expect(result.rules[0]).toMatchObject({ verdicts: { violated: 7 }, unlisted: 4 });
    expect(result.findings).toHaveLength(3);
    expect(result.diagnostics).toMatchObject([
      { code: 'FL551', message: expect.stringContaining('4 more violations') },
    ]);
  });

  it('counts damage and goes on, or stops there when strict', async () => {
    const damaged = {
      ...recordOf([], 'as usual', 2),
      bytes: new TextEncoder().encode('{"resourceSpans":[{"x":'),
    };
    const records = [
      recordOf([span({})], 'as usual', 1),
      damaged,
      recordOf([span({ trace: 2 })], 'as usual', 3),
    ];
    const lenient = await check(records);
    expect(lenient).toMatchObject({ traces: 2, damaged: 1, stopped: false });
    expect(lenient.diagnostics).toHaveLength(1);
    const strict = await check(records, { strict: true });
    expect(strict).toMatchObject({ traces: 1, damaged: 1, stopped: true });
  });

  it('ends with the reason of an interrupt, and leaves no temporary file', async () => {
    const records = [recordOf([span({})], 'as usual', 1), recordOf([span({ trace: 2 })], 'as usual', 2)];
    const controller = new AbortController();
    const temp = memoryStorage();
    const interrupted = check(records, {
      temp,
      isRepeatable: false,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('interrupted')),
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(temp.files).toBe(0);
  });
});
