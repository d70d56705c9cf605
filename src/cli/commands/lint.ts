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
    diagnostics.push(...loaded.rules.flatMap(staticLints), ...enforcementNotes(loaded.rules));
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
  const unwritten = writeReport(io, invocation, plan.outputs, DIAGNOSTICS_REPORTERS, report);
  if (loaded.rules !== null && isPretty(plan)) explainReading(invocation, io, loaded.rules, diagnostics);
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

/** One note a file: a rule that watches and fails nothing does so by its origin, which is easily overlooked. */
function enforcementNotes(rules: readonly Rule[]): Diagnostic[] {
  const byFile = new Map<Rule['file'], Rule[]>();
  for (const rule of rules) {
    if (rule.enforcementByOrigin !== true) continue;
    byFile.set(rule.file, [...(byFile.get(rule.file) ?? []), rule]);
  }
  return [...byFile].flatMap(([source, [first, ...more]]): Diagnostic[] => {
    if (first === undefined) return [];
    const ids = [first, ...more].map(({ id }) => `\`${id}\``);
    const shown = ids.slice(0, 5).join(', ') + (ids.length > 5 ? ` and ${ids.length - 5} more` : '');
    const are = ids.length === 1 ? 'is' : 'are';
    return [
      {
        code: 'FL428',
        severity: 'info',
        message: `${shown} ${are} \`audit-only\`: no \`enforcement\` is written, and the origin is no incident`,
        source,
        range: first.range,
        help: 'write `enforcement: soft-warning` to make violations fail, or `enforcement: audit-only` to say that this is meant',
      },
    ];
  });
}

/**
 * How rules are read, for whoever wrote them: rules without `when`, of which the first term is the trigger or there is none, and
 * rules with a problem. `--explain` shows all.
 */
function explainReading(
  invocation: Invocation,
  io: Io,
  rules: readonly Rule[],
  diagnostics: readonly Diagnostic[],
): void {
  const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
  const isAsked = isOn(invocation, 'explain');
  const shown = rules.filter(
    (rule) => isAsked || rule.condition.ast.when === null || hasProblem(rule, diagnostics),
  );
  if (shown.length > 0) io.stdout.write('\nHow they are read:\n');
  for (const rule of shown) {
    const lines = wrap(describeRule(rule.condition), Math.min(io.stdout.columns, 100) - 2);
    io.stdout.write(`${style.strong(rule.id)}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  }
  const hidden = rules.length - shown.length;
  if (hidden > 0) {
    const others = shown.length > 0 ? 'other ' : '';
    const text = `${hidden} ${others}${hidden === 1 ? 'rule says' : 'rules say'} with \`when\` what it is about (--explain shows how each rule is read)`;
    io.stdout.write(`${style.dim(text)}\n`);
  }
}

function hasProblem(rule: Rule, diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(
    ({ severity, source, range }) =>
      severity !== 'info' &&
      source === rule.file &&
      range !== undefined &&
      rule.range.start <= range.start &&
      range.end <= rule.range.end,
  );
}

function codeOf(
  report: { readonly errors: number; readonly warnings: number },
  unwritten: readonly Diagnostic[],
): ExitCode {
  if (report.errors > 0 || unwritten.length > 0) return EXIT.usage;
  return report.warnings > 0 ? EXIT.findings : EXIT.clean;
}
