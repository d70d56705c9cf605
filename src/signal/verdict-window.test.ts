import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VERDICTS, type Verdict } from '../engine/verdict.ts';
import { MINUTE, VerdictWindow } from './verdict-window.ts';

const START = 1_000 * MINUTE;

const count = (rule: string, service: string, verdict: Verdict, times: number) => ({
  rule,
  ruleVersion: '1',
  verdict,
  service,
  serviceVersion: '',
  count: times,
});

test('counts are what came, by minute, whatever the order in which minutes come', async () => {
  const additions = fc.array(
    fc.record({
      minute: fc.integer({ min: 0, max: 5 }),
      rule: fc.constantFrom('a', 'b', 'c'),
      service: fc.constantFrom('shop', 'stock'),
      verdict: fc.constantFrom(...VERDICTS),
      times: fc.integer({ min: -2, max: 9 }),
    }),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(additions, async (all) => {
      const window = new VerdictWindow(START);
      const expected = new Map<string, number>();
      for (const { minute, rule, service, verdict, times } of all) {
        window.add([count(rule, service, verdict, times)], START + minute * MINUTE + 7);
        const key = `${rule} ${service} ${minute} ${verdict}`;
        expected.set(key, times + (expected.get(key) ?? 0));
      }
      const query = { from: START, to: START + 6 * MINUTE, rule: null, by: 'service' } as const;
      const found = new Map<string, number>();
      for (const { rule, service, minutes } of (await window.rates(query)).rows) {
        for (const { at, verdicts } of minutes) {
          for (const verdict of VERDICTS) {
            found.set(`${rule} ${service} ${(at - START) / MINUTE} ${verdict}`, verdicts[verdict]);
          }
        }
      }
      for (const [key, times] of expected) expect(found.get(key)).toBe(Math.max(0, times));
    }),
    { seed: 20261130 },
  );
});

test('what is older than the window is forgotten, and places are used again', async () => {
  const window = new VerdictWindow(START, 2 * MINUTE);
  for (let minute = 0; minute < 50; minute++) {
    const service = `s${minute}`;
    window.add(
      [count('a', service, 'satisfied', 1), count('b', 'all', 'violated', 2)],
      START + minute * MINUTE,
    );
  }
  const { since, rows } = await window.rates({
    from: START,
    to: START + 50 * MINUTE,
    rule: null,
    by: 'service',
  });
  expect(since).toBe(START + 47 * MINUTE);
  expect(
    rows.map(({ rule, service, verdicts }) => [rule, service, verdicts.satisfied, verdicts.violated]),
  ).toEqual([
    ['a', 's47', 1, 0],
    ['a', 's48', 1, 0],
    ['a', 's49', 1, 0],
    ['b', 'all', 0, 6],
  ]);
});
