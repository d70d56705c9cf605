import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
// @ts-expect-error: a script without types
import { bundledPackages, thirdPartyLicenses } from '../../scripts/third-party-licenses.mjs';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'fluo-licenses-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makePackage(name: string, files: Readonly<Record<string, string>>): void {
  const home = join(folder, 'node_modules', name);
  mkdirSync(home, { recursive: true });
  const described = { name, version: '1.2.3', license: 'MIT', type: 'module', main: 'index.js' };
  writeFileSync(join(home, 'package.json'), JSON.stringify(described));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text);
}

async function metafileOf(source: string) {
  writeFileSync(join(folder, 'main.js'), source);
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ['main.js'],
    bundle: true,
    format: 'esm',
    write: false,
    outdir: 'out',
    metafile: true,
    logLevel: 'silent',
  });
  return metafile;
}

makePackage('used', { 'index.js': 'export const a = console.log("used");', LICENSE: 'Text of used.\n' });
makePackage('@scope/also', { 'index.js': 'console.log("also");', 'license.md': 'Text of also.\n' });
makePackage('unused', { 'index.js': 'export const b = 1;', LICENSE: 'Text of unused.\n' });
makePackage('bare', { 'index.js': 'console.log("bare");' });

describe('the licences of what is in the bundle', () => {
  it('are whole, of each package with code in it, and of no other', async () => {
    const metafile = await metafileOf("import 'used'; import '@scope/also'; import { b } from 'unused';");
    expect(bundledPackages(metafile)).toEqual(['node_modules/@scope/also', 'node_modules/used']);
    const text: string = thirdPartyLicenses(folder, metafile);
    expect(text).toContain('@scope/also 1.2.3 (MIT)\n');
    expect(text).toContain('Text of also.');
    expect(text).toContain('used 1.2.3 (MIT)\n');
    expect(text).toContain('Text of used.');
    expect(text).not.toContain('Text of unused.');
  });

  it('are a reason not to build where one is missing', async () => {
    const metafile = await metafileOf("import 'bare';");
    expect(() => thirdPartyLicenses(folder, metafile)).toThrow('bare 1.2.3 has no licence file');
  });

  it('stand in the built program, whole', async () => {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: { main: 'src/cli/main.ts' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      external: ['@duckdb/node-api'],
      write: false,
      outdir: 'out',
      metafile: true,
    });
    expect(bundledPackages(metafile)).toEqual(['node_modules/re2js', 'node_modules/yaml']);
    const text: string = thirdPartyLicenses(ROOT, metafile);
    for (const name of ['re2js', 'yaml']) {
      expect(text).toContain(readFileSync(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8').trim());
    }
  });
});
