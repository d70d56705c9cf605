/** The check over a shop's real traces, healthy and under injected faults. The files lie beside the checkout, not in it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../language/compile.ts';
import { decodeRecord } from '../../receiver/decode-record.ts';
import { machineDisk } from '../../receiver/disk.ts';
import { openInput } from '../../receiver/trace-input.ts';
import type { CheckResult } from './check-result.ts';
import { checkTraces } from './check-traces.ts';
import { memoryStorage } from './temp-storage.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/data/nezha/', import.meta.url));
const HEALTHY = `${FOLDER}healthy.otlp.jsonl.gz`;
const FAULTS = `${FOLDER}faults-2022-08-22.otlp.jsonl.gz`;

const ORDER = `when   { "hipstershop.CheckoutService/PlaceOrder" }
always { "hipstershop.PaymentService/Charge" and "hipstershop.ShippingService/ShipOrder"
         and "hipstershop.CartService/EmptyCart" and "hipstershop.EmailService/SendOrderConfirmation" }`;

function check(file: string): Promise<CheckResult> {
  const { rule: condition } = compileRule({ name: 'order-completed', text: ORDER });
  if (condition === null) throw new Error('the rule does not compile');
  return checkTraces({
    rules: [
      { id: 'order-completed', condition, onIncomplete: 'inconclusive', environments: null, exceptions: [] },
    ],
    inputs: { [Symbol.asyncIterator]: () => openInput(file, machineDisk()) },
    decode: decodeRecord,
    temp: memoryStorage(),
  });
}

const isThere = existsSync(HEALTHY) && existsSync(FAULTS);
if (!isThere) console.warn(`skipped: the traces of ${FOLDER} are not there`);

describe.skipIf(!isThere)(
  'an order that is placed is charged, shipped, its cart emptied and confirmed',
  () => {
    it('on the healthy file', async () => {
      const result = await check(HEALTHY);
      expect(result.rules[0]?.verdicts).toEqual({
        satisfied: 18,
        violated: 0,
        not_applicable: 484,
        inconclusive: 0,
      });
      expect(result.findings).toEqual([]);
      expect(result).toMatchObject({ traces: 502, spans: 22_969, repeated: 0, conflicting: 0, damaged: 0 });
    });

    it('on the faulty day, in one pass', async () => {
      const result = await check(FAULTS);
      expect(result.rules[0]?.verdicts).toEqual({
        satisfied: 679,
        violated: 5,
        not_applicable: 18_423,
        inconclusive: 0,
      });
      expect(result).toMatchObject({
        traces: 19_107,
        spans: 846_632,
        repeated: 5_788,
        conflicting: 0,
        damaged: 0,
      });
      expect(result.passes).toEqual({ scanned: 1_665, decoded: 0, redone: 0, spilled: 0 });
      expect(result.findings).toHaveLength(5);
      for (const { judgment, scope } of result.findings) {
        expect(judgment.verdict).toBe('violated');
        expect(scope.kind).toBe('trace');
        expect(judgment.witness?.trigger.length).toBeGreaterThan(0);
        expect(judgment.witness?.missing).toHaveLength(1);
      }
    });
  },
);
