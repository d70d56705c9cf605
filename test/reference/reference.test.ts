/** Generated files are what the code makes of them now. After a change: `npm run docs`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generatedFiles, isGenerated, REFERENCE } from '../../scripts/reference/generated-files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = generatedFiles();

describe('generated files', () => {
  it.each([...files])('%s is up to date (else: npm run docs)', (name, text) => {
    expect(existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : '').toBe(text);
  });

  it('are all still generated', () => {
    const stale = readdirSync(join(root, REFERENCE), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => isGenerated(readFileSync(path, 'utf8')))
      .map((path) => relative(root, path).replaceAll('\\', '/'))
      .filter((name) => !files.has(name));
    expect(stale).toEqual([]);
  });

  it('point at pages that are there', () => {
    const broken: string[] = [];
    for (const [name, text] of files) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+\.(?:md|json))\)/g)) {
        const path = join(name, '..', target).replaceAll('\\', '/');
        if (!files.has(path) && !existsSync(join(root, path))) broken.push(`${name}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });
});
