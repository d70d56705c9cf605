/** `fluo serve`: the live engine. Everything of Node is behind `startServer`, which is loaded when the settings are in order. */
import { styleText } from 'node:util';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { counted } from '../../report/counted.ts';
import { addressText, reachableUrl } from '../../server/address.ts';
import { createLog, type LogLevel } from '../../server/log.ts';
import type { BrokenFile } from '../../server/rules/rule-set.ts';
import type { RunningServer } from '../../server/server.ts';
import type { ServerSettings } from '../../server/settings.ts';
import { isOn } from '../arguments.ts';
import { hasColour } from '../colour.ts';
import type { Command } from '../command.ts';
import { loadConfiguration } from '../configuration.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { isError } from '../is-error.ts';
import { logDiagnostics } from '../log-diagnostics.ts';
import { shownPath } from '../paths.ts';
import { refuse } from '../refuse.ts';
import { serverRules } from '../server-rules.ts';
import { listenProblems, notifyReceivers, serverSettings, settingProblems } from '../server-settings.ts';
import { showDiagnostics } from '../show-diagnostics.ts';
import { versionOf } from '../version.ts';

export const runServe: Command = async (invocation, io, signal) => {
  const { configuration, diagnostics } = loadConfiguration(io, invocation);
  const usage = [...diagnostics, ...listenProblems(invocation)];
  if (configuration === null || usage.some(isError)) return refuse(invocation, io, usage);
  const settings = serverSettings(io, invocation, configuration);
  const notify = notifyReceivers(io, configuration);
  const problems = [...settingProblems(invocation, settings), ...notify.diagnostics];
  if (problems.length > 0) return refuse(invocation, io, problems);

  const noColor = isOn(invocation, 'no-color');
  const { startServer } = await import('../../server/server.ts');
  let countMessage: (level: LogLevel) => void = () => {};
  const format = formatOf(settings, io);
  const log = createLog({
    level: settings.log.level,
    format,
    write: (line) => io.stderr.write(line),
    now: () => io.clock.now(),
    onMessage: (level) => countMessage(level),
  });
  const started = await startServer({
    settings,
    rules: serverRules(io, invocation, configuration),
    notify: notify.receivers,
    strict: isOn(invocation, 'strict'),
    version: versionOf(io),
    packageFolder: io.packageFolder,
    log,
    onLogMessage: (count) => {
      countMessage = count;
    },
    signal,
  });
  const show = (found: readonly Diagnostic[]) =>
    format === 'json' ? logDiagnostics(log, found) : showDiagnostics(io, found, noColor);
  show(started.diagnostics);
  if (started.server === null) return signal.aborted ? EXIT.interrupted : EXIT.usage;
  io.stdout.write(welcome(io, started.server, settings, noColor));
  const { failed, lost } = started.server;
  const end = await Promise.race([
    aborted(signal).then(() => null),
    failed.then((failure) => ({ failure })),
    lost.then((problem) => ({ problem })),
  ]);
  if (end === null)
    io.stdout.write('\nstopping: what was taken is being finished; Ctrl-C again stops at once\n');
  else if ('problem' in end) show([end.problem]);
  await started.server.stop();
  if (end !== null) {
    if ('failure' in end) throw end.failure;
    return EXIT.usage;
  }
  io.stdout.write('stopped\n');
  return EXIT.clean;
};

function formatOf({ log }: ServerSettings, io: Io): 'json' | 'text' {
  if (log.format !== 'auto') return log.format;
  return io.stderr.isTerminal ? 'text' : 'json';
}

/** Where it listens, by what it judges, where things lie, what to do next. */
function welcome(io: Io, server: RunningServer, settings: ServerSettings, noColor: boolean): string {
  const bold = hasColour(io, io.stdout, noColor)
    ? (text: string) => styleText('bold', text)
    : (text: string) => text;
  const { rules, broken } = server.rules();
  const lines: (readonly [string, string])[] = [
    ['OTLP/gRPC', server.grpc === null ? 'off' : addressText(server.grpc)],
    ['OTLP/HTTP', server.http === null ? 'off' : `${reachableUrl(server.http)}/v1/traces`],
    ['API', `${reachableUrl(server.api)}  (/metrics, /readyz, /api/v1)`],
    ['rules', ruleLine(rules.length, broken)],
    ['data', shownPath(io.cwd, settings.folder)],
  ];
  const shown = lines.map(([name, value]) => `  ${name.padEnd(10)} ${value}`);
  return `${bold(`Fluo ${server.version} is taking traces`)}\n\n${shown.join('\n')}\n\n${nextSteps(server, rules)}\n`;
}

function ruleLine(rules: number, broken: readonly BrokenFile[]): string {
  const loaded = rules === 0 ? 'none: spans are archived and nothing is judged' : `${rules} loaded`;
  if (broken.length === 0) return loaded;
  const kept = broken.reduce((sum, { keptRules }) => sum + keptRules, 0);
  const earlier = kept === 0 ? '' : ` (earlier rules of theirs that stay in force: ${kept})`;
  return `${loaded}; ${counted(broken.length, 'file')} with errors, shown above${earlier}`;
}

function nextSteps(server: RunningServer, rules: readonly unknown[]): string {
  const steps: string[] = [];
  if (rules.length === 0) {
    steps.push('put rules into the folder (`fluo init`, `fluo library`): they are loaded without a restart');
  }
  if (server.http !== null) {
    steps.push(
      `send spans: OTEL_EXPORTER_OTLP_ENDPOINT=${reachableUrl(server.http)} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
    );
  } else if (server.grpc !== null) {
    steps.push(
      `send spans: OTEL_EXPORTER_OTLP_ENDPOINT=${reachableUrl(server.grpc)} OTEL_EXPORTER_OTLP_PROTOCOL=grpc`,
    );
  }
  steps.push('see what broke: `fluo signals list`', 'if nothing arrives: `fluo doctor`');
  return `next:\n${steps.map((step) => `  - ${step}`).join('\n')}\n`;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
