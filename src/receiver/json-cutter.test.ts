import { describe, expect, test } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { INPUT_LIMITS, type InputLimits } from './input-limits.ts';
import { JsonCutter } from './json-cutter.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function cut(text: string, { chunkBytes = 1 << 20, limits = {} as Partial<InputLimits> } = {}) {
  const out = new BatchBuilder('traces');
  const cutter = new JsonCutter(out, { ...INPUT_LIMITS, ...limits });
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) cutter.push(bytes.slice(at, at + chunkBytes));
  cutter.end();
  const { records, diagnostics, damaged } = out.take(0);
  return {
    texts: records.map((record) => decoder.decode(record.bytes)),
    lines: records.map((record) => record.line),
    formats: [...new Set(records.map((record) => record.format))],
    objections: diagnostics.map(({ code, line }) => `${code}:${line}`),
    damaged,
    unrecognised: cutter.unrecognised,
  };
}

const A = '{"resourceSpans":[{"a":1}]}';
const B = '{"resourceSpans":[{"b":[2]}]}';
const CHUNKS = [1, 2, 3, 7, 1 << 20];

describe.each(CHUNKS)('in chunks of %d bytes', (chunkBytes) => {
  const at = { chunkBytes };

  test('lines are records with their numbers', () => {
    expect(cut(`\n${A}\r\n\n  ${B}  \n${A}`, at)).toMatchObject({
      texts: [A, B, A],
      lines: [2, 4, 5],
      objections: [],
    });
  });

  test.each([
    ['cut in a string', '{"resourceSpans":[{"a":"x'],
    ['cut behind a value', '{"resourceSpans":[{"a":1'],
    ['cut behind a comma', '{"resourceSpans":[{"a":1,'],
    ['cut behind a bracket', '{"resourceSpans":['],
    ['with a brace too many', `${A}}`],
  ])('a line that is %s costs that line', (_, broken) => {
    const { texts, objections, damaged } = cut(`${A}\n${broken}\n${B}\n${A}\n`, at);
    expect(texts.filter((text) => text === A || text === B).slice(-2)).toEqual([B, A]);
    // With a brace too many the line looks whole: its JSON is found to be wrong when it is decoded.
    if (broken.startsWith(A)) expect(texts).toContain(broken);
    else {
      expect(objections).toEqual(['FL512:2']);
      expect(damaged).toBe(1);
    }
  });

  test('the first line may be the broken one', () => {
    const { texts, lines, objections } = cut(`{"resourceSpans":[{"a":"x\n${B}\n${A}\n`, at);
    expect(texts).toEqual([B, A]);
    expect(lines).toEqual([2, 3]);
    expect(objections).toEqual(['FL512:1']);
  });

  test('text between the records is passed over, each stretch with one objection', () => {
    const { texts, objections } = cut(`starting\nup\n${A}\nlog: {"x":1}\nmore\n${B}\nend`, at);
    expect(texts).toEqual([A, B]);
    expect(objections).toEqual(['FL518:1', 'FL518:4', 'FL518:7']);
  });

  test('a damaged document of many lines does not tear those behind it', () => {
    const pretty = '{\n  "resourceSpans": [\n    {"a": "x\n    },\n    {"b": 1}\n  ]\n}\n';
    const { texts, objections } = cut(`${pretty}${A}\n`, at);
    expect(texts.at(-1)).toBe(A);
    expect(objections).toEqual(['FL512:1', 'FL518:4']);
  });

  test('of a record that breaks off, the elements that were whole are given', () => {
    const { texts, objections } = cut(`{"resourceSpans":[\n{"a":1},\n{"b":"x\n${A}\n`, at);
    expect(texts.map((text) => text.replace(/\s/g, ''))).toEqual(['{"resourceSpans":[{"a":1}]}', A]);
    expect(objections).toEqual(['FL512:1']);
  });

  test('what a file ends in the middle of is given as far as it is whole', () => {
    const { texts, objections } = cut('{"resourceSpans":[{"a":1},\n{"b":2},\n{"c":', at);
    expect(texts).toEqual(['{"resourceSpans":[{"a":1},\n{"b":2}]}']);
    expect(objections).toEqual(['FL512:1']);
  });

  test.each([
    ['{"events":[]}\n{"resourceSpans":[]}', 'JSON with the keys `events`'],
    ['[1, 2]', 'a JSON array without objects'],
    ['["{}"]', 'a JSON array without objects'],
    ['{"a":1,"b":2,"c":3,"d":4,"e":5}', 'JSON with the keys `a`, `b`, `c`, `d`, ...'],
    ['Copyright (c)\nall rights', 'text that is not JSON'],
  ])('%j is not traces', (text, what) => {
    expect(cut(text, at)).toMatchObject({ texts: [], unrecognised: what });
  });

  test('empty exports are traces', () => {
    expect(cut('[]', at)).toMatchObject({ unrecognised: null, objections: [] });
    expect(cut('{}\n', at)).toMatchObject({ texts: ['{}'], unrecognised: null, objections: [] });
  });
});

describe('large documents', () => {
  const spans = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `{"n":${index + from},"x":"${'}],{['.repeat(8)}"}`);
  const numbers = (texts: readonly string[]) =>
    texts.flatMap((text) => [...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n)));
  const limits = { wholeDocument: 300, longLine: 300, headerWait: 600, record: 900, jaegerTrace: 5000 };
  const all = Array.from({ length: 40 }, (_, index) => index);

  const oneResource = (header: string) =>
    `{"resourceSpans":[{${header}"scopeSpans":[{"scope":{"name":"s"},"spans":[${spans(40).join(',\n')}]}]}]}`;

  test.each([
    [
      'a list',
      `[${spans(40)
        .map((one) => one.replace('{', '{"traceId":"1","id":"2",'))
        .join(',\n')}]`,
    ],
    [
      'a list of lists',
      `[[${spans(40)
        .map((one) => one.replace('{', '{"traceId":"1","id":"2",'))
        .join(',')}]]`,
    ],
    ['resources', `{"resourceSpans":[${spans(40).join(',')}],"more":1}`],
    ['the spans of one resource', oneResource('"resource":{"attributes":[]},')],
    ['traces', `{"data":[${spans(40).join(',')}],"total":40}`],
    [
      'a list of requests',
      `[{"resourceSpans":[${spans(20).join(',')}]},{"resourceSpans":[${spans(20, 20).join(',')}]}]`,
    ],
  ])('%s: each element is told once, each record is JSON, no record is large', (_, text) => {
    for (const chunkBytes of [1, 16, 100]) {
      const { texts, objections } = cut(text, { chunkBytes, limits });
      expect(objections).toEqual([]);
      expect(texts.length).toBeGreaterThan(5);
      for (const record of texts) {
        expect(record.length).toBeLessThan(900);
        expect(() => JSON.parse(record)).not.toThrow();
      }
      expect(numbers(texts).sort((a, b) => a - b)).toEqual(all);
    }
  });

  test('pieces keep the resource and the scope that belong to them', () => {
    const text = oneResource('"resource":{"attributes":[{"key":"k"}]},');
    for (const record of cut(text, { chunkBytes: 50, limits }).texts) {
      expect(JSON.parse(record)).toMatchObject({
        resourceSpans: [{ resource: { attributes: [{ key: 'k' }] }, scopeSpans: [{ scope: { name: 's' } }] }],
      });
    }
  });

  test('pieces know the lines of their elements', () => {
    const { texts, lines } = cut(oneResource('"resource":{},\n\n'), { chunkBytes: 50, limits });
    for (const [index, record] of texts.entries()) {
      const [first] = numbers([record]);
      if (first === undefined) continue;
      const before = record.slice(0, record.indexOf('"n"'));
      expect((lines[index] as number) + before.split('\n').length - 1).toBe(3 + first);
    }
  });

  test('a resource behind its spans is waited for, and objected to when there are too many', () => {
    const late = (count: number) =>
      `{"resourceSpans":[{"scopeSpans":[{"scope":{},"spans":[${spans(count).join(',')}]}],"resource":{"late":true}}]}`;
    const few = cut(late(5), { chunkBytes: 20, limits });
    expect(few.objections).toEqual([]);
    expect(few.texts).toHaveLength(1);
    const many = cut(late(40), { chunkBytes: 20, limits });
    expect(numbers(many.texts)).toEqual(all);
    expect(many.objections).toEqual(['FL517:1']);
    expect(many.damaged).toBe(1);
  });

  test('an element that is too large is passed over, and what is behind it read', () => {
    const giant = `{"n":99,"x":"${'y'.repeat(3000)}"}`;
    for (const chunkBytes of [1, 33, 5000]) {
      const list = [...spans(3), giant, ...spans(3, 3)];
      const { texts, objections, damaged } = cut(`{"resourceSpans":[${list.join(',\n')}]}`, {
        chunkBytes,
        limits,
      });
      // In one chunk it never had to be held.
      if (chunkBytes === 5000) continue;
      expect(numbers(texts)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(objections).toEqual(['FL513:4']);
      expect(damaged).toBe(1);
      for (const record of texts) expect(() => JSON.parse(record)).not.toThrow();
    }
  });

  test('a giant last element leaves no comma behind', () => {
    const text = `{"resourceSpans":[{"n":1},{"x":"${'y'.repeat(3000)}"}]}\n${A}\n`;
    const { texts, objections } = cut(text, { chunkBytes: 40, limits });
    for (const record of texts) expect(() => JSON.parse(record)).not.toThrow();
    expect(numbers(texts)).toEqual([1]);
    expect(texts.at(-1)).toBe(A);
    expect(objections).toEqual(['FL513:1']);
  });

  test('a Jaeger trace is held whole up to its own limit', () => {
    const trace = (count: number) =>
      `{"traceID":"1","spans":[${spans(count).join(',')}],"processes":{"p1":{}}}`;
    const held = cut(trace(40), { chunkBytes: 64, limits });
    expect(held.texts).toEqual([trace(40)]);
    const lost = cut(`{"data":[${trace(2)},${trace(200)},${trace(1)}]}`, { chunkBytes: 64, limits });
    expect(lost.objections).toEqual(['FL513:1']);
    expect(numbers(lost.texts)).toEqual([0, 1, 0]);
  });
});
