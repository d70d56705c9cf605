import { describe, expect, it } from 'vitest';
import { FINGERPRINT_VERSION, kindOf } from './fingerprint.ts';
import { normalisedValue } from './normalised-value.ts';
import { RULE_FILE, rulesOf, UNRESERVED, verdictEvent } from './testing/violations.ts';

function kindFor(ruleId: string, number: number, options: Parameters<typeof verdictEvent>[2] = {}) {
  const { rule, judgment, service } = verdictEvent(ruleId, number, options);
  if (judgment === null) throw new Error('no judgment');
  return kindOf({ ruleId: rule.id, condition: rule.condition, judgment, service });
}

const SHIPMENT = (state: string, amount: number, service = 'stock') =>
  `shop/checkout @0ms+900ms\n  ${service}/shipment.send @10ms+5ms {state: ${state}, amount: ${amount}}`;
const shipped = (state: string, amount: number, service?: string) =>
  kindFor('no-declined-shipment', 1, { trace: SHIPMENT(state, amount, service), service: 'shop' });

describe('the fingerprint', () => {
  it('is stable: raise FINGERPRINT_VERSION when this changes', () => {
    expect(FINGERPRINT_VERSION).toBe(2);
    expect(kindFor('payment-requires-inventory', 1)).toMatchInlineSnapshot(`
      {
        "attributes": [],
        "clause": "inventory.reserve.before(payment.charge)",
        "fingerprint": "6653706aa8818fa87bc94226ff326346",
        "fingerprintVersion": 2,
        "pair": {
          "other": "",
          "trigger": "payment",
        },
      }
    `);
  });

  it('does not know the trace', () => {
    expect(kindFor('payment-requires-inventory', 1)).toEqual(kindFor('payment-requires-inventory', 77));
  });

  it('does not know numbers, and knows the services and the words that the clause compares', () => {
    const one = shipped('declined', 20);
    expect(one.attributes).toEqual([
      { name: 'amount', value: '*' },
      { name: 'state', value: 'declined' },
    ]);
    expect(one.pair).toEqual({ trigger: 'shop', other: 'stock' });
    expect(shipped('declined', 21).fingerprint).toBe(one.fingerprint);
    expect(shipped('declined', 21, 'depot').fingerprint).not.toBe(one.fingerprint);
  });

  it('tells rules apart, and clauses', () => {
    const trace = `${UNRESERVED}  payment/payment.charge @300ms+80ms {amount: 5}`;
    const order = `${UNRESERVED}  stock/inventory.reserve @500ms+80ms`;
    const missing = kindFor('payment-requires-inventory', 1, { trace });
    expect(kindFor('mostly-checked', 1, { trace }).fingerprint).not.toBe(missing.fingerprint);
    expect(kindFor('payment-requires-inventory', 1, { trace: order }).pair.other).toBe('stock');
  });

  it('does not know how the clause is laid out', () => {
    const wide = RULE_FILE.replace(
      'payment.charge and inventory.reserve.before(payment.charge)',
      '"payment.charge   and  inventory.reserve\\n  .before( payment.charge )"',
    );
    const [rule] = rulesOf(wide);
    if (rule === undefined) throw new Error('no rule');
    const narrow = kindFor('payment-requires-inventory', 1);
    expect(narrow.clause).toBe('inventory.reserve.before(payment.charge)');
    expect(kindFor('payment-requires-inventory', 1, { rule }).clause).not.toContain('  ');
  });

  it('is of the clause alone when it is coarse', () => {
    const { rule, judgment } = verdictEvent('no-declined-shipment', 1, { trace: SHIPMENT('declined', 20) });
    if (judgment === null) throw new Error('no judgment');
    const coarse = (service: string) =>
      kindOf({ ruleId: rule.id, condition: rule.condition, judgment, service }, 'coarse');
    expect(coarse('shop')).toEqual(coarse('depot'));
    expect(coarse('shop').attributes).toEqual([]);
  });
});

describe('values in a fingerprint', () => {
  const FILE = `version: 1
rules:
  - id: shipped-as-ordered
    severity: high
    condition: never { shipment.send.where(state in [declined, "on hold"] and customer != this.payer and text(amount) != "7") }
`;
  const [rule] = rulesOf(FILE);
  if (rule === undefined) throw new Error('no rule');
  const of = (state: string, customer: string) => {
    const trace = `shop/checkout @0ms+900ms\n  stock/shipment.send @10ms+5ms {state: "${state}", customer: "${customer}", payer: "x", amount: 8}`;
    return kindFor(rule.id, 1, { rule, trace });
  };

  it('are those that the rule writes; a person is no fingerprint', () => {
    const smith = of('on hold', 'Smith ab');
    expect(smith.attributes).toEqual([
      { name: 'amount', value: '*' },
      { name: 'customer', value: '*' },
      { name: 'payer', value: '*' },
      { name: 'state', value: 'on hold' },
    ]);
    expect(of('on hold', 'Jones cd').fingerprint).toBe(smith.fingerprint);
    expect(of('declined', 'Smith ab').fingerprint).not.toBe(smith.fingerprint);
  });
});

describe('a normalised value', () => {
  const literals = new Set(['declined', '404']);
  it.each([
    ['state', 'declined', 'declined'],
    ['order_id', 'declined', 'declined'],
    ['state', 'approved', '*'],
    ['customer', 'Smith ab', '*'],
    ['http.request.method', 'GET', 'GET'],
    ['http.request.method', 'Smith', '*'],
    ['constructor', 'GET', '*'],
    ['flag', true, 'true'],
    ['state', undefined, 'missing'],
    ['state', '', 'empty'],
    ['amount', 59.99, '*'],
    ['code', 404, '*'],
    ['tags', ['declined', 'b'], '*'],
  ] as const)('of %s %j is %s', (name, value, expected) => {
    expect(normalisedValue(name, value, literals)).toBe(expected);
  });
});
