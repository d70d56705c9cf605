// Writes the JSON Schemas of rule files and rule tests to schema/, from the code that loads them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = await build({
  entryPoints: [join(root, 'src/invariant/schema.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const code = bundle.outputFiles[0].text;
const { SCHEMAS, schemaText } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
mkdirSync(join(root, 'schema'), { recursive: true });
for (const [name, schema] of Object.entries(SCHEMAS)) {
  writeFileSync(join(root, 'schema', name), schemaText(schema));
  console.log(`schema/${name}`);
}
