/** The evaluator with all its mutants, and fresh copies of it with one of them switched on. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Evaluator } from '../conformance/run-case.ts';
import { type Mutant, mutateModule } from './mutants.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A turn of a loop more than this many times is a loop without end. */
const MOST_STEPS = 2_000_000;

export interface MutatedEvaluator {
  readonly mutants: readonly Mutant[];
  /** A copy whose modules have no memory of other copies; null: without a mutant. */
  withMutant(id: number | null): Evaluator;
}

/** Which modules are mutated, as paths from the root. */
export function mutatedFiles(): string[] {
  const folder = 'src/engine/reference';
  const evaluator = readdirSync(join(ROOT, folder)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  return [...evaluator.map((name) => `${folder}/${name}`), 'src/trace/trace.ts', 'src/base/decimal.ts'];
}

/** Mutates and bundles. What the modules import and is not mutated is shared by all copies. */
export async function mutatedEvaluator(): Promise<MutatedEvaluator> {
  const files = mutatedFiles();
  const texts = new Map<string, string>();
  const mutants: Mutant[] = [];
  for (const file of files) {
    const path = join(ROOT, file);
    const module = mutateModule(file, readFileSync(path, 'utf8'), mutants.length);
    texts.set(path, module.text);
    mutants.push(...module.mutants);
  }
  const outside = new Set<string>();
  const bundle = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts', sourcefile: 'entry.ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    plugins: [
      {
        name: 'mutants',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\./ }, ({ path, importer, resolveDir }) => {
            const absolute = resolve(importer === '' ? resolveDir : dirname(importer), path);
            const target = importer === 'entry.ts' ? resolve(ROOT, path) : absolute;
            if (texts.has(target)) return { path: target };
            outside.add(target);
            return { path: target, external: true };
          });
          onLoad({ filter: /\.ts$/ }, ({ path }) => ({ contents: texts.get(path) ?? '', loader: 'ts' }));
        },
      },
    ],
  });
  const code = bundle.outputFiles[0]?.text ?? '';
  const modules = new Map<string, unknown>();
  for (const path of outside) modules.set(path, await import(/* @vite-ignore */ path));
  const instantiate = new Function('require', 'module', 'exports', '$active', '$step', code);
  return {
    mutants,
    withMutant(id) {
      const module = { exports: {} };
      let steps = 0;
      const step = (): void => {
        steps++;
        if (steps > MOST_STEPS) throw new Error('a loop without end');
      };
      const require = (path: string): unknown => {
        const found = modules.get(resolve(ROOT, path));
        if (found === undefined) throw new Error(`not bundled: ${relative(ROOT, path)}`);
        return found;
      };
      instantiate(require, module, module.exports, id ?? -1, step);
      return module.exports as Evaluator;
    },
  };
}

const ENTRY = `
export { judgeTrace } from './src/engine/reference/judge.ts';
export { judgeAcross, membersOf } from './src/engine/reference/judge-across.ts';
export { buildTrace } from './src/trace/trace.ts';
`;
