import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALL_SCHEMAS, schemaText } from './schemas.ts';

describe('schema/', () => {
  it('holds exactly the schemas that the code gives', () => {
    expect(readdirSync('schema').sort()).toEqual(Object.keys(ALL_SCHEMAS).sort());
  });

  it.each(Object.keys(ALL_SCHEMAS))('%s is as `node scripts/schema.mjs` writes it', (name) => {
    expect(readFileSync(`schema/${name}`, 'utf8')).toBe(schemaText(ALL_SCHEMAS[name] ?? {}));
  });
});
