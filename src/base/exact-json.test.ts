import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPath, locateJson, readJson } from './exact-json.ts';

describe('readJson', () => {
  test('reads what JSON.parse reads, by either way', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.nat(3), (text, indent) => {
        // These are the ones that it reads otherwise.
        fc.pre(!/\d{16}/.test(text));
        const value = JSON.parse(text);
        const pretty = JSON.stringify(value, null, indent);
        expect(readJson(pretty)).toEqual({ value, faults: [] });
        // A long number sends the whole text the slow way.
        expect(readJson(`[99999999999999999999,${pretty}]`)).toEqual({
          value: [99999999999999999999n, value],
          faults: [],
        });
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test.each([
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740991', 9007199254740991],
    ['12345678901234567890.5', Number('12345678901234567890.5')],
    ['123456789012345678e2', Number('123456789012345678e2')],
  ])('keeps %s exactly', (text, value) => {
    expect(readJson(text)).toEqual({ value, faults: [] });
  });

  test('a key called __proto__ is an ordinary key', () => {
    const { value } = readJson('{"__proto__":{"a":99999999999999999999}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });

  test.each([
    ['{"a":1,}', 7, 'expected a key in double quotes, but `}` was found'],
    ['{"a" 1}', 5, 'expected a colon, but `1` was found'],
    ['{"a":1', 6, 'expected a comma or a closing brace, but the text ends'],
    ['{"a":nul}', 5, 'expected a value, but `nul` was found'],
    ['{"a":"x\ny"}', 5, 'this text is not closed, or has a line end or an unknown escape in it'],
    ['{} {}', 3, 'expected the end of the record, but `{` was found'],
    ['', 0, 'expected a value, but the text ends'],
    ['{"a":01}', 6, 'expected a comma or a closing brace, but `1` was found'],
  ])('says where %j is wrong', (text, offset, message) => {
    expect(readJson(text).faults).toEqual([{ offset, message }]);
  });

  test.each([
    ['[1,nul,3]', [1, 3]],
    ['[1,{"a":[2,oops]},3]', [1, { a: [2] }, 3]],
    ['{"spans":[{"id":1},{"id":},{"id":3}]}', { spans: [{ id: 1 }, { id: 3 }] }],
    ['[[1,2 3],"]"]', [[1], ']']],
    ['[oops]', []],
  ])('goes on in %s behind what it cannot read', (text, value) => {
    const reading = readJson(text);
    expect(reading.value).toEqual(value);
    expect(reading.faults).toHaveLength(1);
  });

  test('a fault that takes the brackets along costs the whole text', () => {
    expect(readJson('{"spans":[{"id":1},{"id":2]}').value).toBeUndefined();
  });

  test('long texts and blanks are read', () => {
    const long = 'x\\n'.repeat(3_000_000);
    const text = `{"a":"${long}",${' '.repeat(5_000_000)}"n":99999999999999999999}`;
    expect((readJson(text).value as { a: string }).a).toHaveLength(6_000_000);
    expect(text.slice(locateJson(text, ['n']))).toBe('99999999999999999999}');
  });

  test('deep texts are a fault, not a crash', () => {
    const deep = `${'['.repeat(100_000)}x`;
    expect(readJson(deep).faults).toHaveLength(1);
    expect(readJson(`${'{"a":'.repeat(100_000)}x`).faults).toHaveLength(1);
  });
});

describe('locateJson', () => {
  const text = '{\n  "a": [10, {"b": "x,]}", "c": [ {"d": 1} ]}],\n  "e": null\n}';
  test.each([
    [[], '{'],
    [['a'], '['],
    [['a', 0], '10'],
    [['a', 1, 'b'], '"x'],
    [['a', 1, 'c', 0, 'd'], '1}'],
    [['e'], 'null'],
  ])('finds %j', (path, begin) => {
    expect(text.slice(locateJson(text, path))).toMatch(new RegExp(`^${begin.replace(/[[{]/, '\\$&')}`));
  });

  test('stops where the path does', () => {
    expect(locateJson(text, ['a', 7])).toBe(locateJson(text, ['a']));
    expect(locateJson(text, ['a', 1, 'nothing', 'deeper'])).toBe(locateJson(text, ['a', 1]));
  });

  test('finds every value of any text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(2), (value, indent) => {
        const json = JSON.stringify(value, null, indent);
        for (const [path, inner] of paths(JSON.parse(json))) {
          const at = locateJson(json, path);
          const begin = JSON.stringify(inner, null, indent).split('\n')[0] as string;
          expect(json.slice(at, at + begin.length)).toBe(begin);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

function* paths(value: unknown, path: (string | number)[] = []): Generator<[(string | number)[], unknown]> {
  yield [path, value];
  if (Array.isArray(value))
    for (const [index, inner] of value.entries()) yield* paths(inner, [...path, index]);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* paths(inner, [...path, key]);
}

test('formatPath writes a path as code would', () => {
  expect(formatPath(['a', 0, 'b-c', 'd'])).toBe('a[0]["b-c"].d');
});
