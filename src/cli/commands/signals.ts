/** `fluo signals list|show|ack|resolve|false-positive|reopen`. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { SignalDocument, SignalListDocument } from '../../server/api/api-documents.ts';
import type { SignalAction } from '../../signal/signal.ts';
import type { ApiClient } from '../api-client.ts';
import { signalListText, signalText } from '../api-view/signal-text.ts';
import {
  commandLineError,
  type GivenValue,
  type Invocation,
  isOn,
  optionValue,
  optionValues,
} from '../arguments.ts';
import { outputWidth, wantsJson, withApi, writeJson } from '../ask-api.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import type { DataAccess } from '../data-access.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { refuse } from '../refuse.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

export const runSignals: Command = async (invocation, io) => {
  const { nodeDataAccess } = await import('../data-access.ts');
  return signals(invocation, io, nodeDataAccess());
};

/** With a data folder of one's own. */
export async function signals(invocation: Invocation, io: Io, access: DataAccess): Promise<ExitCode> {
  const [action, ...ids] = invocation.arguments;
  const name = action?.value ?? 'list';
  const problems = usageProblems(invocation, io, name, ids);
  if (problems.length > 0) return refuse(invocation, io, problems);
  return withApi(invocation, io, access, 'folder', (client) => {
    if (name === 'list') return list(invocation, io, client);
    return name === 'show'
      ? show(invocation, io, client, ids)
      : decide(invocation, io, client, name as SignalAction, ids);
  });
}

async function list(invocation: Invocation, io: Io, client: ApiClient): Promise<ExitCode> {
  const all = (name: string) => {
    const values = optionValues(invocation, name).map(({ value }) => value);
    return values.length === 0 ? null : values.includes('all') ? 'all' : values.join(',');
  };
  const answer = await client.ask<SignalListDocument>({
    method: 'GET',
    path: '/signals',
    query: {
      state: all('state'),
      severity: all('severity'),
      rule: optionValue(invocation, 'rule')?.value ?? null,
      limit: optionValue(invocation, 'limit')?.value ?? String(LIMIT),
    },
    about: optionValue(invocation, 'limit'),
  });
  if (answer.document === null) return refuse(invocation, io, answer.problems);
  if (wantsJson(invocation)) return writeJson(io, answer.document);
  io.stdout.write(
    signalListText(answer.document, {
      style: styleOf(io, io.stdout, isOn(invocation, 'no-color')),
      width: outputWidth(io),
      now: io.clock.now(),
      filtered: ['state', 'severity', 'rule'].some((option) => optionValue(invocation, option) !== null),
    }),
  );
  return EXIT.clean;
}

async function show(
  invocation: Invocation,
  io: Io,
  client: ApiClient,
  ids: readonly GivenValue[],
): Promise<ExitCode> {
  const documents: SignalDocument[] = [];
  const problems: Diagnostic[] = [];
  for (const id of ids) {
    const answer = await client.ask<SignalDocument>({
      method: 'GET',
      path: `/signals/${encodeURIComponent(id.value)}`,
      about: id,
    });
    if (answer.document === null) problems.push(...answer.problems);
    else documents.push(answer.document);
  }
  if (wantsJson(invocation)) for (const document of documents) writeJson(io, document);
  else {
    const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
    const width = outputWidth(io);
    for (const document of documents) {
      for (const piece of signalText(document, { style, width, now: io.clock.now() })) io.stdout.write(piece);
    }
  }
  showDiagnostics(io, problems, isOn(invocation, 'no-color'));
  return problems.length > 0 ? EXIT.usage : EXIT.clean;
}

async function decide(
  invocation: Invocation,
  io: Io,
  client: ApiClient,
  action: SignalAction,
  ids: readonly GivenValue[],
): Promise<ExitCode> {
  const body = { by: decider(invocation, io), reason: optionValue(invocation, 'reason')?.value ?? '' };
  const problems: Diagnostic[] = [];
  for (const id of ids) {
    const path = `/signals/${encodeURIComponent(id.value)}/${action}`;
    const answer = await client.ask<SignalDocument>({ method: 'POST', path, body, about: id });
    if (answer.document === null) {
      problems.push(...answer.problems);
      continue;
    }
    if (wantsJson(invocation)) writeJson(io, answer.document);
    else {
      const { signal } = answer.document;
      io.stdout.write(`${signal.id}  ${DONE[action]}  ${signal.rule.id}\n`);
    }
  }
  showDiagnostics(io, problems, isOn(invocation, 'no-color'));
  return problems.length > 0 ? EXIT.usage : EXIT.clean;
}

const LIMIT = 50;

const DONE: Readonly<Record<SignalAction, string>> = {
  ack: 'acknowledged',
  resolve: 'resolved',
  'false-positive': 'false positive',
  reopen: 'open again',
};

function usageProblems(
  invocation: Invocation,
  io: Io,
  action: string,
  ids: readonly GivenValue[],
): Diagnostic[] {
  const { commandLine } = invocation;
  const [first] = ids;
  if (action === 'list') {
    if (first === undefined) return [];
    const help = `say \`fluo signals show ${first.value}\`, or leave it out`;
    return [commandLineError(commandLine, first.range, 'FL706', '`fluo signals list` takes no id', help)];
  }
  const problems: Diagnostic[] = [];
  if (first === undefined) {
    const help = `say \`fluo signals ${action} ID\`; \`fluo signals list\` shows the ids`;
    problems.push(
      commandLineError(
        commandLine,
        commandLine.end,
        'FL705',
        `\`fluo signals ${action}\` needs the id of a signal`,
        help,
      ),
    );
  }
  if (action === 'show') return problems;
  if (decider(invocation, io) === '') {
    const help = `say \`fluo signals ${action} ID --by NAME\``;
    problems.push(
      commandLineError(
        commandLine,
        commandLine.end,
        'FL705',
        'nothing says who decides: `USER` is not set',
        help,
      ),
    );
  }
  if (action === 'false-positive' && (optionValue(invocation, 'reason')?.value ?? '').trim() === '') {
    const help = 'say why with `--reason TEXT`: it keeps the signal quiet from then on';
    problems.push(
      commandLineError(commandLine, commandLine.end, 'FL874', 'a false positive needs a reason', help),
    );
  }
  return problems;
}

function decider(invocation: Invocation, io: Io): string {
  const { USER = '', USERNAME = '' } = io.env;
  return (optionValue(invocation, 'by')?.value ?? (USER || USERNAME)).trim();
}
