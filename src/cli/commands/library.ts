/** `fluo library list|show|add`: ready rules by domain. */
import { basename, join } from 'node:path';
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { isRuleFileName } from '../../invariant/catalogue.ts';
import { loadRuleFile } from '../../invariant/rule-file.ts';
import { commandLineError, type GivenValue, type Invocation, isOn, optionValue } from '../arguments.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import { loadConfiguration } from '../configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { filesBelow, namedPath, unreadable } from '../files.ts';
import type { Io } from '../io.ts';
import { type LibraryFile, libraryFilesNamed, libraryNames, readLibrary } from '../library.ts';
import { pathFrom, shownPath } from '../paths.ts';
import { refuse } from '../refuse.ts';
import { RULES_FOLDER, todayOf } from '../rule-files.ts';

export const runLibrary: Command = async (invocation, io) => {
  const [action, ...names] = invocation.arguments;
  const files = readLibrary(io);
  if (action?.value === 'list') return list(invocation, io, files, names);
  const { chosen, diagnostics } = choose(invocation, files, names, action?.value ?? '');
  if (diagnostics.length > 0) return refuse(invocation, io, diagnostics);
  return action?.value === 'show' ? show(io, chosen) : add(invocation, io, chosen, names);
};

function list(
  invocation: Invocation,
  io: Io,
  files: readonly LibraryFile[],
  names: readonly GivenValue[],
): ExitCode {
  const selection =
    names.length === 0 ? { chosen: files, diagnostics: [] } : choose(invocation, files, names, 'list');
  if (selection.diagnostics.length > 0) return refuse(invocation, io, selection.diagnostics);
  const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
  const width = Math.max(...selection.chosen.flatMap((file) => file.rules.map((rule) => rule.id.length)));
  for (const file of selection.chosen) {
    io.stdout.write(`${style.strong(file.name)}\n`);
    for (const rule of file.rules) io.stdout.write(`  ${rule.id.padEnd(width)}  ${style.dim(rule.name)}\n`);
  }
  io.stdout.write(
    '\nfluo library show NAME prints a file, fluo library add NAME copies it with its tests.\n',
  );
  return EXIT.clean;
}

function show(io: Io, chosen: readonly LibraryFile[]): ExitCode {
  io.stdout.write(chosen.map((file) => file.text).join('\n'));
  return EXIT.clean;
}

function add(
  invocation: Invocation,
  io: Io,
  chosen: readonly LibraryFile[],
  names: readonly GivenValue[],
): ExitCode {
  const target = targetFolder(invocation, io);
  if (typeof target !== 'string') return refuse(invocation, io, target);
  const taken = idsInUse(invocation, io, chosen, names, target);
  if (taken.length > 0) return refuse(invocation, io, taken);
  for (const file of chosen) {
    for (const path of [file.path, ...(file.tests === null ? [] : [file.tests])]) {
      const copy = join(target, file.domain, basename(path));
      const created = io.files.create(copy, io.files.readText(path));
      io.stdout.write(`${created ? 'created    ' : 'left alone '} ${shownPath(io.cwd, copy)}\n`);
    }
  }
  io.stdout.write(`
Next:
  fluo test ${shownPath(io.cwd, target)}        run their tests
  fluo lint --against TRACES   do your spans have these names and attributes?
`);
  return EXIT.clean;
}

/** Copies whose rules the folder has already, in files of its own: with them nothing of the folder would load. */
function idsInUse(
  invocation: Invocation,
  io: Io,
  chosen: readonly LibraryFile[],
  names: readonly GivenValue[],
  target: string,
): Diagnostic[] {
  if (io.files.kindOf(target) !== 'folder') return [];
  const here = filesBelow(io.files, target, isRuleFileName).map((path) => ({
    name: shownPath(io.cwd, path),
    text: io.files.readText(path),
  }));
  const places = new Map<string, string>();
  for (const file of here) {
    for (const rule of loadRuleFile(file, todayOf(io.clock)).rules) places.set(rule.id, file.name);
  }
  return chosen
    .filter((file) => io.files.kindOf(join(target, file.domain, basename(file.path))) !== 'file')
    .flatMap((file) =>
      file.rules.flatMap((rule) => {
        const place = places.get(rule.id);
        if (place === undefined) return [];
        const range = names[0]?.range ?? invocation.commandLine.end;
        const message = `\`${rule.id}\` of \`${file.name}\` is the id of a rule in \`${place}\``;
        const help = `rename or remove the rule in \`${place}\`, then add again; nothing was written`;
        return commandLineError(invocation.commandLine, range, 'FL726', message, help);
      }),
    );
}

/** The folder to copy to, or what is wrong with the configuration that names it. */
function targetFolder(invocation: Invocation, io: Io): string | readonly Diagnostic[] {
  const to = optionValue(invocation, 'to');
  if (to !== null) {
    const named = namedPath(io, invocation, to);
    if (io.files.kindOf(named.path) !== 'file') return named.path;
    try {
      io.files.list(named.path);
    } catch (error) {
      return [unreadable(io, named, error)];
    }
  }
  const { configuration, diagnostics } = loadConfiguration(io, invocation);
  if (configuration === null) return diagnostics;
  const folder = configuration.rules?.find(({ path }) => io.files.kindOf(path) !== 'file');
  return folder?.path ?? pathFrom(io.cwd, RULES_FOLDER);
}

function choose(
  invocation: Invocation,
  files: readonly LibraryFile[],
  names: readonly GivenValue[],
  action: string,
): { chosen: readonly LibraryFile[]; diagnostics: readonly Diagnostic[] } {
  const { commandLine } = invocation;
  const known = libraryNames(files);
  const domains = [...new Set(files.map((file) => file.domain))].join(', ');
  if (names.length === 0) {
    const message = `\`fluo library ${action}\` needs a name of the library`;
    const help = `say one of ${domains}, or a name of \`fluo library list\``;
    return {
      chosen: [],
      diagnostics: [commandLineError(commandLine, commandLine.end, 'FL705', message, help)],
    };
  }
  const diagnostics = names
    .filter((name) => libraryFilesNamed(files, name.value).length === 0)
    .map((name) => {
      const near = didYouMean(name.value, known);
      const help = near !== '' ? near : `say one of ${domains}, or a name of \`fluo library list\``;
      return commandLineError(commandLine, name.range, 'FL721', `the library has no \`${name.value}\``, help);
    });
  const wanted = new Set(names.flatMap((name) => libraryFilesNamed(files, name.value)));
  return { chosen: files.filter((file) => wanted.has(file)), diagnostics };
}
