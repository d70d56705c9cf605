/** Parts of the program, built from their sources for a benchmark to call. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {Record<string, string>} exports name to the file below src/ that exports it */
export async function load(exports) {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-bench-'));
  const outfile = join(folder, 'parts.mjs');
  const contents = Object.entries(exports)
    .map(([name, file]) => `export { ${name} } from ${JSON.stringify(join(root, 'src', file))};`)
    .join('\n');
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: {
      js: "import{createRequire as fluoCreateRequire}from'node:module';const require=fluoCreateRequire(import.meta.url);",
    },
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export function option(name, fallback) {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : process.argv[at + 1];
}
