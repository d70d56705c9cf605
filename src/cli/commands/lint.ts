/** `fluo lint`: what is allowed in a rule and yet probably a mistake. */
import { type Diagnostic, relocate } from '../../diagnostic/diagnostic.ts';
import type { Rule } from '../../invariant/rule.ts';
import { describeRule } from '../../language/describe.ts';
import { lintRule } from '../../language/lint.ts';
import { lintObserved, type ObservedTraffic } from '../../language/lint-observed.ts';
import { buildDiagnosticsReport } from '../../report/reported-diagnostic.ts';
import { DIAGNOSTICS_REPORTERS } from '../../report/reporters.ts';
import { type Invocation, isOn, optionValues } from '../arguments.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { isError } from '../is-error.ts';
import { observeTraffic } from '../observe-traffic.ts';
import { withoutInputs } from '../output-over-input.ts';
import { type OutputPlan, planOutputs } from '../outputs.ts';
import { refuse } from '../refuse.ts';
import { loadNamedRules, namedRules } from '../rule-files.ts';
import { showDiagnostics } from '../show-diagnostics.ts';
import { standardInputProblems } from '../standard-input.ts';
import { findTraceInputs } from '../trace-inputs.ts';
import { runWatched, type WatchedRun } from '../watch.ts';
import { wrap } from '../wrap.ts';
import { writeReport } from '../write-report.ts';

export const runLint: Command = async (invocation, io, signal) => {
  const plan = withoutInputs(io, invocation, planOutputs(invocation));
  const usage = [
    ...plan.diagnostics,
    ...standardInputProblems(io, invocation, optionValues(invocation, 'against')),
  ];
  if (usage.length > 0) return refuse(invocation, io, usage, plan);
  return runWatched(io, invocation, signal, () => lintOnce(invocation, io, plan, signal));
};

async function lintOnce(
  invocation: Invocation,
  io: Io,
  plan: OutputPlan,
  signal: AbortSignal,
): Promise<WatchedRun> {
  const loaded = loadNamedRules(io, invocation, namedRules(invocation));
  const inputs = await findTraceInputs(io, invocation, optionValues(invocation, 'against'));
  const { path } = loaded.configuration;
  const paths = [...loaded.roots, ...inputs.roots, ...(path === null ? [] : [path])];
  const diagnostics = [...loaded.diagnostics, ...inputs.diagnostics];
  if (loaded.rules !== null && !diagnostics.some(isError)) {
    diagnostics.push(...loaded.rules.flatMap(staticLints));
    if (inputs.files.length > 0) {
      const { observed, problems } = await observeTraffic(
        invocation,
        io,
        loaded.rules,
        inputs,
        loaded.configuration,
        signal,
      );
      diagnostics.push(...problems, ...observedLints(loaded.rules, observed));
    }
  }
  const report = buildDiagnosticsReport(diagnostics, loaded.files.length);
  if (loaded.rules !== null && isPretty(plan)) explainReading(invocation, io, loaded.rules);
  const unwritten = writeReport(io, invocation, plan.outputs, DIAGNOSTICS_REPORTERS, report);
  showDiagnostics(io, unwritten, isOn(invocation, 'no-color'));
  return { code: codeOf(report, unwritten), paths };
}

function staticLints(rule: Rule): Diagnostic[] {
  return lintRule(rule.condition).map((lint) => relocate(lint, rule.file, rule.toFileOffset));
}

/** One rule at a time would not do: two rules that always fire together are found by holding all against all. */
function observedLints(rules: readonly Rule[], observed: ObservedTraffic): Diagnostic[] {
  const bySource = new Map(rules.map((rule) => [rule.condition.source, rule]));
  return lintObserved(rules, observed).map((lint) => {
    const rule = lint.source === undefined ? undefined : bySource.get(lint.source);
    return rule === undefined ? lint : relocate(lint, rule.file, rule.toFileOffset);
  });
}

function isPretty(plan: OutputPlan): boolean {
  return plan.outputs.some(({ format, file }) => format === 'pretty' && file === null);
}

/** One sentence a rule: whoever wrote it sees at once whether it says what was meant. */
function explainReading(invocation: Invocation, io: Io, rules: readonly Rule[]): void {
  const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
  for (const rule of rules) {
    const lines = wrap(describeRule(rule.condition), Math.min(io.stdout.columns, 100) - 2);
    io.stdout.write(`${style.strong(rule.id)}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  }
  io.stdout.write('\n');
}

function codeOf(
  report: { readonly errors: number; readonly warnings: number },
  unwritten: readonly Diagnostic[],
): ExitCode {
  if (report.errors > 0 || unwritten.length > 0) return EXIT.usage;
  return report.warnings > 0 ? EXIT.findings : EXIT.clean;
}
