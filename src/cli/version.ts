/** The version of the package, read from where it is written: nothing has to be kept equal to it. */
import { join } from 'node:path';
import type { Io } from './io.ts';

export function versionOf(io: Io): string {
  const described: unknown = JSON.parse(io.files.readText(join(io.packageFolder, 'package.json')));
  const version = (described as { version?: unknown }).version;
  if (typeof version !== 'string') throw new Error('package.json has no version');
  return version;
}
