import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../trace/attribute-value.ts';
import { compareSpans, SPAN_KINDS, SPAN_STATUSES, type Span } from '../trace/span.ts';
import { drawTrace } from './draw-trace.ts';
import { DRAWN_EPOCH, parseDrawnTrace } from './drawn-trace.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    'null',
    'true',
    '~',
    '12',
    '.nan',
    'a: b',
    'a #b',
    '- a',
    '"x"',
    "it's",
    '{',
    '}',
    'a, b',
    ' x ',
    '',
    '#x',
    'x @1ms',
    'a/b',
    '/a',
    '---',
    '(missing)',
    '//',
    'é',
    '😀',
    '\ud800',
    '\u2028',
    '!!binary x',
    '*',
    '&a',
    'resource.x',
    'span.id',
    '__proto__',
    'no',
    '0x1f',
    '1_000',
    '2026-01-01',
    '\t',
    'a\r\nb',
  ),
);
const scalar: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  fc.boolean(),
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, Number.NaN, 1e21, 2 ** 53, -(2 ** 60), 5e-324),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  fc.uint8Array({ maxLength: 5 }),
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    scalar,
    { maxKeys: 3 },
  ),
);
const attributes = fc
  .array(fc.tuple(text, value), { maxLength: 4 })
  .map((entries) => new Map<string, AttributeValue>(entries));
const id = fc.integer({ min: 1, max: 12 }).map((number) => number.toString(16).padStart(16, '0'));
const instant = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 18n });

const span: fc.Arbitrary<Span> = fc
  .record({
    trace: fc.integer({ min: 1, max: 3 }),
    spanId: id,
    parentSpanId: fc.oneof(id, fc.constant('' as const)),
    name: text,
    kind: fc.constantFrom(...SPAN_KINDS),
    start: instant,
    duration: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    status: fc.constantFrom(...SPAN_STATUSES),
    attributes,
    resource: attributes,
    service: fc.option(text, { nil: null }),
    scope: text,
    events: fc.array(fc.record({ name: text, at: fc.bigInt({ min: -5n, max: 10n ** 9n }), attributes }), {
      maxLength: 2,
    }),
    traceState: text,
    sampled: fc.constantFrom(undefined, false as const),
  })
  .map(({ trace, start, duration, service, resource, events, sampled, ...rest }) => {
    const named = new Map(resource);
    if (service !== null) named.set('service.name', service);
    const found = named.get('service.name');
    const begin = DRAWN_EPOCH + start;
    return {
      ...rest,
      ...(sampled === undefined ? {} : { sampled }),
      traceId: trace.toString(16).padStart(32, 'f'),
      start: begin,
      end: begin + duration,
      resource: { attributes: named, service: typeof found === 'string' ? found : '' },
      events: events.map((event) => ({
        name: event.name,
        time: begin + event.at,
        attributes: event.attributes,
      })),
    };
  });

/** Spans as comparable values: maps in the order of their keys. */
function comparable(spans: readonly Span[]): unknown[] {
  const plain = (map: ReadonlyMap<string, AttributeValue>): unknown =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, comparableValue(item)]);
  return spans
    .map((one) => ({
      ...one,
      attributes: plain(one.attributes),
      resource: plain(one.resource.attributes),
      service: one.resource.service,
      events: one.events.map((event) => ({ ...event, attributes: plain(event.attributes) })),
    }))
    .map((one, index) => ({ one, key: spans[index] as Span }))
    .sort(
      (a, b) =>
        compareSpans(a.key, b.key) || (JSON.stringify(show(a.one)) < JSON.stringify(show(b.one)) ? -1 : 1),
    )
    .map(({ one }) => show(one));
}

function show(item: unknown): unknown {
  return JSON.parse(JSON.stringify(item, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)));
}

/** With the difference between -0 and 0, NaN and infinities kept. */
function comparableValue(item: AttributeValue): unknown {
  if (typeof item === 'number') return Object.is(item, -0) ? '-0 number' : `${item} number`;
  if (item instanceof Uint8Array) return { bytes: [...item] };
  if (Array.isArray(item)) return item.map(comparableValue);
  if (typeof item === 'object') {
    return Object.entries(item).map(([key, inner]) => [key, comparableValue(inner as AttributeValue)]);
  }
  return item;
}

describe('drawTrace', () => {
  it('is read back as the same spans', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(span, { maxLength: 8, selector: (one) => `${one.traceId}${one.spanId}${one.kind}` }),
        (spans) => {
          const drawing = drawTrace(spans);
          const { spans: read, diagnostics } = parseDrawnTrace({ name: 'drawing', text: drawing });
          expect(diagnostics).toEqual([]);
          expect(comparable(read)).toEqual(comparable(spans));
        },
      ),
      { seed: 20_260_101, numRuns: 1500 },
    );
  });

  it('leaves out ids and begins at zero when it draws for a reader', () => {
    const { spans } = parseDrawnTrace({
      name: 'drawing',
      text: 'shop/checkout @5s+90ms {span.id: ab}\n  pay/charge @5010ms+20ms {amount: 5, span.id: cd}\n  (missing) {span.id: ef}\n    x/y @5020ms+1ms',
    });
    expect(drawTrace(spans, { fidelity: 'readable' })).toBe(
      ['shop/checkout @0ms+90ms', '  pay/charge @10ms+20ms {amount: 5}', '(missing)', '  x/y @20ms+1ms'].join(
        '\n',
      ),
    );
  });

  it('keeps parents in a readable drawing when they form a circle or a very long chain', () => {
    const circle = parseDrawnTrace({
      name: 'drawing',
      text: 'a/a @0ms+1ms {span.id: 1, span.parent: "2"}\na/b @1ms+1ms {span.id: 2, span.parent: "1"}',
    });
    const chain = Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a/b @${depth}ms+1ms`).join(
      '\n',
    );
    const long = parseDrawnTrace({ name: 'drawing', text: chain });
    for (const { spans, diagnostics } of [circle, long]) {
      expect(diagnostics).toEqual([]);
      const again = parseDrawnTrace({ name: 'drawing', text: drawTrace(spans, { fidelity: 'readable' }) });
      expect(again.diagnostics).toEqual([]);
      const shape = (list: readonly Span[]): string[] =>
        list
          .map(
            (one) => `${one.start} below ${list.find((other) => other.spanId === one.parentSpanId)?.start}`,
          )
          .sort();
      expect(shape(again.spans)).toEqual(shape(spans));
    }
  });

  it('draws nothing for no spans', () => {
    expect(drawTrace([])).toBe('');
  });
});
