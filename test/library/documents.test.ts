/**
 * The playbooks and the index of the library say what is in the files: rules, programs, verdicts and output are copied into
 * the pages, and a page that has grown old fails here. `npx vitest run test/library -u` brings the pages up to date.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOMAINS, ROOT } from './domains.ts';
import { libraryIndex } from './library-index.ts';
import { fillPage } from './page-regions.ts';

const PLAYBOOKS = join(ROOT, 'docs/playbooks');

describe('the playbooks', () => {
  test.each(readdirSync(PLAYBOOKS).sort())('%s is up to date', async (page) => {
    const path = join(PLAYBOOKS, page);
    await expect(await fillPage(readFileSync(path, 'utf8'))).toMatchFileSnapshot(path);
  });

  test('there is a page for each domain', () => {
    expect(readdirSync(PLAYBOOKS).sort()).toEqual(
      ['README.md', ...DOMAINS.map((domain) => `${domain}.md`)].sort(),
    );
  });

  test('links between the pages lead somewhere', () => {
    for (const page of readdirSync(PLAYBOOKS)) {
      for (const [, file = '', anchor = ''] of readFileSync(join(PLAYBOOKS, page), 'utf8').matchAll(
        /\]\(([\w./-]+\.md)#?([\w-]*)\)/g,
      )) {
        const text = readFileSync(join(PLAYBOOKS, file), 'utf8');
        expect(anchor === '' ? [''] : anchorsOf(text), `${page}: ${file}#${anchor}`).toContain(anchor);
      }
    }
  });
});

test('the index of the library is up to date', async () => {
  await expect(libraryIndex()).toMatchFileSnapshot(join(ROOT, 'docs/templates/invariant-library.md'));
});

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  );
}
