/** `fluo fmt`: the conditions of rule files in the standard form. */
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';
import { formatRuleFile } from '../../invariant/format-rule-file.ts';
import { parseRule } from '../../language/parse.ts';
import { printRule } from '../../language/print.ts';
import { counted } from '../../report/counted.ts';
import { buildDiagnosticsReport } from '../../report/reported-diagnostic.ts';
import { DIAGNOSTICS_REPORTERS } from '../../report/reporters.ts';
import { type Invocation, isOn } from '../arguments.ts';
import type { Command } from '../command.ts';
import { loadConfiguration } from '../configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { unreadable } from '../files.ts';
import type { Io } from '../io.ts';
import { withoutInputs } from '../output-over-input.ts';
import { type OutputPlan, planOutputs } from '../outputs.ts';
import { refuse } from '../refuse.ts';
import { type FoundFile, findFiles, namedRules, noRules } from '../rule-files.ts';
import { showDiagnostics } from '../show-diagnostics.ts';
import { readStandardInput, standardInputProblems } from '../standard-input.ts';
import { writeReport } from '../write-report.ts';

export const runFmt: Command = async (invocation, io) => {
  if (invocation.arguments.some(({ value }) => value === '-')) return formatStandardInput(invocation, io);
  const plan = withoutInputs(io, invocation, planOutputs(invocation));
  const { configuration, diagnostics } = loadConfiguration(io, invocation);
  const problems = [...plan.diagnostics, ...diagnostics];
  if (configuration === null || problems.length > 0) return refuse(invocation, io, problems);
  const given = namedRules(invocation);
  const found = findFiles(io, invocation, given, configuration, 'rules');
  if (found.diagnostics.length > 0) return refuse(invocation, io, found.diagnostics);
  if (found.files.length === 0) return refuse(invocation, io, [noRules(invocation, found, given)]);
  return isOn(invocation, 'check')
    ? check(invocation, io, found.files, plan)
    : format(invocation, io, found.files);
};

function format(invocation: Invocation, io: Io, files: readonly FoundFile[]): ExitCode {
  const problems: Diagnostic[] = [];
  let changed = 0;
  let refused = 0;
  for (const file of files) {
    const formatted = formatRuleFile(file.source);
    problems.push(...formatted.diagnostics);
    if (formatted.diagnostics.length > 0) refused++;
    if (formatted.text === file.source.text) continue;
    changed++;
    problems.push(...write(io, file, formatted.text));
  }
  showDiagnostics(io, problems, isOn(invocation, 'no-color'));
  io.stdout.write(`${summary(files.length, changed, refused)}\n`);
  return problems.length > 0 ? EXIT.usage : EXIT.clean;
}

/** `2 of 5 files changed, 1 not formatted (errors)`. */
function summary(files: number, changed: number, refused: number): string {
  const all = counted(files, 'file');
  const notFormatted = `${refused} not formatted (errors)`;
  if (refused === 0) return changed === 0 ? `${all}, nothing to change` : `${changed} of ${all} changed`;
  return changed === 0 ? `${all}, ${notFormatted}` : `${changed} of ${all} changed, ${notFormatted}`;
}

function check(invocation: Invocation, io: Io, files: readonly FoundFile[], plan: OutputPlan): ExitCode {
  const diagnostics = files.flatMap((file) => {
    const formatted = formatRuleFile(file.source);
    const changes = formatted.text !== file.source.text;
    return [...formatted.diagnostics, ...(changes ? [unformatted(file.source, formatted.text)] : [])];
  });
  const report = buildDiagnosticsReport(diagnostics, files.length);
  const unwritten = writeReport(io, invocation, plan.outputs, DIAGNOSTICS_REPORTERS, report);
  showDiagnostics(io, unwritten, isOn(invocation, 'no-color'));
  if (unwritten.length > 0 || diagnostics.some(({ code }) => code !== 'FL723')) return EXIT.usage;
  return diagnostics.length > 0 ? EXIT.findings : EXIT.clean;
}

async function formatStandardInput(invocation: Invocation, io: Io): Promise<ExitCode> {
  const problems = standardInputProblems(io, invocation, invocation.arguments);
  if (problems.length > 0) return refuse(invocation, io, problems);
  const source = { name: '<stdin>', text: await readStandardInput(io) };
  const { rule, diagnostics } = parseRule(source);
  if (rule === null || diagnostics.length > 0) return refuse(invocation, io, diagnostics);
  const text = `${printRule(rule)}\n`;
  if (!isOn(invocation, 'check')) {
    io.stdout.write(text);
    return EXIT.clean;
  }
  if (text.trimEnd() === source.text.trimEnd()) return EXIT.clean;
  showDiagnostics(io, [unformatted(source, text)], isOn(invocation, 'no-color'));
  return EXIT.findings;
}

function write(io: Io, file: FoundFile, text: string): Diagnostic[] {
  try {
    io.files.write(file.path, text);
    io.stdout.write(`formatted ${file.name}\n`);
    return [];
  } catch (error) {
    return [unreadable(io, file, error)];
  }
}

/** Points at the first place that would change. */
function unformatted(source: SourceText, formatted: string): Diagnostic {
  let start = 0;
  while (start < formatted.length && source.text[start] === formatted[start]) start++;
  const lineEnd = source.text.indexOf('\n', start);
  const end = lineEnd === -1 ? source.text.length : lineEnd;
  return {
    code: 'FL723',
    severity: 'error',
    message: `\`${source.name}\` is not in the standard form`,
    source,
    range: { start, end: Math.max(end, start + 1) },
    help: source.name === '<stdin>' ? 'run `fluo fmt -`' : `run \`fluo fmt ${source.name}\``,
  };
}
