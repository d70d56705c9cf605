import { describe, expect, it } from 'vitest';
import { CODES, type CodeEntry } from './codes.ts';
import { explainCode } from './explain-code.ts';

describe('explainCode', () => {
  it.each(Object.entries(CODES as Readonly<Record<string, CodeEntry>>))(
    '%s says what it is and why',
    (code, entry) => {
      const text = explainCode(code.toLowerCase());
      expect(text).toContain(`# ${code}: ${entry.name}\n\n${entry.title}.`);
      expect(text).toContain(entry.explanation);
      if (entry.bad !== undefined) expect(text).toContain(entry.bad.trimEnd());
      if (entry.good !== undefined) expect(text).toContain(entry.good.trimEnd());
    },
  );

  it('knows nothing of codes that do not exist', () => {
    expect(explainCode('FL000')).toBeNull();
    expect(explainCode('constructor')).toBeNull();
  });
});

describe('the table of codes', () => {
  const entries = Object.entries(CODES as Readonly<Record<string, CodeEntry>>);

  it('has a name of its own for each code', () => {
    const names = entries.map(([, entry]) => entry.name);
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('is written for people: a title of one line without a full stop, and an explanation', () => {
    for (const [code, { title, explanation }] of entries) {
      expect(code).toMatch(/^FL[1-9]\d\d$/);
      expect(title).toMatch(/^\S[^\n]*[^\s.]$/);
      expect(explanation.length).toBeGreaterThan(20);
    }
  });
});
