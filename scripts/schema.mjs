// Writes all JSON Schemas to schema/, from the code that reads and writes what they describe.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = await build({
  entryPoints: [join(root, 'src/cli/schemas.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const code = bundle.outputFiles[0].text;
const { ALL_SCHEMAS, schemaText } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
mkdirSync(join(root, 'schema'), { recursive: true });
for (const [name, schema] of Object.entries(ALL_SCHEMAS)) {
  writeFileSync(join(root, 'schema', name), schemaText(schema));
  console.log(`schema/${name}`);
}
