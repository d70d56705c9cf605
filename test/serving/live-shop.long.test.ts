/** The live shop sends to a running server: each failure is caught by its rule within seconds, 10,000 healthy traces break none. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metric, ROOT, type ServeProcess, startServe, until } from './serve-process.ts';

interface Shop {
  set(id: string, isOn: boolean): boolean;
  visit(count: number): Promise<{ visits: number; failed: number }>;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface Signals {
  readonly signals: readonly { readonly rule: { readonly id: string }; readonly lastSeen: string }[];
}

const { SWITCHES } = (await import(join(ROOT, 'examples/shop/live/switches.mjs'))) as {
  SWITCHES: readonly { id: string; rule: string }[];
};

/** Rules over groups of traces. */
const ACROSS = new Set(['cart-charged-once', 'payment-intent-charged-once', 'payment-retry-reuses-intent']);

let server: ServeProcess;
let shop: Shop;

beforeAll(async () => {
  server = await startServe({
    rules: [join(ROOT, 'library')],
    configuration: 'limits: { idle: 3s, idle_after_root: 1s }\nlog: { level: warn }\n',
  });
  const { startShop } = await import(join(ROOT, 'examples/shop/live/shop.mjs'));
  shop = await startShop({
    otlp: { http: server.http, grpc: server.grpc },
    slow: 0.3,
    onTrouble: (text: string) => process.stderr.write(`${text}\n`),
  });
}, 60_000);

afterAll(async () => {
  await shop?.stop();
  await server?.stop();
  server?.remove();
});

async function raised(): Promise<Set<string>> {
  const answer = await fetch(`${server.api}/api/v1/signals?limit=100`);
  const { signals } = (await answer.json()) as Signals;
  return new Set(signals.map(({ rule }) => rule.id));
}

describe('the live shop', () => {
  it('breaks no rule in 10,000 healthy traces', async () => {
    const { failed } = await shop.visit(10_000);
    expect(failed).toBe(0);
    await shop.flush();
    await until(async () => (await metric(server.api, 'fluo_open_traces')) === 0);
    expect(await metric(server.api, 'fluo_closed_traces_total')).toBeGreaterThanOrEqual(10_000);
    expect(await raised()).toEqual(new Set());
    // Judged, and not passed over: each rule that has a failure in the shop has seen what it is about. What goes across traces is judged
    // when its window ends, which the test does not wait for: its groups are there.
    expect(await metric(server.api, 'fluo_open_groups')).toBeGreaterThan(50);
    const rules = SWITCHES.map(({ rule }) => rule).filter((rule) => !ACROSS.has(rule));
    for (const rule of new Set(rules)) {
      await until(
        async () =>
          (await metric(server.api, 'fluo_verdicts_total', `rule="${rule}",verdict="satisfied"`)) > 50,
      );
      const open = await metric(server.api, 'fluo_verdicts_total', `rule="${rule}",verdict="inconclusive"`);
      expect(open).toBe(0);
    }
  });

  it.each(SWITCHES.map(({ id, rule }) => [id, rule]))(
    '%s is caught by %s',
    async (id, rule) => {
      expect(await raised()).not.toContain(
        rule === 'cart-charged-once' ? 'payment-intent-charged-once' : rule,
      );
      shop.set(id, true);
      await shop.visit(150);
      shop.set(id, false);
      await shop.flush();
      // The limit of the test is the limit of the wait.
      await until(async () => (await raised()).has(rule));
    },
    20_000,
  );
});
