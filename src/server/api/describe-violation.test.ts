import { describe, expect, it } from 'vitest';
import { RULES, verdictEvent } from '../../signal/testing/violations.ts';
import { describeViolation } from './describe-violation.ts';

const RULE = 'no-declined-shipment';

function shipments(count: number, text: string): string {
  const spans = Array.from(
    { length: count },
    (_, place) => `  stock/shipment.send @${place}ms+1ms {state: declined, amount: 59, note: "${text}"}`,
  );
  return `shop/POST /checkout @0ms+900ms\n${spans.join('\n')}\n`;
}

function witnessOf(trace: string) {
  const rule = RULES.get(RULE);
  if (rule === undefined) throw new Error(RULE);
  return describeViolation(verdictEvent(RULE, 1, { trace }), rule).witness;
}

describe('describeViolation', () => {
  it('keeps a witness of a usual size as it is', () => {
    const { spans } = witnessOf(shipments(2, 'short'));
    expect(spans[0]?.attributes).toMatchObject({ note: 'short', amount: 59 });
  });

  it('leaves the attributes out of one that is too large', () => {
    const wide = witnessOf(shipments(1, 'x'.repeat(900)).replace('{', `{${attributes(100)}, `));
    expect(JSON.stringify(wide).length).toBeLessThan(64 * 1024);
    expect(wide.spans[0]?.attributes).toEqual({});
    expect(wide.spans[0]?.attributesOmitted).toBe(103);
  });

  it('is bounded for many spans with long texts', () => {
    const trace = shipments(400, 'short').replaceAll('stock/', `${'s'.repeat(20_000)}/`);
    const long = witnessOf(trace);
    expect(JSON.stringify(long).length).toBeLessThan(64 * 1024);
    expect(long.spans.length + long.omitted.spans).toBe(100);
  });
});

function attributes(count: number): string {
  return Array.from({ length: count }, (_, place) => `a${place}: "${'y'.repeat(1_024)}"`).join(', ');
}
