/**
 * Bundles the program to dist/: ESM, one chunk a command, nothing to resolve at run time. `--if-stale` builds only when a
 * source is newer than what was built; `--if-possible` builds nothing where esbuild is not installed (`npm ci --omit=dev`).
 *
 *     node scripts/build.mjs [--if-stale] [--if-possible]
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thirdPartyLicenses } from './third-party-licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'dist', '.built');

/** Whether dist/ is missing or older than what it is built from. */
export function isStale() {
  if (!existsSync(STAMP)) return true;
  const built = statSync(STAMP).mtimeMs;
  const scripts = ['build.mjs', 'third-party-licenses.mjs'].map((name) => join(root, 'scripts', name));
  const sources = [join(root, 'package-lock.json'), ...scripts];
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    // A folder is newer when a file in it went away.
    if (entry.isDirectory() || (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))) {
      sources.push(join(entry.parentPath, entry.name));
    }
  }
  return sources.some((source) => statSync(source).mtimeMs > built);
}

export async function build() {
  const { build: bundle } = await import('esbuild');
  const started = Date.now();
  // Built aside and then put in place: whoever runs the program meanwhile finds the old one or the new one.
  const aside = `dist.${process.pid}.tmp`;
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: {
      main: 'src/cli/main.ts',
      // A thread and a process of their own.
      'archiver-worker': 'src/archive/archiver-worker.ts',
      compactor: 'src/archive/compaction/compactor.ts',
    },
    outdir: aside,
    bundle: true,
    splitting: true,
    // Installed beside Fluo: one holds machine code, both are loaded only where they are used.
    external: ['@duckdb/node-api'],
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Names stay: a stack trace in a bug report should be readable. Blanks go: they are read at each start.
    minifyWhitespace: true,
    minifySyntax: true,
    // The licences of what is built in are in a file of their own, whole.
    legalComments: 'none',
    metafile: true,
    chunkNames: 'chunk-[hash]',
    logLevel: 'warning',
    // The package yaml is CommonJS under Node's conditions and asks for Node's modules with require.
    banner: {
      js: "import{createRequire as fluoCreateRequire}from'node:module';const require=fluoCreateRequire(import.meta.url);",
    },
  });
  writeFileSync(join(root, aside, 'THIRD_PARTY_LICENSES.txt'), thirdPartyLicenses(root, metafile));
  writeFileSync(join(root, aside, '.built'), '');
  const old = join(root, `${aside}.old`);
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(join(root, aside), join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
  return Date.now() - started;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--if-stale') && !isStale()) process.stdout.write('dist/ is up to date\n');
  else if (process.argv.includes('--if-possible') && !existsSync(join(root, 'node_modules', 'esbuild')))
    process.stdout.write('dist/ is not built: esbuild is not installed\n');
  else process.stdout.write(`built dist/ in ${await build()} ms\n`);
}
