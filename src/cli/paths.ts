/** Paths as a person gives them, and as the file system takes them. */
import { isAbsolute, normalize, relative, resolve, sep } from 'node:path';

/** The absolute path of one that was given relative to a folder. */
export function pathFrom(folder: string, given: string): string {
  return resolve(folder, given);
}

/** The shortest way to name an absolute path for a person who is in `cwd`: relative where it lies below, else as it is. */
export function shownPath(cwd: string, path: string): string {
  const shown = relative(cwd, path);
  if (shown === '') return '.';
  return shown.startsWith(`..${sep}`) || shown === '..' || isAbsolute(shown) ? path : normalize(shown);
}
