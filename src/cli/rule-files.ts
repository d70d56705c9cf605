/** The rules that a command works with: named on the command line, else by the configuration, else in `invariants/`. */
import { basename, dirname, join } from 'node:path';
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic, SourceText } from '../diagnostic/diagnostic.ts';
import { isRuleFileName, isRuleTestFileName, loadRules } from '../invariant/catalogue.ts';
import type { Rule } from '../invariant/rule.ts';
import type { UnreadPlace } from '../server/rules/rule-source.ts';
import { commandLineError, type GivenValue, type Invocation, optionValues } from './arguments.ts';
import { type Configuration, DEFAULT_CONFIGURATION, loadConfiguration } from './configuration.ts';
import { filesBelow, type NamedPath, namedPath, notFound, readNamedText, unreadable } from './files.ts';
import type { Clock, Io } from './io.ts';
import { isError } from './is-error.ts';
import { shownPath } from './paths.ts';

/** Where rules are by default. */
export const RULES_FOLDER = 'invariants';

export interface FoundFile extends NamedPath {
  readonly source: SourceText;
}

interface FoundFiles {
  /** By path, each once. */
  readonly files: readonly FoundFile[];
  /** Absolute paths of the files and folders that were named, for `--watch`. */
  readonly roots: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** What some of the diagnostics are about. */
  readonly unread: readonly UnreadPlace[];
}

interface LoadedRules {
  /** Null when there is an error, or no rule. */
  readonly rules: readonly Rule[] | null;
  readonly files: readonly FoundFile[];
  readonly roots: readonly string[];
  readonly configuration: Configuration;
  /** Also warnings, where there are rules. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The date that decides which exceptions have expired, UTC. */
export function todayOf(clock: Clock): string {
  return new Date(clock.now()).toISOString().slice(0, 10);
}

/** Loads the rules that `given` (else the configuration) names, and keeps those that `--rule` asks for. */
export function loadNamedRules(io: Io, invocation: Invocation, given: readonly GivenValue[]): LoadedRules {
  const { configuration, diagnostics } = loadConfiguration(io, invocation);
  const nothing = { rules: null, files: [], roots: [] };
  if (configuration === null) return { ...nothing, configuration: DEFAULT_CONFIGURATION, diagnostics };
  const found = findFiles(io, invocation, given, configuration, 'rules');
  const catalogue = loadRules(
    found.files.map((file) => file.source),
    todayOf(io.clock),
  );
  const problems = [...found.diagnostics, ...catalogue.diagnostics];
  const loaded = { files: found.files, roots: found.roots, configuration };
  if (problems.some(isError)) return { ...loaded, rules: null, diagnostics: problems };
  if (catalogue.rules.length === 0) {
    return { ...loaded, rules: null, diagnostics: [...problems, noRules(invocation, found, given)] };
  }
  const filtered = filterRules(invocation, catalogue.rules);
  return {
    ...loaded,
    rules: filtered.diagnostics.length > 0 ? null : filtered.rules,
    diagnostics: [...problems, ...filtered.diagnostics],
  };
}

/** What names rules: the arguments of a command that takes paths, and `--rules`, which says the same. */
export function namedRules(invocation: Invocation): readonly GivenValue[] {
  const paths = invocation.command.arguments[0]?.name === 'PATH' ? invocation.arguments : [];
  return [...paths, ...optionValues(invocation, 'rules')];
}

/**
 * Finds and reads rule files or test files. A file that is named itself may have any name; a rule file that is named where tests
 * are wanted stands for the tests beside it.
 */
export function findFiles(
  io: Io,
  invocation: Invocation,
  given: readonly GivenValue[],
  configuration: Configuration,
  kind: 'rules' | 'tests',
): FoundFiles {
  const roots = rootsOf(io, invocation, given, configuration);
  if (roots.length === 0)
    return { files: [], roots: [], diagnostics: [noFolder(io, invocation, configuration)], unread: [] };
  const files = new Map<string, FoundFile>();
  const diagnostics: Diagnostic[] = [];
  const unread: UnreadPlace[] = [];
  const cannotRead = (name: string, problem: Diagnostic, isAbsent = false) => {
    diagnostics.push(problem);
    unread.push({ name, isAbsent, problem });
  };
  const isWanted = kind === 'rules' ? isRuleFileName : isRuleTestFileName;
  for (const root of roots) {
    for (const found of expand(io, root, isWanted, cannotRead)) {
      const named = kind === 'tests' ? testsBeside(io, invocation, found, diagnostics) : found;
      if (named === null || files.has(named.path)) continue;
      const reading = readNamedText(io, named);
      for (const problem of reading.diagnostics) cannotRead(named.name, problem);
      if (reading.text === null) continue;
      files.set(named.path, { ...named, source: { name: named.name, text: reading.text } });
    }
  }
  return {
    files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    roots: roots.map((root) => root.path),
    diagnostics,
    unread,
  };
}

/** Keeps the rules whose id one of the `--rule` options names. */
export function filterRules(
  invocation: Invocation,
  rules: readonly Rule[],
): { rules: readonly Rule[]; diagnostics: readonly Diagnostic[] } {
  const filters = optionValues(invocation, 'rule');
  if (filters.length === 0) return { rules, diagnostics: [] };
  const kept = new Set<Rule>();
  const diagnostics: Diagnostic[] = [];
  for (const filter of filters) {
    const pattern = new RegExp(`^${filter.value.split('*').map(escaped).join('.*')}$`);
    const matching = rules.filter((rule) => pattern.test(rule.id));
    for (const rule of matching) kept.add(rule);
    if (matching.length === 0) diagnostics.push(noSuchRule(invocation, filter, rules));
  }
  return { rules: rules.filter((rule) => kept.has(rule)), diagnostics };
}

/** The objection that no rule has an id that was asked for. */
function noSuchRule(invocation: Invocation, given: GivenValue, rules: readonly Rule[]): Diagnostic {
  const ids = rules.map((rule) => rule.id);
  const near = didYouMean(given.value, ids);
  const some = ids
    .slice(0, 5)
    .map((id) => `\`${id}\``)
    .join(', ');
  const help =
    near !== '' ? near : `say one of ${some}${ids.length > 5 ? `, or another of the ${ids.length} ids` : ''}`;
  return commandLineError(
    invocation.commandLine,
    given.range,
    'FL714',
    `no loaded rule has the id \`${given.value}\``,
    help,
  );
}

/** The objection that nothing in what was named, or in the default folder, is a rule. */
export function noRules(invocation: Invocation, found: FoundFiles, given: readonly GivenValue[]): Diagnostic {
  const { commandLine } = invocation;
  const where = found.files.length === 0 ? 'no file of rules (`*.yaml`, `*.yml`) is' : 'no rule is';
  const named = given.map((value) => `\`${value.value}\``).join(', ');
  return commandLineError(
    commandLine,
    given[0]?.range ?? commandLine.end,
    'FL713',
    `${where} in ${named === '' ? `\`${RULES_FOLDER}/\`` : named}`,
    'name a file or folder with rules, or run `fluo init` to make a first rule',
  );
}

function rootsOf(
  io: Io,
  invocation: Invocation,
  given: readonly GivenValue[],
  configuration: Configuration,
): NamedPath[] {
  if (given.length > 0) return given.map((value) => namedPath(io, invocation, value));
  if (configuration.rules !== null) {
    return configuration.rules.map(({ path, source, range }) => ({
      path,
      name: shownPath(io.cwd, path),
      place: { source, range },
    }));
  }
  const folder = rulesFolder(io, configuration);
  return io.files.kindOf(folder) === null
    ? []
    : [{ path: folder, name: shownPath(io.cwd, folder), place: null }];
}

/**
 * The file itself if it holds tests; `payment.test.yaml` for the rules of `payment.yaml`. Null where these have none, which is
 * said of a file of the command line.
 */
function testsBeside(
  io: Io,
  invocation: Invocation,
  named: NamedPath,
  diagnostics: Diagnostic[],
): NamedPath | null {
  if (!isRuleFileName(named.path)) return named;
  // A file that is named itself may have any name.
  const { text } = readNamedText(io, named);
  if (text === null || /(?:^|[{,])\s*["']?tests["']?\s*:/m.test(text)) return named;
  const stem = named.path.replace(/\.ya?ml$/, '');
  const path = [`${stem}.test.yaml`, `${stem}.test.yml`].find((one) => io.files.kindOf(one) === 'file');
  if (path !== undefined) return { ...named, path, name: join(dirname(named.name), basename(path)) };
  // A configuration lists rules, with tests or without.
  if (named.place?.source !== invocation.commandLine.source) return null;
  diagnostics.push({
    code: 'FL722',
    severity: 'error',
    message: `\`${named.name}\` holds rules and no tests, and there is no \`${basename(stem)}.test.yaml\` beside it`,
    ...named.place,
    help: 'write a test beside the rule file, as `fluo init` does, or name the file with its tests',
  });
  return null;
}

/** Where rules are looked for if nothing names any. */
export function rulesFolder(io: Io, configuration: Configuration): string {
  return join(configuration.path === null ? io.cwd : dirname(configuration.path), RULES_FOLDER);
}

function expand(
  io: Io,
  root: NamedPath,
  isWanted: (path: string) => boolean,
  cannotRead: (name: string, problem: Diagnostic, isAbsent?: boolean) => void,
): NamedPath[] {
  const kind = io.files.kindOf(root.path);
  if (kind === null) {
    cannotRead(root.name, notFound(io, root), true);
    return [];
  }
  if (kind !== 'folder') return [root];
  try {
    return filesBelow(io.files, root.path, isWanted).map((path) => ({
      path,
      name: joinShown(root, path),
      place: root.place,
    }));
  } catch (error) {
    cannotRead(root.name, unreadable(io, root, error));
    return [];
  }
}

/** The path of a file below a root, as it would be written by whoever wrote the root. */
function joinShown(root: NamedPath, path: string): string {
  const below = path.slice(root.path.length).replace(/^[/\\]/, '');
  return root.name === '.' ? below : join(root.name, below);
}

function noFolder(io: Io, invocation: Invocation, configuration: Configuration): Diagnostic {
  const folder = shownPath(io.cwd, rulesFolder(io, configuration));
  return commandLineError(
    invocation.commandLine,
    invocation.commandLine.end,
    'FL712',
    `no rules are named, and there is no folder \`${folder}/\``,
    'say `--rules PATH`, or run `fluo init` to make a first rule',
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
}
