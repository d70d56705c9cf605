import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_YAML, readYaml, type YamlNode } from './read-yaml.ts';

function read(text: string): ReturnType<typeof readYaml> {
  return readYaml({ name: 'x.yaml', text });
}

function plain(node: YamlNode | null): unknown {
  if (node === null) return null;
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries(node.entries.map((entry) => [entry.name, plain(entry.value)]));
}

function codes(text: string): string[] {
  return read(text).diagnostics.map((diagnostic) => diagnostic.code);
}

describe('readYaml', () => {
  it('reads maps, lists and scalars with the types of the core schema', () => {
    const { root, diagnostics } = read(
      'a: 1\nb: 1.5\nc: true\nd: yes\ne: 2027-03-01\nf: 5%\ng: [1, "1", null]\nh:\ni: 9007199254740993\nj: 0x10\n1: x\n',
    );
    expect(diagnostics).toEqual([]);
    expect(plain(root)).toEqual({
      a: 1,
      b: 1.5,
      c: true,
      d: 'yes',
      e: '2027-03-01',
      f: '5%',
      g: [1, '1', null],
      h: null,
      i: 9007199254740993n,
      j: 16,
      1: 'x',
    });
  });

  it('gives the place of every value', () => {
    const text = 'rules:\n  - id: "a-b" # x\n    tags: [x, y]\n';
    const { root } = read(text);
    const rules = root?.kind === 'map' ? root.entries[0]?.value : null;
    const rule = rules?.kind === 'list' ? rules.items[0] : null;
    const [id, tags] = rule?.kind === 'map' ? rule.entries : [];
    const shown = [id?.key, id?.value, tags?.value].map((node) =>
      text.slice(node?.range.start, node?.range.end),
    );
    expect(shown).toEqual(['id', '"a-b"', '[x, y]']);
  });

  it.each([
    ['an anchor', 'a: &x 1\nb: 2\n', ['FL302']],
    ['an alias', 'a: &x 1\nb: *x\n', ['FL302', 'FL302']],
    ['an alias to nothing', 'b: *x\n', ['FL302']],
    ['a merge key', 'a: &x {b: 1}\nc:\n  <<: *x\n', ['FL302', 'FL302']],
    ["a tag of one's own", 'a: !code "process.exit()"\n', ['FL302']],
    ['a tag of a language', 'a: !!js/function "x"\n', ['FL302']],
    ['a known tag', 'a: !!binary aGk=\n', ['FL302']],
    ['two documents', 'a: 1\n---\nb: 2\n', ['FL302']],
    ['a list as key', '[a, b]: 1\n', ['FL302']],
    ['a map as key', '? {a: 1}\n: 1\n', ['FL302']],
    ['an empty key', ': 1\n', ['FL302']],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', ['FL303']],
    ['a key twice in a flow map', '{a: 1, "a": 2}\n', ['FL303']],
    ['a tab', 'a:\n\tb: 1\n', ['FL301']],
    ['an open bracket', 'a: [1, 2\n', ['FL301']],
    ['an open quote', 'a: "x\n', ['FL301']],
    ['text behind a quoted text', 'a: "b" and c\n', ['FL301']],
    ['a colon in a plain text', 'a: b: c\n', ['FL301']],
    ['an unknown escape', 'a: "\\q"\n', ['FL301']],
    ['indentation that fits nothing', 'a:\n    b: 1\n  c: 2\n', ['FL301']],
  ])('refuses %s', (_, text, expected) => {
    const { diagnostics } = read(text);
    expect([...new Set(diagnostics.map((diagnostic) => diagnostic.code))]).toEqual([...new Set(expected)]);
    for (const diagnostic of diagnostics) {
      expect(diagnostic.help).not.toBe('');
      expect(diagnostic.message).not.toMatch(/\n/);
      expect(diagnostic.range?.end).toBeGreaterThanOrEqual(diagnostic.range?.start ?? 0);
    }
  });

  it('names the place of the first of two equal keys', () => {
    expect(read('a: 1\nb: 2\na: 3\n').diagnostics[0]?.notes).toEqual(['the first is in line 1, column 1']);
  });

  it.each([
    ['a: &x 1\n', '&x'],
    ['a: &x\n  b: 1\n', '&x'],
    ['a: &x  # not &x\n  - 1\n', '&x'],
    ['a: !!str &x b\n', '&x'],
    ['&x k: 1\n', '&x'],
    ['a: [&x 1]\n', '&x'],
    ['&x\na: 1\n', '&x'],
  ])('marks the anchor itself: %j', (text, marked) => {
    const [error] = read(text).diagnostics.filter(({ message }) => message.includes('anchor'));
    expect(error?.range?.start).toBe(text.indexOf(marked));
    expect(text.slice(error?.range?.start, error?.range?.end)).toBe(marked);
  });

  it('says of a merge key one thing', () => {
    const { diagnostics } = read('a:\n  <<: *x\n');
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "the merge key `<<` is not supported in Fluo's files",
    ]);
  });

  it.each([
    ['a: [1, 2\nb: 3\n', 3, 'the `[` is not closed', 'write `]` behind the last item'],
    ['a: {b: 1\nc: 3\n', 3, 'the `{` is not closed', 'write `}` behind the last item'],
    ['a: [1, 2\n', 3, 'the `[` is not closed', 'write `]` behind the last item'],
    ['a: [x]\nb: [{ c: 1 }\nd: 3\n', 10, 'the `[` is not closed', 'write `]`'],
    ['a: [1,\n2\n]\n', 3, 'the `[` is not closed', 'indent all lines in the brackets deeper'],
  ])('points to the bracket that is open: %j', (text, at, message, help) => {
    const { diagnostics } = read(text);
    expect(diagnostics).toHaveLength(1);
    const [error] = diagnostics;
    expect(error?.range?.start).toBe(at);
    expect(error?.message).toContain(message);
    expect(error?.help).toContain(help);
  });

  it('refuses an alias bomb without unfolding it', () => {
    const levels = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`),
    ];
    expect(new Set(codes(levels.join('\n')))).toEqual(new Set(['FL302']));
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['closed brackets', '['.repeat(5000) + ']'.repeat(5000)],
    ['braces', '{a: '.repeat(5000)],
    ['dashes', '- '.repeat(20_000)],
    ['questions', '? '.repeat(20_000)],
    ['indentation', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('refuses %s without end', (_, text) => {
    expect(codes(text)).toContain('FL310');
  });

  it('refuses a file that is too long before it reads it', () => {
    expect(codes(`# ${'x'.repeat(LONGEST_YAML)}`)).toEqual(['FL310']);
  });

  it('takes an empty text for nothing', () => {
    for (const text of ['', '\n', '# only this\n', '---\n']) {
      const { root, diagnostics } = read(text);
      expect(diagnostics).toEqual([]);
      expect(plain(root)).toBe(null);
    }
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|',
      '>',
      '&x ',
      '*x',
      '!t ',
      '#',
      '\t',
      '%',
      '@',
      '`',
      '? ',
      ', ',
      '---\n',
      '...\n',
      '\\',
      '\r\n',
      '\0',
      '\ufeff',
      '<<',
      '😀',
      '\ud800',
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (generated) => {
        const { root } = read(generated);
        plain(root);
      }),
      { seed: 11, numRuns: 5000 },
    );
  });
});
