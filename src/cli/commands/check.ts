/** `fluo check`: rules over traces. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { CheckResult } from '../../history/check/check-result.ts';
import type { Rule } from '../../invariant/rule.ts';
import { buildCheckReport } from '../../report/build-check-report.ts';
import { DEFAULT_FAIL_ON, type FailOn } from '../../report/finding-level.ts';
import { CHECK_REPORTERS } from '../../report/reporters.ts';
import { commandLineError, type Invocation, isOn, optionValue, optionValues } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { Configuration } from '../configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { isError } from '../is-error.ts';
import { judgeOptionProblems } from '../judge-settings.ts';
import { judgeTraces } from '../judge-traces.ts';
import { withoutInputs } from '../output-over-input.ts';
import { type OutputPlan, planOutputs } from '../outputs.ts';
import { refuse } from '../refuse.ts';
import { loadNamedRules } from '../rule-files.ts';
import { showDiagnostics } from '../show-diagnostics.ts';
import { standardInputProblems } from '../standard-input.ts';
import { findTraceInputs, type TraceInputs } from '../trace-inputs.ts';
import { runWatched, type WatchedRun } from '../watch.ts';
import { writeReport } from '../write-report.ts';

export const runCheck: Command = async (invocation, io, signal) => {
  const plan = withoutInputs(io, invocation, planOutputs(invocation));
  const usage = [
    ...plan.diagnostics,
    ...judgeOptionProblems(invocation),
    ...limitProblems(invocation),
    ...standardInputProblems(io, invocation, invocation.arguments),
  ];
  // What is wrong with the command line stays wrong, however often the files change.
  if (usage.length > 0 && isOn(invocation, 'watch')) return refuse(invocation, io, usage, plan);
  return runWatched(io, invocation, signal, () => checkOnce(invocation, io, plan, usage, signal));
};

async function checkOnce(
  invocation: Invocation,
  io: Io,
  plan: OutputPlan,
  usage: readonly Diagnostic[],
  signal: AbortSignal,
): Promise<WatchedRun> {
  const loaded = loadNamedRules(io, invocation, optionValues(invocation, 'rules'));
  const inputs = await findTraceInputs(io, invocation, invocation.arguments);
  const paths = [...loaded.roots, ...inputs.roots, ...pathOf(loaded.configuration)];
  const problems = [...usage, ...loaded.diagnostics, ...inputs.diagnostics].filter(isError);
  if (loaded.rules === null || problems.length > 0) {
    return { code: refuse(invocation, io, problems, plan, loaded.files.length), paths };
  }
  const result = await judgeTraces(invocation, io, loaded.rules, inputs, loaded.configuration, signal);
  if (result.traces === 0 && !result.stopped) {
    const nothing = [...inputs.diagnostics, ...result.diagnostics, noTraces(invocation)];
    return { code: refuse(invocation, io, nothing, plan, inputs.files.length), paths };
  }
  return { code: report(invocation, io, plan, loaded.rules, inputs, result), paths };
}

function report(
  invocation: Invocation,
  io: Io,
  plan: OutputPlan,
  rules: readonly Rule[],
  inputs: TraceInputs,
  result: CheckResult,
): ExitCode {
  const failOn = (optionValue(invocation, 'fail-on')?.value ?? DEFAULT_FAIL_ON) as FailOn;
  const outcome = { ...result, diagnostics: [...inputs.diagnostics, ...result.diagnostics] };
  const checked = buildCheckReport(outcome, rules, failOn, isOn(invocation, 'require-applied'));
  const limit = limitOf(invocation);
  const problems = writeReport(io, invocation, plan.outputs, CHECK_REPORTERS, checked, { limit });
  if (result.stopped) problems.push(stoppedByDamage(invocation));
  showDiagnostics(io, problems, isOn(invocation, 'no-color'));
  if (problems.length > 0 || result.diagnostics.some(isUnreadable)) return EXIT.usage;
  return checked.rules.some((rule) => rule.failing) ? EXIT.findings : EXIT.clean;
}

/** Undefined where it is not given. */
function limitOf(invocation: Invocation): number | undefined {
  const given = optionValue(invocation, 'limit');
  return given === null ? undefined : Number(given.value);
}

function limitProblems(invocation: Invocation): Diagnostic[] {
  const given = optionValue(invocation, 'limit');
  if (given === null || /^\d{1,9}$/.test(given.value)) return [];
  return [
    commandLineError(
      invocation.commandLine,
      given.range,
      'FL708',
      `\`${given.value}\` is not a number of findings`,
      'say a whole number, such as `--limit 20`, or `--limit 0` for all',
    ),
  ];
}

function noTraces(invocation: Invocation): Diagnostic {
  const { commandLine } = invocation;
  const range = invocation.arguments[0]?.range ?? commandLine.end;
  return commandLineError(
    commandLine,
    range,
    'FL715',
    'no trace was in the input, so nothing was judged',
    'check that the file holds spans, and that it is the file that was meant',
  );
}

function stoppedByDamage(invocation: Invocation): Diagnostic {
  const strict = invocation.options.find((option) => option.name === 'strict');
  const { commandLine } = invocation;
  return commandLineError(
    commandLine,
    strict?.range ?? commandLine.end,
    'FL725',
    'a record of the input is damaged, and with `--strict` the check stopped there',
    'mend the input, or leave `--strict` out to judge what can be read',
  );
}

const UNREADABLE: readonly string[] = ['FL501', 'FL502', 'FL503', 'FL504'];

/** A file was not read, or not to its end: whoever reads the exit code must not take the rest for all. */
function isUnreadable(diagnostic: Diagnostic): boolean {
  return isError(diagnostic) && UNREADABLE.includes(diagnostic.code);
}

function pathOf(configuration: Configuration): string[] {
  return configuration.path === null ? [] : [configuration.path];
}
