import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RULE_TEST_CODES } from '../diagnostic/codes/rule-test.ts';
import type { Span } from '../trace/span.ts';
import { buildTrace } from '../trace/trace.ts';
import { DRAWN_EPOCH, parseDrawnTrace } from './drawn-trace.ts';

function draw(text: string): readonly Span[] {
  const { spans, diagnostics } = parseDrawnTrace({ name: 'drawing', text });
  expect(diagnostics).toEqual([]);
  return spans;
}

function first(text: string): Span {
  const [span] = draw(text);
  if (span === undefined) throw new Error('no span');
  return span;
}

/** What is wrong, as `code text-pointed-at`. */
function problems(text: string): string[] {
  return parseDrawnTrace({ name: 'drawing', text }).diagnostics.map(
    ({ code, range }) => `${code} ${text.slice(range?.start, range?.end)}`,
  );
}

describe('parseDrawnTrace', () => {
  it('reads service, name, times and attributes', () => {
    const span = first('frontend/POST /checkout @120ms+80ms {amount: 59.99, cart.id: c1}');
    expect(span).toMatchObject({
      name: 'POST /checkout',
      kind: 'internal',
      status: 'unset',
      parentSpanId: '',
      start: DRAWN_EPOCH + 120_000_000n,
      end: DRAWN_EPOCH + 200_000_000n,
      scope: '',
      traceState: '',
      events: [],
    });
    expect(span.resource.service).toBe('frontend');
    expect([...span.attributes]).toEqual([
      ['amount', 59.99],
      ['cart.id', 'c1'],
    ]);
    expect([...span.resource.attributes]).toEqual([['service.name', 'frontend']]);
  });

  it('takes the nearest line above that is indented less as the parent', () => {
    const spans = draw(`
      a/root @0ms+9ms
        a/one @1ms+1ms
            a/deep @1ms+1ms
        // a comment

        a/two @3ms+1ms
      a/other @8ms+1ms
    `);
    const parents = spans.map(
      (span) => spans.find((other) => other.spanId === span.parentSpanId)?.name ?? '-',
    );
    expect(parents).toEqual(['-', 'root', 'one', 'root', '-']);
  });

  it('reads values with their types', () => {
    const { attributes } = first(
      'a/b @0s+1s {i: 5, d: 0.5, e: 1e3, t: text, q: "5", b: true, l: [1, x, false], m: {k: [1]}, n: .nan, f: -.inf, z: -0, big: 9223372036854775807, x: !!binary aGk=, "span.id": own, s: it\'s, u: a/b}',
    );
    expect(Object.fromEntries(attributes)).toEqual({
      i: 5,
      d: 0.5,
      e: 1000,
      t: 'text',
      q: '5',
      b: true,
      l: [1, 'x', false],
      m: { k: [1] },
      n: Number.NaN,
      f: Number.NEGATIVE_INFINITY,
      z: -0,
      big: 9223372036854775807n,
      x: new Uint8Array([104, 105]),
      'span.id': 'own',
      s: "it's",
      u: 'a/b',
    });
  });

  it('sets the rest of the span by the names of the language', () => {
    const span =
      first(`a/b @1s+1s {span.status: error, span.kind: server, span.scope: lib, span.tracestate: "ot=th:8", span.sampled: false,
      span.events: [exception, {name: retry, at: 5ms, attributes: {n: 1}}], resource.region: eu, span.resource: {"odd name": 1},
      span.id: 00f067aa0ba902b7, span.parent: ff}`);
    expect(span).toMatchObject({
      spanId: '00f067aa0ba902b7',
      parentSpanId: '00000000000000ff',
      status: 'error',
      kind: 'server',
      scope: 'lib',
      traceState: 'ot=th:8',
      sampled: false,
    });
    expect(span.events.map(({ name, time }) => [name, time - span.start])).toEqual([
      ['exception', 0n],
      ['retry', 5_000_000n],
    ]);
    expect([...(span.events[1]?.attributes ?? [])]).toEqual([['n', 1]]);
    expect(Object.fromEntries(span.resource.attributes)).toEqual({
      region: 'eu',
      'odd name': 1,
      'service.name': 'a',
    });
  });

  it('takes an id of digits as written, not as a number', () => {
    expect(first('a/b @0ms+1ms {span.id: 0000000000000010}').spanId).toBe('0000000000000010');
    expect(first('a/b @0ms+1ms {span.id: 1e5}').spanId).toBe('00000000000001e5');
  });

  it('knows spans without a service, with quoted names and with times before the beginning', () => {
    const [none, empty, quoted, early] = draw(
      '/x @0ms+1ms\n""/x @0ms+1ms\n"a/b"/"x @1ms" @0ms+1ms\na/b @-5ms+1us',
    );
    expect(none?.resource.attributes.size).toBe(0);
    expect(empty?.resource.attributes.get('service.name')).toBe('');
    expect([quoted?.resource.service, quoted?.name]).toEqual(['a/b', 'x @1ms']);
    expect(early?.start).toBe(DRAWN_EPOCH - 5_000_000n);
    expect((early?.end ?? 0n) - (early?.start ?? 0n)).toBe(1000n);
  });

  it('draws a parent that never arrived', () => {
    const spans = draw('a/root @0ms+9ms\n  (missing) #gw\n    a/below @1ms+1ms\n    a/beside @2ms+1ms');
    const [, below, beside] = spans;
    expect(below?.parentSpanId).toBe(beside?.parentSpanId);
    expect(buildTrace(spans).incomplete?.kind).toBe('missing-parent');
  });

  it('draws the daily case of a caller that exports elsewhere', () => {
    expect(
      buildTrace(draw('(missing)\n  a/GET @0ms+9ms {span.kind: server}\n    a/b @1ms+1ms')).incomplete,
    ).toBe(null);
  });

  it('draws several traces, numbered on from where it is told', () => {
    const source = {
      name: 'drawing',
      text: 'a/x @0ms+1ms\n---\na/y @0ms+1ms\n--- 4bf92f3577b34da6a3ce929d0e0e4736\na/z @0ms+1ms',
    };
    const { spans, traces } = parseDrawnTrace(source, { firstTrace: 7 });
    expect(traces).toBe(3);
    expect(spans.map((span) => span.traceId)).toEqual([
      '00000000000000000000000000000007',
      '00000000000000000000000000000008',
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ]);
    expect(new Set(spans.map((span) => span.spanId)).size).toBe(3);
  });

  it('draws a repeated span, and one of two halves, by span.id', () => {
    const [one, again] = draw('a/x @0ms+1ms {span.id: a}\na/x @0ms+1ms {span.id: a}');
    expect(again).toEqual(one);
  });

  it('finds spans by their labels, also below', () => {
    const { spans, labels, diagnostics } = parseDrawnTrace({
      name: 'drawing',
      text: 'a/x @0ms+1ms {span.parent: "#y"} #x\na/y @0ms+1ms {span.parent: none} #y',
    });
    expect(diagnostics).toEqual([]);
    expect(labels.get('y')).toBe(spans[1]);
    expect(spans[0]?.parentSpanId).toBe(spans[1]?.spanId);
  });

  it('gives the same spans each time', () => {
    const text = 'a/x @0ms+1ms\n  a/y @0ms+1ms';
    expect(draw(text)).toEqual(draw(text));
    expect(draw(`\n\n${text}`).map((span) => span.spanId)).toEqual(draw(text).map((span) => span.spanId));
  });

  it.each([
    ['no service', 'payment.charge @0ms+1ms', 'FL601 payment.charge @0ms+1ms'],
    ['no time', 'a/b', 'FL601 '],
    ['a time without a unit', 'a/b @0+1', 'FL601 @0+1'],
    ['no duration', 'a/b @5ms', 'FL601 @5ms'],
    ['no name', 'a/ @0ms+1ms', 'FL601 a/'],
    ['an open quote', 'a/"b @0ms+1ms', 'FL601 "b @0ms+1ms'],
    ['an unknown escape', 'a/"\\q" @0ms+1ms', 'FL601 "\\q"'],
    ['open braces', 'a/b @0ms+1ms {x: 1', 'FL601 {'],
    ['something behind', 'a/b @0ms+1ms {x: 1} y', 'FL601 y'],
    ['a separator with more', '--- next', 'FL601 --- next'],
    ['a tab', '\ta/b @0ms+1ms', 'FL602 \t'],
    ['indentation that fits nothing', 'a/a @0ms+1ms\n    a/b @0ms+1ms\n  a/c @0ms+1ms', 'FL602 a/c @0ms+1ms'],
    ['an unknown status', 'a/b @0ms+1ms {span.status: eror}', 'FL603 eror'],
    ['an unknown field', 'a/b @0ms+1ms {span.kindd: server}', 'FL603 span.kindd'],
    ['a field that is drawn', 'a/b @0ms+1ms {span.name: x}', 'FL603 span.name'],
    ['no value', 'a/b @0ms+1ms {x: null}', 'FL603 null'],
    ['an id that is none', 'a/b @0ms+1ms {span.id: xyz}', 'FL603 xyz'],
    ['an unknown label', 'a/b @0ms+1ms {span.parent: "#x"}', 'FL603 "#x"'],
    ['a label twice', 'a/b @0ms+1ms #x\na/c @0ms+1ms #x', 'FL603 #x'],
    ['an attribute twice', 'a/b @0ms+1ms {x: 1, "x": 2}', 'FL603 "x"'],
    ['a key twice', 'a/b @0ms+1ms {x: 1, x: 2}', 'FL303 x'],
    ['the service twice', 'a/b @0ms+1ms {resource.service.name: c}', 'FL603 {resource.service.name: c}'],
    ['attributes of a missing span', '(missing) {x: 1}', 'FL603 x'],
    ['events that are no list', 'a/b @0ms+1ms {span.events: x}', 'FL603 x'],
    ['an event without a name', 'a/b @0ms+1ms {span.events: [{at: 5ms}]}', 'FL603 {at: 5ms}'],
    ['an event with another key', 'a/b @0ms+1ms {span.events: [{name: x, time: 5ms}]}', 'FL603 time'],
    ['bytes that are not base64', 'a/b @0ms+1ms {x: !!binary "?"}', 'FL301 '],
    ['braces that are not YAML', 'a/b @0ms+1ms {x: [1}', 'FL301 '],
  ])('objects to %s', (_, text, expected) => {
    const found = problems(text);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.startsWith(expected), `${found.join('; ')}`).toBe(true);
    expect(parseDrawnTrace({ name: 'drawing', text }).spans).toEqual([]);
  });

  it('reports all that is wrong at once', () => {
    expect(problems('a/b @1+1\nc @0ms+1ms\na/b @0ms+1ms {span.kind: x}')).toHaveLength(3);
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'a/',
      'b',
      ' @',
      '0ms',
      '+',
      '1ms',
      ' {',
      '}',
      'x: 1',
      ', ',
      'span.',
      'id: ',
      'parent: ',
      'events: [',
      ']',
      '"',
      "'",
      '#l',
      '\n',
      '  ',
      '---',
      '(missing)',
      '//',
      '\\',
      '\t',
      '😀',
      '\r\n',
      '!!binary ',
      '&a',
      '*a',
      '\0',
      '/',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const { spans, ranges, diagnostics } = parseDrawnTrace({ name: 'drawing', text });
        expect(ranges).toHaveLength(spans.length);
        for (const { range } of diagnostics) {
          expect(range?.start).toBeGreaterThanOrEqual(0);
          expect(range?.start).toBeLessThanOrEqual(text.length);
        }
      }),
      { seed: 9, numRuns: 4000 },
    );
  });

  it('reads long drawings in little more than the time of short ones', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `a/b @${index}ms+1ms {n: ${index}}`);
    expect(draw(lines.join('\n'))).toHaveLength(20_000);
  });
});

describe('examples of the codes of drawn traces', () => {
  for (const code of ['FL601', 'FL602', 'FL603'] as const) {
    it(code, () => {
      expect(problems(RULE_TEST_CODES[code].bad).some((problem) => problem.startsWith(code))).toBe(true);
      expect(problems(RULE_TEST_CODES[code].good)).toEqual([]);
    });
  }
});
