/**
 * Writes the reference pages (docs/reference) and the JSON Schemas (schema) that are made from the code, and takes away
 * generated pages of things that are gone. A test says when they are out of date.
 *
 *     node scripts/docs.mjs
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundled = join(root, 'node_modules', '.cache', 'fluo', 'generated-files.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['scripts/reference/generated-files.ts'],
  outfile: bundled,
  bundle: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
  banner: {
    js: "import{createRequire as fluoCreateRequire}from'node:module';const require=fluoCreateRequire(import.meta.url);",
  },
});
const { generatedFiles, isGenerated, REFERENCE } = await import(bundled);

const files = generatedFiles();
mkdirSync(join(root, REFERENCE), { recursive: true });
for (const entry of readdirSync(join(root, REFERENCE), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  if (isGenerated(readFileSync(path, 'utf8'))) rmSync(path);
}
for (const [name, text] of files) {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
process.stdout.write(`wrote ${files.size} files\n`);
