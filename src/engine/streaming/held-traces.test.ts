import { expect, test } from 'vitest';
import { PARENT_1, ROW, SPAN_1, TRAITS } from '../../otlp/span-rows.ts';
import { SPAN_KINDS } from '../../trace/span.ts';
import { UNTOLD_SERVICE } from './held-rows.ts';
import { HeldTraces } from './held-traces.ts';
import { spanOfRow } from './touched-trace.ts';

const TEXTS = { nameOf: () => 'a', serviceOf: (service: number) => `s${service}` };

/** Takes spans given as id, parent, kind and service; gives their slots. */
function heldOf(spans: readonly (readonly [number, number, 'server' | 'internal', number])[]) {
  const held = new HeldTraces(1_000, 1);
  const number = held.traces.add(0, 0, 0, 1);
  held.begin(number);
  const slots = spans.map(([id, parent, kind, service]) => {
    const row = new Uint32Array(ROW);
    row[SPAN_1] = id;
    row[PARENT_1] = parent;
    row[TRAITS] = SPAN_KINDS.indexOf(kind);
    expect(held.find(number, row, 0)).toBe(-1);
    return held.append(number, row, 0, service);
  });
  return { held, number, slots };
}

test('spans of services that have no number are each of a service of its own', () => {
  const { held, slots } = heldOf([
    [1, 0, 'server', 7],
    [2, 1, 'server', 7],
    [3, 1, 'server', UNTOLD_SERVICE],
    [4, 1, 'server', UNTOLD_SERVICE],
  ]);
  const services = slots.map((slot) => spanOfRow(held, slot, '1', TEXTS).resource.service);
  expect(services.slice(0, 2)).toEqual(['s7', 's7']);
  expect(new Set(services).size).toBe(3);
});

test('a parent of two halves is not found by a service that has no number', () => {
  const twins = (service: number) =>
    heldOf([
      [1, 0, 'internal', service],
      [1, 0, 'server', 3],
      [2, 1, 'internal', service],
    ]);
  for (const [service, parent] of [
    [9, 0],
    [UNTOLD_SERVICE, 1],
  ] as const) {
    const { held, number, slots } = twins(service);
    expect(held.parentOf(number, slots[2] as number)).toBe(slots[parent]);
  }
});
