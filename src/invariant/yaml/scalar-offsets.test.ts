import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml, type YamlScalar } from './read-yaml.ts';

/** The scalar behind the first key of the first map of `rules`-like text. */
function scalarIn(text: string): YamlScalar {
  const { root, diagnostics } = readYaml({ name: 'x.yaml', text });
  expect(diagnostics).toEqual([]);
  if (root?.kind !== 'map') throw new Error('no map');
  const value = root.entries.find((entry) => entry.name === 'condition')?.value;
  if (value?.kind !== 'scalar' || typeof value.value !== 'string')
    throw new Error(`no text: ${JSON.stringify(value)}`);
  return value;
}

/** What stands in the file where `word` stands in the value. */
function pointedAt(text: string, word: string): string {
  const scalar = scalarIn(text);
  const at = String(scalar.value).indexOf(word);
  expect(at, `${word} in ${JSON.stringify(scalar.value)}`).toBeGreaterThanOrEqual(0);
  return text.slice(scalar.toOuter(at), scalar.toOuter(at + word.length));
}

describe('offsets of a scalar in its file', () => {
  const cases: [name: string, text: string, word: string][] = [
    ['plain', 'condition: a and bcd\n', 'bcd'],
    ['plain over lines', 'condition: a and\n  bcd\n    and efg\n', 'efg'],
    ['plain with an empty line', 'condition: a and\n\n  bcd\n', 'bcd'],
    ['single quotes', "condition: 'a and bcd'\n", 'bcd'],
    ['single quotes over lines', "condition: 'a and\n   bcd and\n\n   efg'\n", 'efg'],
    ['double quotes', 'condition: "a and bcd"\n', 'bcd'],
    ['double quotes over lines', 'condition: "a and \\\n   bcd\n\n   and efg"\n', 'efg'],
    ['literal block', 'condition: |\n  a\n    and bcd\n', 'bcd'],
    ['literal block with a comment in its header', 'condition: | # why\n  a\n    and bcd\n', 'bcd'],
    ['literal block with an indicator', 'condition: |2-\n     a\n  bcd\n\n\n', 'bcd'],
    ['literal block behind empty lines', 'condition: |\n\n\n  a\n\n  bcd\n', 'bcd'],
    ['literal block kept', 'condition: |+\n  a\n  bcd\n\n\n', 'bcd'],
    ['folded block', 'condition: >\n  a\n  and bcd\n\n  efg\n', 'efg'],
    ['folded block with deeper lines', 'condition: >-\n  a\n    and bcd\n      x\n  efg\n', 'efg'],
    ['carriage returns', 'condition: |\r\n  a\r\n  and bcd\r\n', 'bcd'],
    ['carriage returns, folded', 'condition: >\r\n  a\r\n\r\n  and bcd\r\n', 'bcd'],
    ['carriage returns in double quotes', 'condition: "a\r\n  bcd"\r\n', 'bcd'],
    ['in a flow map', '{ id: x, condition: a and bcd }\n', 'bcd'],
    ['a character past U+FFFF', 'condition: "😀" \n', '😀'],
  ];
  it.each(cases)('%s', (_, text, word) => {
    expect(pointedAt(text, word)).toBe(word);
  });

  it('takes an escape for the character that it stands for', () => {
    expect(pointedAt('condition: "a \\u0062cd e"\n', 'bcd')).toBe('\\u0062cd');
    expect(pointedAt('condition: "a \\U0001F600 e"\n', '😀')).toBe('\\U0001F600');
    expect(pointedAt('condition: "a\\n\\tbcd"\n', 'bcd')).toBe('bcd');
    expect(pointedAt('condition: "a == \\"x\\" and b"\n', '"x"')).toBe('\\"x\\"');
    expect(pointedAt("condition: 'a == ''x'' and b'\n", "'x'")).toBe("''x''");
    expect(pointedAt("condition: 'it''s bcd'\n", 'bcd')).toBe('bcd');
  });

  it('ends at the end of the text, not behind the blanks that follow', () => {
    const text = 'condition: |\n  a and\n\n\n';
    const scalar = scalarIn(text);
    expect(scalar.value).toBe('a and\n');
    expect(scalar.toOuter(5)).toBe(text.indexOf('and') + 3);
  });

  it('never falls, stays inside, and finds every visible character, however the text is written', () => {
    const line = fc
      .array(
        fc.constantFrom(
          'a',
          'b.c',
          'and',
          '(',
          '"x y"',
          "'",
          '\\',
          '{',
          '}',
          '#',
          ':',
          '>',
          '  ',
          'é',
          '😀',
          '\t',
        ),
        { maxLength: 6 },
      )
      .map((words) => words.join(''));
    const body = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), line), { minLength: 1, maxLength: 6 });
    const header = fc.constantFrom('|', '>', '|-', '>-', '|+', '>+', '|2', '>2');
    const eol = fc.constantFrom('\n', '\r\n');
    const block = fc
      .tuple(header, body, eol)
      .map(
        ([head, lines, end]) =>
          `condition: ${head}${end}${lines.map(([deep, words]) => `  ${' '.repeat(deep)}${words}${end}`).join('')}`,
      );
    const words = body.map((lines) => lines.map(([, text]) => text));
    const double = words.map(
      (lines) => `condition: "${lines.map((one) => one.replace(/["\\]/g, '\\$&')).join('\n  ')}"\n`,
    );
    const single = words.map(
      (lines) => `condition: '${lines.map((one) => one.replaceAll("'", "''")).join('\n  ')}'\n`,
    );
    const plain = fc
      .array(fc.constantFrom('a', 'b.c', 'and', '(x)', 'é', '😀'), { minLength: 1, maxLength: 8 })
      .chain((parts) =>
        fc
          .array(fc.constantFrom(' ', '\n  ', '\n\n   ', '  '), {
            minLength: parts.length,
            maxLength: parts.length,
          })
          .map((gaps) => `condition: x${parts.map((part, index) => `${gaps[index]}${part}`).join('')}\n`),
      );
    fc.assert(
      fc.property(fc.oneof(block, double, single, plain), (text) => {
        const { root, diagnostics } = readYaml({ name: 'x.yaml', text });
        if (diagnostics.length > 0 || root?.kind !== 'map') return;
        const scalar = root.entries[0]?.value;
        if (scalar?.kind !== 'scalar' || typeof scalar.value !== 'string') return;
        const { value } = scalar;
        let last = 0;
        for (let offset = 0; offset <= value.length; offset++) {
          const outer = scalar.toOuter(offset);
          expect(outer).toBeGreaterThanOrEqual(last);
          expect(outer).toBeLessThanOrEqual(text.length);
          last = outer;
          const character = value[offset] ?? ' ';
          if (/\s/.test(character)) continue;
          const escaped = scalar.style === 'double-quoted' && text[outer] === '\\';
          expect(escaped ? text[outer + 1] : text[outer]).toBe(character);
        }
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
});
