/** The example programs run with the real SDK, and their spans are held against the rules of their domain. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attributes, Tracer } from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Span } from '../../src/trace/span.ts';
import { BROKEN, DOMAINS, type Domain, guideRules, libraryRules, ROOT, recordExample } from './domains.ts';
import { judgeRecording, readRecording, tracesOf, withVerdict } from './judge-recording.ts';

/** The rules of the guide that its own code satisfies when it runs inside a request. */
const GUIDE_SATISFIES: Readonly<Record<Domain, readonly string[]>> = {
  payments: ['high-value-payment-requires-fraud-check', 'payment-requires-inventory'],
  // Its table is not called `tenant_data`, and it says `tenant.id`.
  'multi-tenancy': [],
  compliance: ['pii-access-requires-audit-log'],
  'ai-guardrails': ['llm-output-requires-moderation', 'prompt-injection-is-detected', 'rag-requires-sources'],
  healthcare: ['phi-access-requires-audit-log', 'phi-access-requires-authentication'],
};

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
    expect(withVerdict(verdicts, 'satisfied')).toEqual(GUIDE_SATISFIES[domain]);
    // The guide's second function for payments reserves nothing: in its program another one has done so.
    expect(withVerdict(verdicts, 'violated')).toEqual(
      domain === 'payments' ? ['payment-requires-inventory'] : [],
    );
    expect(withVerdict(verdicts, 'inconclusive')).toEqual([]);
  });
});

describe('two steps within one millisecond', () => {
  afterEach(() => vi.restoreAllMocks());

  test('made with plain startSpan they overlap, and a rule about their order is violated', async () => {
    const spans = await recordSteps(async (tracer) => {
      for (const name of STEPS) tracer.startSpan(name, { attributes: { 'cart.id': 'c1' } }).end();
    });
    const [verdict] = judgeRecording(libraryRules('payments'), inOneTrace(spans));
    expect(verdict?.judgments[0]?.judgment).toMatchObject({
      verdict: 'violated',
      witness: { order: [{ relation: 'before', problem: 'overlap' }] },
    });
  });

  test('made with inSpan they are in order', async () => {
    const spans = await recordSteps(async (tracer, inSpan) => {
      for (const name of STEPS) await inSpan(tracer, name, { 'cart.id': 'c1' }, async () => {});
    });
    const [verdict] = judgeRecording(libraryRules('payments'), inOneTrace(spans));
    expect(verdict?.counts).toMatchObject({ satisfied: 1, violated: 0 });
  });
});

const STEPS = ['inventory.reserve', 'payment.charge'];

/** Runs steps while `Date.now()` stands still, as it does for a millisecond, and reads the spans that were exported. */
async function recordSteps(
  steps: (tracer: Tracer, inSpan: InSpan) => Promise<void>,
): Promise<readonly Span[]> {
  const { startTelemetry, inSpan } = await import(join(ROOT, 'examples/telemetry/telemetry.mjs'));
  const { startSink } = await import(join(ROOT, 'examples/telemetry/sink.mjs'));
  const folder = mkdtempSync(join(tmpdir(), 'fluo-steps-'));
  try {
    const file = join(folder, 'out.jsonl');
    const sink = await startSink(file);
    const telemetry = startTelemetry({ service: 'steps', url: sink.url });
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
    await steps(telemetry.tracer, inSpan);
    clock.mockRestore();
    await telemetry.shutdown();
    await sink.close();
    return readRecording(readFileSync(file), 'otlp-json');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type InSpan = (
  tracer: Tracer,
  name: string,
  attributes: Attributes,
  work: () => Promise<void>,
) => Promise<void>;

/** As if a request had been active around them. */
function inOneTrace(spans: readonly Span[]): Span[] {
  return spans.map((span) => ({ ...span, traceId: spans[0]?.traceId ?? '' }));
}
