/** Groups come out of members on disk as they do of all members in memory, and the memory held is that of groups. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { type GroupJudgment, isKeyed, judgeAcross, membersOf } from '../../engine/reference/judge-across.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../../engine/verdict.ts';
import { compileRule } from '../../language/compile.ts';
import type { Span } from '../../trace/span.ts';
import { buildTrace, type Trace } from '../../trace/trace.ts';
import { GroupMembers } from './group-members.ts';
import { memoryStorage } from './temp-storage.ts';

function rule(id: string, text: string): JudgedRule {
  const { rule: condition } = compileRule({ name: id, text });
  if (condition === null) throw new Error(id);
  return { id, condition, onIncomplete: 'inconclusive', environments: null, exceptions: [] };
}

const RULES: readonly JudgedRule[] = [
  rule('count', 'across key within 5s { count(charge) <= 2 }'),
  rule('parents', 'across key within 20s { when { charge.inside(order) } always { order.before(charge) } }'),
  rule('children', 'across (key, span.service) within 10s { all(charge, span.self <= 1s) }'),
];
const SETTINGS: JudgeSettings = {
  ...DEFAULT_JUDGE_SETTINGS,
  maxGroupAgeNanos: 30_000_000_000n,
  maxSpans: 6,
};

const SECOND = 1_000_000_000n;

const drawnTrace = fc.record({
  start: fc.integer({ min: 0, max: 60 }),
  spans: fc.array(
    fc.record({
      name: fc.constantFrom('charge', 'charge', 'order', 'noise'),
      key: fc.constantFrom('a', 'a', 'a', 'b', null),
      parent: fc.nat({ max: 8 }),
      after: fc.integer({ min: 0, max: 12 }),
      length: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  isWithdrawn: fc.boolean(),
});

function traceOf(number: number, { start, spans }: { start: number; spans: readonly Drawn[] }): Trace {
  const resource = { attributes: new Map([['service.name', 'shop']]), service: 'shop' };
  return buildTrace(
    spans.map((span, index): Span => {
      const begin = BigInt(start + span.after) * SECOND;
      return {
        traceId: String(number).padStart(32, '0'),
        spanId: String(index + 1).padStart(16, '0'),
        parentSpanId: span.parent > index || index === 0 ? '' : String(span.parent + 1).padStart(16, '0'),
        name: span.name,
        kind: 'internal',
        start: begin,
        end: begin + BigInt(span.length) * SECOND,
        status: 'unset',
        attributes: new Map(span.key === null ? [] : [['key', span.key]]),
        resource,
        scope: '',
        events: [],
        traceState: '',
      };
    }),
  );
}

interface Drawn {
  readonly name: string;
  readonly key: string | null;
  readonly parent: number;
  readonly after: number;
  readonly length: number;
}

function comparable(groups: readonly GroupJudgment[]): unknown[] {
  const texts = groups.map((group) =>
    JSON.stringify(group, (_, value) =>
      typeof value === 'bigint' ? String(value) : value instanceof Map ? [...value] : value,
    ),
  );
  return texts.sort();
}

describe('members of groups', () => {
  it('give the groups that all of them together give, however little is held', () => {
    let spilled = 0;
    let merged = 0;
    let cut = 0;
    fc.assert(
      fc.property(
        fc.array(drawnTrace, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(0, 3000, 1_000_000),
        (drawn, most) => {
          const temp = memoryStorage();
          const groups = new GroupMembers(RULES, most, temp);
          const traces = drawn.map((trace, index) => traceOf(index + 1, trace));
          for (const [number, trace] of traces.entries()) {
            for (const [index, one] of RULES.entries()) {
              groups.add(index, number, membersOf(one, trace).filter(isKeyed));
            }
            if (drawn[number]?.isWithdrawn) groups.withdraw(number);
          }
          const judged: GroupJudgment[][] = RULES.map(() => []);
          groups.judge(SETTINGS, (index, group) => judged[index]?.push(group));
          const kept = traces.filter((_, number) => !drawn[number]?.isWithdrawn);
          for (const [index, one] of RULES.entries()) {
            const members = kept.flatMap((trace) => membersOf(one, trace));
            const expected = judgeAcross(one, members, SETTINGS).groups;
            expect(comparable(judged[index] ?? [])).toEqual(comparable(expected));
            if (JSON.stringify(comparable(expected)).includes('group-cut')) cut++;
          }
          expect(temp.files).toBe(0);
          if (groups.spilled > 0) spilled++;
          if (groups.spilled > 20) merged++;
        },
      ),
      { seed: 20261120, numRuns: 150 },
    );
    // The property is worth what it has gone through.
    expect(spilled).toBeGreaterThan(40);
    expect(merged).toBeGreaterThan(10);
    expect(cut).toBeGreaterThan(10);
  });
});
