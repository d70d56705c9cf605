import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RULE_FILE_CODES } from '../diagnostic/codes/rule-file.ts';
import { RULE_TEST_CODES } from '../diagnostic/codes/rule-test.ts';
import { SCHEMAS, schemaText } from './schema.ts';

const root = join(import.meta.dirname, '../..');
const ajv = new Ajv2020({ allErrors: true });
const rules = ajv.compile(SCHEMAS['rules.schema.json'] ?? {});
const tests = ajv.compile(SCHEMAS['rule-tests.schema.json'] ?? {});

/** Codes that the shape of a file alone can show. */
const BY_SHAPE = ['FL304', 'FL305', 'FL306', 'FL307', 'FL308', 'FL311'];

describe('JSON Schemas', () => {
  it.each(Object.keys(SCHEMAS))('%s is as `node scripts/schema.mjs` writes it', (name) => {
    expect(readFileSync(join(root, 'schema', name), 'utf8')).toBe(schemaText(SCHEMAS[name] ?? {}));
  });

  for (const [code, entry] of Object.entries(RULE_FILE_CODES)) {
    const { bad, good } = entry as { bad?: string; good?: string };
    if (good !== undefined) {
      it(`accepts the good example of ${code}`, () => {
        expect(rules(parse(good)), JSON.stringify(rules.errors)).toBe(true);
      });
    }
    if (bad !== undefined && BY_SHAPE.includes(code)) {
      it(`rejects the bad example of ${code}`, () => {
        expect(rules(parse(bad))).toBe(false);
      });
    }
  }

  for (const [code, entry] of Object.entries(RULE_TEST_CODES)) {
    const { good } = entry as { good?: string };
    if (good?.startsWith('rules:')) {
      it(`accepts the good example of ${code}`, () => {
        expect(tests(parse(good)), JSON.stringify(tests.errors)).toBe(true);
      });
    }
  }

  it.each([
    ['a test without a trace', { rules: 'a.yaml', tests: [{ name: 'x', expect: {} }] }],
    [
      'a test with both kinds of drawing',
      { rules: 'a.yaml', tests: [{ name: 'x', trace: 'a/b', traces: ['a/b'], expect: {} }] },
    ],
    [
      'an unknown verdict',
      { rules: 'a.yaml', tests: [{ name: 'x', trace: 'a/b', expect: { a: 'broken' } }] },
    ],
    [
      'a list without `at`',
      { rules: 'a.yaml', tests: [{ name: 'x', trace: 'a/b', expect: [{ a: 'violated' }] }] },
    ],
    ['no tests', { rules: 'a.yaml' }],
  ])('rejects %s', (_, value) => {
    expect(tests(value)).toBe(false);
  });

  it('accepts the files of the library', () => {
    const library = join(root, 'library');
    const files = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.yaml'),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) {
      const validate = name.endsWith('.test.yaml') ? tests : rules;
      expect(
        validate(parse(readFileSync(join(library, name), 'utf8'))),
        `${name} ${JSON.stringify(validate.errors)}`,
      ).toBe(true);
    }
  });
});
