/** The scanner may say no to anything; what it takes, it must read as the decoder does, and the decoder must have nothing to say of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameTable } from '../../otlp/name-table.ts';
import { decodeRecord } from '../../receiver/decode-record.ts';
import type { TraceRecord } from '../../receiver/record.ts';
import type { Span } from '../../trace/span.ts';
import { OpenSpans } from './open-spans.ts';
import { RecordReader } from './record-reader.ts';
import { exportRequest, jsonText, type TextStyle } from './testing/otlp-requests.ts';

const SEED = 20260807;

function recordOf(bytes: Uint8Array): TraceRecord {
  return { file: 'test.jsonl', line: 1, format: 'otlp-json', bytes };
}

/** What the fast path makes of a record; null when it leaves it to the decoder. */
function scanned(bytes: Uint8Array): Span[] | null {
  const names = new NameTable();
  const reader = new RecordReader<TraceRecord>(names, decodeRecord);
  const record = reader.read(recordOf(bytes));
  if (record.sources === null) return null;
  const pool = new OpenSpans((name) => names.textOf(name));
  return Array.from({ length: record.count }, (_, row) => {
    const slot = pool.add(record, row);
    const id = Array.from(record.rows.words.subarray(row * 16, row * 16 + 4), (word) =>
      word.toString(16).padStart(8, '0'),
    ).join('');
    return pool.spans(id, Int32Array.of(slot), reader.contexts)[0] as Span;
  });
}

function expectAgreement(bytes: Uint8Array): boolean {
  const fast = scanned(bytes);
  if (fast === null) return false;
  const decoded = decodeRecord(recordOf(bytes));
  expect(decoded.diagnostics).toEqual([]);
  expect(decoded.damaged).toBe(0);
  expect(decoded.mended).toBe(0);
  expect(decoded.foreign).toBe(0);
  expect(fast).toEqual(decoded.spans);
  return true;
}

const style: fc.Arbitrary<TextStyle> = fc.record({
  order: fc.constantFrom('kept', 'reversed', 'rotated'),
  blanks: fc.constantFrom('', ' ', '\n  ', '\t\r\n'),
  escapes: fc.boolean(),
});

describe('the scanner of OTLP/JSON', () => {
  it('takes what exporters write, in any order of keys and with any white space', () => {
    fc.assert(
      fc.property(exportRequest({ odd: false }), style, (request, how) => {
        expect(expectAgreement(new TextEncoder().encode(jsonText(request, { ...how, escapes: false })))).toBe(
          true,
        );
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('agrees with the decoder on requests with oddities in them', () => {
    let taken = 0;
    fc.assert(
      fc.property(exportRequest({ odd: true }), style, (request, how) => {
        if (expectAgreement(new TextEncoder().encode(jsonText(request, how)))) taken++;
      }),
      { seed: SEED, numRuns: 600 },
    );
    expect(taken).toBeGreaterThan(40);
  });

  it('agrees with the decoder on requests whose bytes were changed', () => {
    let taken = 0;
    const changes = fc.array(
      fc.record({
        at: fc.nat(5000),
        change: fc.constantFrom('replace', 'remove', 'repeat', 'cut'),
        byte: fc.oneof(fc.constantFrom(...new TextEncoder().encode('"\\{}[],:0aF9-.e \n')), fc.nat(255)),
      }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(exportRequest({ odd: false }), style, changes, (request, how, all) => {
        let bytes = [...new TextEncoder().encode(jsonText(request, how))];
        for (const { at, change, byte } of all) {
          const place = at % bytes.length;
          if (change === 'replace') bytes[place] = byte;
          else if (change === 'remove') bytes.splice(place, 1);
          else if (change === 'repeat') bytes.splice(place, 0, ...bytes.slice(place, place + 12));
          else bytes = bytes.slice(0, Math.max(1, place));
        }
        if (expectAgreement(Uint8Array.from(bytes))) taken++;
      }),
      { seed: SEED, numRuns: 1500 },
    );
    expect(taken).toBeGreaterThan(20);
  });

  it.each([
    ['a name with an escape', span({ name: '"caf\\u00e9"' })],
    ['a kind as text', span({ kind: '"SPAN_KIND_SERVER"' })],
    ['a kind of later versions', span({ kind: '6' })],
    ['a kind with a fraction', span({ kind: '2.5' })],
    ['a time as a number', span({ startTimeUnixNano: '1661140339213560192' })],
    ['a short time', span({ startTimeUnixNano: '"5"' })],
    ['a time with a sign', span({ startTimeUnixNano: '"+661140339213560192"' })],
    ['an end before the start', span({ endTimeUnixNano: '"1000000000000000000"' })],
    ['a parent of zeros', span({ parentSpanId: '"0000000000000000"' })],
    ['a span id of zeros', span({ spanId: '"0000000000000000"' })],
    ['an id in base64', span({ spanId: '"AAAAAAAAAAE="' })],
    ['a null', span({ parentSpanId: 'null' })],
    ['an unknown key', span({ colour: '"red"' })],
    ['a key in snake case', span({ trace_state: '"a=b"' })],
    ['a key twice', `${span({}).slice(0, -6)},"name":"again"}]}]}]}`],
    ['a resource that is no JSON', span({}).replace('"attributes":[]', '"attributes":[}')],
    ['a resource with a fault', span({}).replace('"attributes":[]', '"attributes":[{"key":5}]')],
    ['bytes after the end', `${span({})}x`],
    ['two requests', span({}) + span({})],
    ['an attribute without a value', span({ attributes: '[{"key":"a"}]' })],
    [
      'an attribute with two values',
      span({ attributes: '[{"key":"a","value":{"intValue":1,"boolValue":true}}]' }),
    ],
    ['an attribute that is no number', span({ attributes: '[{"key":"a","value":{"intValue":01}}]' })],
    ['nothing', ''],
    ['another signal', '{"resourceLogs":[]}'],
  ])('leaves %s to the decoder', (_, text) => {
    expect(scanned(new TextEncoder().encode(text))).toBeNull();
  });

  it('leaves bytes that are not UTF-8 to the decoder, and takes those that are', () => {
    const text = span({ attributes: '[{"key":"città","value":{"stringValue":"Zürich"}}]' });
    expect(expectAgreement(new TextEncoder().encode(text))).toBe(true);
    expect(scanned(Uint8Array.from(Buffer.from(text, 'latin1')))).toBeNull();
  });
});

/** A request of one span, some of whose fields are written otherwise. */
function span(changed: { readonly [key: string]: string }): string {
  const fields = {
    traceId: '"8b51e36eaee3265bec099d0c5c63fd37"',
    spanId: '"517d16044e5eb3ee"',
    parentSpanId: '"81bb89d4400f5187"',
    name: '"GET /"',
    kind: '2',
    startTimeUnixNano: '"1661140339213560192"',
    endTimeUnixNano: '"1661140339214065344"',
    ...changed,
  };
  const text = Object.entries(fields).map(([key, value]) => `"${key}":${value}`);
  return `{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"spans":[{${text.join(',')}}]}]}]}`;
}
