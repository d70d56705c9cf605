import { describe, expect, test } from 'vitest';
import { samplingThreshold } from './span.ts';
import { makeSpan } from './testing/make-span.ts';
import { buildTrace, durationOf, selfTime } from './trace.ts';

describe('which traces are complete', () => {
  const root = makeSpan({ spanId: 'a' });

  test('every parent is there', () => {
    expect(buildTrace([root, makeSpan({ spanId: 'b', parentSpanId: 'a' })]).incomplete).toBeNull();
  });

  test('a parent that never arrived', () => {
    const lost = makeSpan({ spanId: 'b', parentSpanId: 'gone' });
    expect(buildTrace([root, lost]).incomplete).toEqual({ kind: 'missing-parent', span: lost });
  });

  test('one remote caller: no root, all tops name one missing parent and receive', () => {
    const tops = [
      makeSpan({ spanId: 'b', parentSpanId: 'gone', kind: 'server' }),
      makeSpan({ spanId: 'c', parentSpanId: 'gone', kind: 'consumer' }),
    ];
    expect(buildTrace(tops).incomplete).toBeNull();
    expect(buildTrace([...tops, root]).incomplete?.kind).toBe('missing-parent');
    const other = makeSpan({ spanId: 'd', parentSpanId: 'gone too', kind: 'server' });
    expect(buildTrace([...tops, other]).incomplete?.kind).toBe('missing-parent');
    const sender = makeSpan({ spanId: 'd', parentSpanId: 'gone', kind: 'client' });
    expect(buildTrace([...tops, sender]).incomplete?.kind).toBe('missing-parent');
  });

  test('sampled apart: two thresholds; a span without one says nothing', () => {
    const at = (spanId: string, traceState: string) => makeSpan({ spanId, parentSpanId: 'a', traceState });
    expect(buildTrace([root, at('b', 'ot=th:8'), at('c', '')]).incomplete).toBeNull();
    expect(buildTrace([root, at('b', 'ot=th:8'), at('c', 'x=1,ot=rv:1;th:c')]).incomplete).toEqual({
      kind: 'sampled-apart',
      thresholds: ['8', 'c'],
    });
  });

  test('sampled apart: a span whose flags say that the trace was not sampled', () => {
    const unsampled = makeSpan({ spanId: 'b', parentSpanId: 'a', sampled: false });
    expect(buildTrace([root, unsampled]).incomplete).toEqual({
      kind: 'sampled-apart',
      thresholds: ['not sampled'],
    });
    const thresholds = [{ ...root, traceState: 'ot=th:8' }, unsampled];
    expect(buildTrace(thresholds).incomplete).toEqual({
      kind: 'sampled-apart',
      thresholds: ['8', 'not sampled'],
    });
  });

  test('cut by size always, by age only while no root is there', () => {
    expect(buildTrace([root], { maxSpans: true }).incomplete).toEqual({ kind: 'max-spans' });
    expect(buildTrace([root], { maxAge: true }).incomplete).toBeNull();
    const top = makeSpan({ spanId: 'b', parentSpanId: 'gone', kind: 'server' });
    expect(buildTrace([top], { maxAge: true }).incomplete).toEqual({ kind: 'max-age' });
  });

  test('a repeat is no conflict, a different span of one identity is, the first is kept', () => {
    expect(buildTrace([root, { ...root }]).spans).toHaveLength(1);
    const other = { ...root, name: 'other' };
    const trace = buildTrace([root, other]);
    expect(trace.spans).toEqual([root]);
    expect(trace.incomplete).toEqual({ kind: 'conflicting-spans', spanId: 'a' });
    const unsampled = { ...root, sampled: false as const };
    expect(buildTrace([root, unsampled]).incomplete?.kind).toBe('conflicting-spans');
    expect(buildTrace([root, { ...root, kind: 'client' as const }]).spans).toHaveLength(2);
  });
});

describe('parents', () => {
  test('a server span that shares the id of its client span is its child', () => {
    const client = makeSpan({ spanId: 'b', parentSpanId: 'a', kind: 'client', service: 'shop' });
    const server = makeSpan({ spanId: 'b', parentSpanId: 'a', kind: 'server', service: 'stock' });
    const below = makeSpan({ spanId: 'c', parentSpanId: 'b', service: 'stock', start: 5n, end: 6n });
    const trace = buildTrace([makeSpan({ spanId: 'a' }), client, server, below]);
    expect(trace.parentOf(server)).toBe(client);
    expect(trace.parentOf(client)?.spanId).toBe('a');
    expect(trace.parentOf(below)).toBe(server);
    expect(trace.childrenOf(client)).toEqual([server]);
  });
});

test('the order of arrival does not matter', () => {
  const spans = [3, 1, 2].map((n) => makeSpan({ spanId: `s${n}`, start: BigInt(n), end: BigInt(n + 1) }));
  const ids = (list: typeof spans) => buildTrace(list).spans.map((span) => span.spanId);
  expect(ids(spans)).toEqual(ids([...spans].reverse()));
});

test('duration is from the first start to the last end', () => {
  expect(durationOf([])).toBe(0n);
  expect(durationOf([makeSpan({ start: 5n, end: 9n }), makeSpan({ start: 2n, end: 3n })])).toBe(7n);
});

test('self time leaves out what children cover, once, and only inside the span', () => {
  const span = makeSpan({ start: 10n, end: 20n });
  const child = (start: bigint, end: bigint) => makeSpan({ start, end });
  expect(selfTime(span, [])).toBe(10n);
  expect(selfTime(span, [child(12n, 15n), child(14n, 16n)])).toBe(6n);
  expect(selfTime(span, [child(5n, 12n), child(18n, 30n)])).toBe(6n);
  expect(selfTime(span, [child(0n, 40n), child(11n, 12n)])).toBe(0n);
});

test.each([
  ['', null],
  ['ot=th:c', 'c'],
  ['vendor=1, ot=p:8;th:0;rv:abc', '0'],
  ['ot=rv:abc', null],
  ['other=th:c', null],
])('sampling threshold of %j', (traceState, threshold) => {
  expect(samplingThreshold(traceState)).toBe(threshold);
});
