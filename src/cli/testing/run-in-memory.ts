/** Runs the program in a world in memory, for tests: with the real library and version of the package. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExitCode } from '../exit-code.ts';
import { type MemoryIo, type MemoryWorld, memoryIo } from '../memory-io.ts';
import { run } from '../run.ts';

interface Outcome {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly io: MemoryIo;
}

const ROOT = join(import.meta.dirname, '../../..');

export function memoryWorld(argv: readonly string[], world: Omit<MemoryWorld, 'argv'> = {}): MemoryIo {
  return memoryIo({ ...world, argv, files: { ...packageFiles(), ...world.files } });
}

export async function runInMemory(
  argv: readonly string[],
  world: Omit<MemoryWorld, 'argv'> = {},
): Promise<Outcome> {
  const io = memoryWorld(argv, world);
  const code = await run(io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text, io };
}

let cached: Readonly<Record<string, string>> | null = null;

/** `package.json` and `library/`, where the program looks for them. */
function packageFiles(): Readonly<Record<string, string>> {
  if (cached !== null) return cached;
  const library = readdirSync(join(ROOT, 'library'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [`/package/library/${name}`, readFileSync(join(ROOT, 'library', name), 'utf8')]);
  const described = readFileSync(join(ROOT, 'package.json'), 'utf8');
  cached = Object.fromEntries([['/package/package.json', described], ...library]);
  return cached ?? {};
}
