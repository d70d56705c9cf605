/** The settings of a server: the options of the command line, then the environment, then the configuration. */
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { type ReceiversReading, readReceivers } from '../notify/read-receivers.ts';
import { type Address, parseAddress } from '../server/address.ts';
import { DEFAULT_FOLDER, type ServerSettings } from '../server/settings.ts';
import { commandLineError, type Invocation, optionValue } from './arguments.ts';
import type { Configuration } from './configuration.ts';
import { FileError, type Io } from './io.ts';
import { judgeSettings } from './judge-settings.ts';
import { pathFrom } from './paths.ts';
import { isAt } from './serve-configuration.ts';

const LISTEN_OPTIONS = ['grpc', 'http', 'api'] as const;

export function serverSettings(io: Io, invocation: Invocation, configuration: Configuration): ServerSettings {
  const { serve } = configuration;
  return {
    ...serve,
    folder: dataFolder(io, invocation, configuration),
    grpc: addressOption(invocation, 'grpc', serve.grpc),
    http: addressOption(invocation, 'http', serve.http),
    api: addressOption(invocation, 'api', serve.api) ?? serve.api,
    judge: judgeSettings(invocation, configuration),
  };
}

/** Absolute. */
export function dataFolder(io: Io, invocation: Invocation, configuration: Configuration): string {
  const given = optionValue(invocation, 'data')?.value ?? io.env['FLUO_DATA'] ?? '';
  if (given !== '') return pathFrom(io.cwd, given);
  const beside = configuration.path === null ? io.cwd : dirname(configuration.path);
  return configuration.data ?? join(beside, DEFAULT_FOLDER);
}

/** What is wrong with `--grpc`, `--http` and `--api`. */
export function listenProblems(invocation: Invocation): Diagnostic[] {
  return LISTEN_OPTIONS.flatMap((name) => {
    const given = optionValue(invocation, name);
    if (given === null || parseAddress(given.value) !== null) return [];
    if (given.value === 'off' && name !== 'api') return [];
    const example = /^\d{1,5}$/.test(given.value) ? `127.0.0.1:${given.value}` : '127.0.0.1:4318';
    return commandLineError(
      invocation.commandLine,
      given.range,
      'FL800',
      `\`${given.value}\` is not an address`,
      `say a host and a port, such as \`--${name} ${example}\`${name === 'api' ? '' : ', or `off`'}`,
    );
  });
}

/** What no single setting shows: nothing to listen at, and spans of Fluo that come back to it. */
export function settingProblems(invocation: Invocation, settings: ServerSettings): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const { commandLine } = invocation;
  if (settings.grpc === null && settings.http === null) {
    problems.push(
      commandLineError(
        commandLine,
        commandLine.end,
        'FL801',
        'both receivers are off, so no span could come in',
        'leave one of `--grpc off` and `--http off` out',
      ),
    );
  }
  if (
    settings.telemetry !== null &&
    settings.http !== null &&
    isAt(settings.telemetry.endpoint, settings.http)
  ) {
    problems.push(
      commandLineError(
        commandLine,
        optionValue(invocation, 'http')?.range ?? commandLine.end,
        'FL802',
        `\`${settings.telemetry.endpoint}\` of \`telemetry:\` is the server itself: each span of it would make another`,
        'name the endpoint of another server or of a Collector in `fluo.yaml`',
      ),
    );
  }
  return problems;
}

/** Who is told about signals, with the secrets that the configuration points to. */
export function notifyReceivers(io: Io, { notify, path }: Configuration): ReceiversReading {
  if (notify === null) return { receivers: [], diagnostics: [] };
  return readReceivers(notify.source, notify.node, {
    env: io.env,
    readFile: (name) => readTextOrNull(io, pathFrom(path === null ? io.cwd : dirname(path), name)),
  });
}

function readTextOrNull(io: Io, path: string): string | null {
  try {
    return io.files.readText(path);
  } catch (error) {
    if (error instanceof FileError) return null;
    throw error;
  }
}

function addressOption(
  invocation: Invocation,
  name: (typeof LISTEN_OPTIONS)[number],
  fallback: Address | null,
): Address | null {
  const given = optionValue(invocation, name);
  if (given === null) return fallback;
  return parseAddress(given.value);
}
