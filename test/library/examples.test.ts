/** The example programs run with the real SDK, and their spans are held against the rules of their domain. */
import { describe, expect, test } from 'vitest';
import { BROKEN, DOMAINS, guideRules, libraryRules, recordExample } from './domains.ts';
import { judgeRecording, tracesOf, withVerdict } from './judge-recording.ts';

describe.each(DOMAINS)('the programs of %s', (domain) => {
  const rules = libraryRules(domain);

  test('the right one satisfies every rule of its domain', async () => {
    const verdicts = judgeRecording(rules, await recordExample(domain, 'right'));
    expect(withVerdict(verdicts, 'violated')).toEqual([]);
    expect(withVerdict(verdicts, 'inconclusive')).toEqual([]);
    expect(withVerdict(verdicts, 'satisfied')).toEqual(rules.map(({ id }) => id).sort());
  });

  test.each(Object.entries(BROKEN[domain]))(
    '%s violates what it is about, and only that',
    async (variant, violated) => {
      const verdicts = judgeRecording(rules, await recordExample(domain, variant));
      expect(withVerdict(verdicts, 'violated')).toEqual(violated);
      expect(withVerdict(verdicts, 'inconclusive')).toEqual([]);
    },
  );

  test('a broken program for every rule', () => {
    const broken = new Set(Object.values(BROKEN[domain]).flat());
    expect([...broken].sort()).toEqual(rules.map(({ id }) => id).sort());
  });

  test('as in the guide: every span is a trace of its own, with a start in whole milliseconds', async () => {
    const traces = tracesOf(await recordExample(domain, 'guide'));
    expect(traces.length).toBeGreaterThan(1);
    for (const trace of traces) {
      expect(trace.spans).toHaveLength(1);
      expect((trace.spans[0]?.start ?? 1n) % 1_000_000n).toBe(0n);
    }
  });

  test('as in the guide, inside a request: what the rules of the guide say', async () => {
    const verdicts = judgeRecording(guideRules(domain), await recordExample(domain, 'guide-in-request'));
    // The guide's second function for payments reserves nothing: in its program another one has done so.
    expect(withVerdict(verdicts, 'violated')).toEqual(
      domain === 'payments' ? ['payment-requires-inventory'] : [],
    );
    expect(withVerdict(verdicts, 'inconclusive')).toEqual([]);
  });
});
