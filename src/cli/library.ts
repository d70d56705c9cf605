/** The rules that are shipped with the program: `library/DOMAIN/FILE.yaml` with tests beside them. */
import { basename, dirname, join, relative, sep } from 'node:path';
import { isRuleFileName, isRuleTestFileName, loadRules } from '../invariant/catalogue.ts';
import type { Rule } from '../invariant/rule.ts';
import { filesBelow } from './files.ts';
import type { Io } from './io.ts';
import { todayOf } from './rule-files.ts';

export interface LibraryFile {
  /** The folder: `payments`. */
  readonly domain: string;
  /** `payments/charges`, the domain and the file without its ending. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** Absolute path of its tests, or null. */
  readonly tests: string | null;
  readonly rules: readonly Rule[];
}

/** All files by name. A file of the library that does not load is a bug, and throws. */
export function readLibrary(io: Io): readonly LibraryFile[] {
  const root = join(io.packageFolder, 'library');
  const all = filesBelow(io.files, root, (path) => isRuleFileName(path) || isRuleTestFileName(path));
  const sources = all
    .filter(isRuleFileName)
    .map((path) => ({ path, text: io.files.readText(path), name: nameOf(root, path) }));
  const { rules, diagnostics } = loadRules(sources, todayOf(io.clock));
  const [problem] = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (problem !== undefined)
    throw new Error(`the library does not load: ${problem.source?.name}: ${problem.message}`);
  return sources.map(({ path, text, name }) => ({
    domain: dirname(name),
    name,
    path,
    text,
    tests: all.find((other) => other.replace(/\.test(\.ya?ml)$/, '$1') === path && other !== path) ?? null,
    rules: rules.filter((rule) => rule.file.name === name),
  }));
}

/** The files that a name means: a domain, a file, or the id of a rule in one. */
export function libraryFilesNamed(files: readonly LibraryFile[], name: string): readonly LibraryFile[] {
  const wanted = name.replace(/\.ya?ml$/, '').replace(/\/$/, '');
  return files.filter(
    (file) =>
      file.domain === wanted ||
      file.name === wanted ||
      basename(file.name) === wanted ||
      file.rules.some((rule) => rule.id === wanted),
  );
}

/** All that may stand behind `show` and `add`. */
export function libraryNames(files: readonly LibraryFile[]): readonly string[] {
  return [
    ...new Set(
      files.flatMap((file) => [
        file.domain,
        file.name,
        basename(file.name),
        ...file.rules.map((rule) => rule.id),
      ]),
    ),
  ];
}

function nameOf(root: string, path: string): string {
  return relative(root, path)
    .replace(/\.ya?ml$/, '')
    .split(sep)
    .join('/');
}
