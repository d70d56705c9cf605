/** `fluo doctor`: everything that serve needs, and for each what is wrong and what to do. */
import { counted } from '../../report/counted.ts';
import { renderDiagnostic } from '../../report/render-diagnostic.ts';
import { buildDiagnosticsReport } from '../../report/reported-diagnostic.ts';
import type { Style } from '../../report/style.ts';
import { reachableUrl } from '../../server/address.ts';
import { isOn, optionValue } from '../arguments.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import { loadConfiguration } from '../configuration.ts';
import { checkClock } from '../doctor/clock-check.ts';
import { checkDisk } from '../doctor/disk-check.ts';
import { checkDuckDb } from '../doctor/duckdb-check.ts';
import { type Finding, well } from '../doctor/finding.ts';
import type { Machine } from '../doctor/machine.ts';
import { checkPorts } from '../doctor/port-check.ts';
import { checkRules } from '../doctor/rule-check.ts';
import { checkServer } from '../doctor/server-check.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { isError } from '../is-error.ts';
import { shownPath } from '../paths.ts';
import { refuse } from '../refuse.ts';
import { todayOf } from '../rule-files.ts';
import { serverRules } from '../server-rules.ts';
import { serverSettings } from '../server-settings.ts';
import { wrap } from '../wrap.ts';

export const runDoctor: Command = async (invocation, io) => {
  const { nodeMachine } = await import('../doctor/node-machine.ts');
  return examine(invocation, io, nodeMachine());
};

/** With a machine of one's own. */
export async function examine(
  invocation: Parameters<Command>[0],
  io: Io,
  machine: Machine,
): ReturnType<Command> {
  const { configuration, diagnostics } = loadConfiguration(io, invocation);
  if (configuration === null || diagnostics.some(isError)) return refuse(invocation, io, diagnostics);
  const given = optionValue(invocation, 'server')?.value ?? null;
  const settings = serverSettings(io, invocation, configuration);
  const findings: Finding[] = [
    well(
      'config',
      configuration.path === null ? 'no fluo.yaml: all by default' : shownPath(io.cwd, configuration.path),
    ),
  ];
  let url = given === null ? null : serverUrl(given);
  if (url === null) {
    const holder = await machine.lockHolder(settings.folder);
    findings.push(
      checkRules(serverRules(io, invocation, configuration).read(), todayOf(io.clock)),
      await checkDisk(machine, settings.folder, shownPath(io.cwd, settings.folder)),
      ...(await checkPorts(machine, settings, holder)),
      await checkClock(machine, io.clock.now()),
      // A server that runs says so itself.
      ...(holder === null ? checkDuckDb(machine) : []),
    );
    url = holder?.api ?? reachableUrl(settings.api);
    findings.push(...(await checkServer(machine, url, holder !== null, io.clock.now())));
  } else {
    findings.push(...(await checkServer(machine, url, true, io.clock.now())));
  }
  const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
  io.stdout.write(render(findings, style, io.stdout.columns));
  return findings.some(({ problems }) => problems.length > 0) ? EXIT.findings : EXIT.clean;
}

/** `localhost:4319` is read as `http://localhost:4319`. */
function serverUrl(given: string): string {
  const url = /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`;
  return url.replace(/\/+$/, '');
}

function render(findings: readonly Finding[], style: Style, columns: number): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const rows = findings.map((finding) => {
    const isBad = finding.problems.some(isError);
    const mark = isBad
      ? style.error('bad ')
      : finding.problems.length > 0
        ? style.warning('look')
        : style.good('ok  ');
    return `${mark}  ${finding.subject.padEnd(width)}  ${finding.text}\n`;
  });
  const problems = findings.flatMap((finding) => finding.problems);
  const details = buildDiagnosticsReport(problems, 0).diagnostics.map(
    (diagnostic) => `\n${renderDiagnostic(diagnostic, style)}\n`,
  );
  const sum =
    problems.length === 0
      ? 'all is well'
      : `${counted(problems.filter(isError).length, 'error')} and ${counted(problems.filter((one) => !isError(one)).length, 'warning')}`;
  return `${rows.join('')}${details.join('')}\n${wrap(sum, columns).join('\n')}\n`;
}
