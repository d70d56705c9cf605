/** Who installs the package reads its pages there: no link leads out of it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Paths in the package, as npm itself lists them; nothing is built or written. */
function packedFiles(): Set<string> {
  const { stdout } = spawnSync('npm pack --dry-run --json --ignore-scripts', {
    cwd: ROOT,
    encoding: 'utf8',
    shell: true,
  });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return new Set(files.map(({ path }) => path));
}

/** Targets of the relative links and pictures of a page, as paths in the package. */
function linked(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => posix.normalize(posix.join(posix.dirname(page), target)));
}

let packed = new Set<string>();
beforeAll(() => {
  packed = packedFiles();
}, 60_000);

describe('the package', () => {
  it('holds every page that README links to', () => {
    const links = linked('README.md');
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((path) => !packed.has(path))).toEqual([]);
  });

  it('holds what its other pages link to', () => {
    const pages = [...packed].filter((path) => path.endsWith('.md'));
    expect(pages).toContain('docs/QUICK_START.md');
    const lost = pages.flatMap((page) =>
      linked(page).flatMap((path) => (packed.has(path) ? [] : [`${page}: ${path}`])),
    );
    expect(lost).toEqual([]);
  });

  it('holds no test, and nothing of the checkout alone', () => {
    const wrong = [...packed].filter((path) =>
      /\.test\.ts$|^(?:src|test|scripts|node_modules|tmp)\//.test(path),
    );
    expect(wrong).toEqual([]);
  });
});
