import { describe, expect, it } from 'vitest';
import { positionOf } from '../diagnostic/position.ts';
import { parseRuleTestFile, type RuleTest } from './rule-test-file.ts';

function parse(text: string): ReturnType<typeof parseRuleTestFile> {
  return parseRuleTestFile({ name: 'payment.test.yaml', text });
}

/** `line:column code` of each problem. */
function problems(text: string): string[] {
  return parse(text).diagnostics.map(({ range, code }) => {
    const { line, column } = positionOf(text, range?.start ?? 0);
    return `${line}:${column} ${code}`;
  });
}

function only(text: string): RuleTest {
  const { file, diagnostics } = parse(text);
  expect(diagnostics).toEqual([]);
  const [test] = file?.tests ?? [];
  if (test === undefined) throw new Error('no test');
  return test;
}

const HEAD = 'rules: payment.yaml\ntests:\n';

describe('parseRuleTestFile', () => {
  it('reads tests of closed traces', () => {
    const text = `rules: [payment.yaml, ../more.yaml]
today: 2026-05-01
tests:
  - name: charged without a reservation
    trace: |
      frontend/POST /checkout @0ms+900ms
        payment/payment.charge @120ms+80ms {amount: 59.99, cart.id: c1}
    expect: { payment-requires-inventory: violated, other: not_applicable }
    only: true
  - name: two traces
    traces:
      - a/x @0ms+1ms
      - |
        a/y @0ms+1ms
        ---
        a/z @0ms+1ms
      - a/w @0ms+1ms
    expect: {}
`;
    const { file, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(file?.rules.map(({ path }) => path)).toEqual(['payment.yaml', '../more.yaml']);
    expect(file?.today).toBe('2026-05-01');
    const [one, two] = file?.tests ?? [];
    expect(one?.spans.map((span) => span.name)).toEqual(['POST /checkout', 'payment.charge']);
    expect(one?.expect.map(({ rule, verdict }) => [rule, verdict])).toEqual([
      ['payment-requires-inventory', 'violated'],
      ['other', 'not_applicable'],
    ]);
    expect(one?.only).toBe(true);
    expect(one?.live).toBe(null);
    expect(new Set(two?.spans.map((span) => span.traceId)).size).toBe(4);
    expect(two?.only).toBe(false);
  });

  it('reads what needs the live engine', () => {
    const test = only(`${HEAD}  - name: late
    trace: |
      frontend/POST /checkout @0ms+900ms
        stock/inventory.reserve @20ms+60ms {cart.id: c1}
        payment/payment.charge @120ms+80ms {cart.id: c1} #charge
    arrive: { inventory.reserve: +40s, "#charge": +1s }
    expect: [ {at: 15s, payment-requires-inventory: violated}, {at: 41s, payment-requires-inventory: retracted} ]
`);
    expect(test.live?.delays.map(({ span, delay }) => [span.name, delay])).toEqual([
      ['inventory.reserve', 40_000_000_000n],
      ['payment.charge', 1_000_000_000n],
    ]);
    expect(
      test.live?.moments.map(({ at, expect }) => [
        at,
        ...expect.map(({ rule, event }) => `${rule} ${event}`),
      ]),
    ).toEqual([
      [15_000_000_000n, 'payment-requires-inventory violated'],
      [41_000_000_000n, 'payment-requires-inventory retracted'],
    ]);
    const timed = only(
      `${HEAD}  - name: a\n    trace: a/b @0ms+1ms\n    expect: [{ at: 5s }, { at: 1s, r: violated }]\n`,
    );
    expect(timed.live?.moments.map(({ at, expect }) => [at, expect.length])).toEqual([
      [1_000_000_000n, 1],
      [5_000_000_000n, 0],
    ]);
    const plain = only(
      `${HEAD}  - name: a\n    trace: a/b @0ms+1ms\n    arrive: { b: +1s }\n    expect: { r: violated }\n`,
    );
    expect([plain.live?.moments, plain.expect.length]).toEqual([[], 1]);
  });

  it("points at the drawing's errors inside the file", () => {
    const text = `${HEAD}  - name: a\n    trace: |\n      a/b @0ms+1ms\n        a/c @1+1\n    expect: {}\n`;
    expect(problems(text)).toEqual(['6:13 FL601']);
    expect(
      problems(`${HEAD}  - name: a\n    trace: 'a/b @0ms+1ms {span.kind: x}'\n    expect: {}\n`),
    ).toEqual(['4:38 FL603']);
  });

  it.each([
    ['an unknown key', '  - { name: a, trace: a/b @0ms+1ms, expect: {}, expct: 1 }\n', '3:49 FL304'],
    ['no expectation', '  - { name: a, trace: a/b @0ms+1ms }\n', '3:7 FL305'],
    ['no drawing', '  - { name: a, expect: {} }\n', '3:7 FL305'],
    [
      'two kinds of drawing',
      '  - { name: a, trace: a/b @0ms+1ms, traces: [a/b @0ms+1ms], expect: {} }\n',
      '3:7 FL305',
    ],
    ['an unknown verdict', '  - { name: a, trace: a/b @0ms+1ms, expect: { r: violatd } }\n', '3:50 FL307'],
    [
      'retracted without a time',
      '  - { name: a, trace: a/b @0ms+1ms, expect: { r: retracted } }\n',
      '3:50 FL307',
    ],
    [
      'a time that is none',
      '  - { name: a, trace: a/b @0ms+1ms, expect: [{ at: 15, r: violated }] }\n',
      '3:52 FL306',
    ],
    [
      'a delay without a sign',
      '  - { name: a, trace: a/b @0ms+1ms, arrive: { b: 40s }, expect: [{ at: 1s, r: violated }] }\n',
      '3:50 FL308',
    ],
    [
      'a late span that is not drawn',
      '  - { name: a, trace: a/b @0ms+1ms, arrive: { c: +40s }, expect: [{ at: 1s, r: violated }] }\n',
      '3:47 FL604',
    ],
    [
      'a name twice',
      '  - { name: a, trace: a/b @0ms+1ms, expect: {} }\n  - { name: a, trace: a/b @0ms+1ms, expect: {} }\n',
      '4:13 FL607',
    ],
    ['an empty drawing', '  - name: a\n    trace: |\n      // nothing\n    expect: {}\n', '4:12 FL608'],
    ['an expectation that is text', '  - { name: a, trace: a/b @0ms+1ms, expect: violated }\n', '3:45 FL306'],
  ])('objects to %s', (_, tests, expected) => {
    const text = HEAD + tests;
    expect(problems(text)).toEqual([expected]);
    expect(parse(text).file).toBe(null);
  });

  it.each(['', 'rules: a.yaml\n', 'tests: []\n', '[]', 'x', 'rules: 5\ntests: 5\n'])(
    'objects to %j',
    (text) => {
      const { file, diagnostics } = parse(text);
      expect(file).toBe(null);
      expect(diagnostics.length).toBeGreaterThan(0);
    },
  );

  it('objects to a day that does not exist', () => {
    expect(
      problems(
        'rules: a.yaml\ntoday: 2026-02-30\ntests:\n  - { name: a, trace: a/b @0ms+1ms, expect: {} }\n',
      ),
    ).toEqual(['2:8 FL313']);
  });
});
