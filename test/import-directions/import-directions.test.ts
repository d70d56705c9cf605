/** Imports go from a higher layer to a lower one: held by dependency-cruiser, and the hold itself is tested. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const { forbidden, options } = require('../../.dependency-cruiser.cjs');

async function violations(baseDir: string): Promise<string[]> {
  const { tsConfig: _unused, ...rest } = options;
  const settings: ICruiseOptions = { ...rest, ruleSet: { forbidden }, validate: true, baseDir };
  const { output } = await cruise(['src'], settings);
  const { summary } = output as ICruiseResult;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

test('no module of the program imports against the layers', async () => {
  expect(await violations(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([]);
}, 60_000);

test('an import from a lower layer to a higher one, or of Node in the core, is seen', async () => {
  const found = await violations(fileURLToPath(new URL('./fixture', import.meta.url)));
  expect(found).toEqual([
    'base-imports-only-lower-layers: src/base/x.ts -> src/cli/y.ts',
    'no-node-in-the-core: src/language/z.ts -> fs',
  ]);
}, 60_000);
