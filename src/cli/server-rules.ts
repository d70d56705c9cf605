/** The rule files of a server: found and read anew at each look. */
import type { RuleSource } from '../server/rules/rule-source.ts';
import { type Invocation, optionValues } from './arguments.ts';
import type { Configuration } from './configuration.ts';
import type { Io } from './io.ts';
import { shownPath } from './paths.ts';
import { findFiles, rulesFolder } from './rule-files.ts';

export function serverRules(io: Io, invocation: Invocation, configuration: Configuration): RuleSource {
  const given = optionValues(invocation, 'rules');
  const isDefault = given.length === 0 && configuration.rules === null;
  return {
    read() {
      const folder = rulesFolder(io, configuration);
      // Nobody has named it: that it is not there is no error of a file, and it is waited for.
      if (isDefault && io.files.kindOf(folder) === null) {
        const unread = [{ name: shownPath(io.cwd, folder), isAbsent: true, problem: null }];
        return { files: [], paths: [folder], problems: [], unread };
      }
      const { files, roots, diagnostics, unread } = findFiles(io, invocation, given, configuration, 'rules');
      return {
        files: files.map(({ source }) => source),
        // A folder that is not there yet is waited for.
        paths: roots.length > 0 ? roots : [folder],
        problems: diagnostics,
        unread,
      };
    },
    watch: (paths, listener) => io.files.watch(paths, listener),
  };
}
