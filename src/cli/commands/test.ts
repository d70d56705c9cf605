/** `fluo test`: rule tests, with coverage and mutation. */
import { dirname } from 'node:path';
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';
import { type RuleTestRun, runRuleTests } from '../../history/rule-test/run.ts';
import type { Rule } from '../../invariant/rule.ts';
import { buildTestReport } from '../../report/build-test-report.ts';
import { TEST_REPORTERS } from '../../report/reporters.ts';
import { commandLineError, type Invocation, isOn } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type Configuration, loadConfiguration } from '../configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { FileError, type Io } from '../io.ts';
import { isError } from '../is-error.ts';
import { judgeSettings } from '../judge-settings.ts';
import { withoutInputs } from '../output-over-input.ts';
import { type OutputPlan, planOutputs } from '../outputs.ts';
import { pathFrom, shownPath } from '../paths.ts';
import { refuse } from '../refuse.ts';
import { type FoundFile, filterRules, findFiles, namedRules, RULES_FOLDER, todayOf } from '../rule-files.ts';
import { showDiagnostics } from '../show-diagnostics.ts';
import { runWatched, type WatchedRun } from '../watch.ts';
import { writeReport } from '../write-report.ts';

export const runTest: Command = async (invocation, io, signal) => {
  const plan = withoutInputs(io, invocation, planOutputs(invocation));
  if (plan.diagnostics.length > 0) return refuse(invocation, io, plan.diagnostics);
  return runWatched(io, invocation, signal, async () => testOnce(invocation, io, plan));
};

function testOnce(invocation: Invocation, io: Io, plan: OutputPlan): WatchedRun {
  const { configuration, diagnostics } = loadConfiguration(io, invocation);
  if (configuration === null) {
    return { code: refuse(invocation, io, diagnostics, plan), paths: [] };
  }
  const found = findFiles(io, invocation, namedRules(invocation), configuration, 'tests');
  const paths = [...found.roots, ...(configuration.path === null ? [] : [configuration.path])];
  const problems = [...found.diagnostics];
  if (found.files.length === 0 && problems.length === 0) problems.push(noTests(invocation));
  if (problems.length > 0) return { code: refuse(invocation, io, problems, plan), paths };
  const { run, rulePaths, unknownFilters } = runFiles(invocation, io, configuration, found.files);
  const watched = [...paths, ...rulePaths];
  if (unknownFilters.length > 0)
    return { code: refuse(invocation, io, unknownFilters, plan), paths: watched };
  const unwritten = writeReport(io, invocation, plan.outputs, TEST_REPORTERS, buildTestReport(run));
  showDiagnostics(io, unwritten, isOn(invocation, 'no-color'));
  return { code: codeOf(run, unwritten), paths: watched };
}

interface FilesRun {
  readonly run: RuleTestRun;
  /** Absolute paths of the rule files that the tests name. */
  readonly rulePaths: readonly string[];
  /** `--rule` options that no rule of the tests answers to. */
  readonly unknownFilters: readonly Diagnostic[];
}

function runFiles(
  invocation: Invocation,
  io: Io,
  configuration: Configuration,
  files: readonly FoundFile[],
): FilesRun {
  const folders = new Map(files.map((file) => [file.source.name, dirname(file.path)]));
  const rulePaths = new Set<string>();
  const met = new Map<string, Rule>();
  const run = runRuleTests(
    files.map((file) => file.source),
    (path, testFile) => readRules(io, pathFrom(folders.get(testFile.name) ?? io.cwd, path), rulePaths),
    {
      today: todayOf(io.clock),
      coverage: isOn(invocation, 'coverage'),
      mutate: isOn(invocation, 'mutate'),
      only: (rule) => {
        met.set(rule.id, rule);
        return filterRules(invocation, [rule]).rules.length > 0;
      },
      settings: judgeSettings(invocation, configuration),
      limits: configuration.serve.engine,
    },
  );
  const isLoaded = !run.diagnostics.some(isError);
  const unknownFilters = isLoaded ? filterRules(invocation, [...met.values()]).diagnostics : [];
  return { run, rulePaths: [...rulePaths], unknownFilters };
}

function readRules(
  io: Io,
  path: string,
  rulePaths: Set<string>,
): { source: SourceText } | { problem: string } {
  rulePaths.add(path);
  const name = shownPath(io.cwd, path);
  try {
    return { source: { name, text: io.files.readText(path) } };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { problem: error.kind === 'not-found' ? `there is no file \`${name}\`` : error.message };
  }
}

function codeOf(run: RuleTestRun, unwritten: readonly Diagnostic[]): ExitCode {
  if (unwritten.length > 0 || run.diagnostics.some(isError)) return EXIT.usage;
  return run.failed > 0 ? EXIT.findings : EXIT.clean;
}

function noTests(invocation: Invocation): Diagnostic {
  const { commandLine } = invocation;
  const given = namedRules(invocation);
  const named = given.map(({ value }) => `\`${value}\``).join(', ');
  return commandLineError(
    commandLine,
    given[0]?.range ?? commandLine.end,
    'FL722',
    `no file of tests (\`*.test.yaml\`) is in ${named === '' ? `\`${RULES_FOLDER}/\`` : named}`,
    'write a test beside the rule file, as `fluo init` does',
  );
}
