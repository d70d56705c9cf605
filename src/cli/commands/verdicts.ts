/** `fluo verdicts`: how often rules were kept and broken. */
import { parseDuration } from '../../base/nanos.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { VerdictsDocument } from '../../server/api/api-documents.ts';
import { verdictsText } from '../api-view/verdicts-text.ts';
import { commandLineError, type Invocation, isOn, optionValue } from '../arguments.ts';
import { outputWidth, wantsJson, withApi, writeJson } from '../ask-api.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import type { DataAccess } from '../data-access.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { refuse } from '../refuse.ts';

export const runVerdicts: Command = async (invocation, io) => {
  const { nodeDataAccess } = await import('../data-access.ts');
  return verdicts(invocation, io, nodeDataAccess());
};

/** With a data folder of one's own. */
export async function verdicts(invocation: Invocation, io: Io, access: DataAccess): Promise<ExitCode> {
  const problems = usageProblems(invocation);
  if (problems.length > 0) return refuse(invocation, io, problems);
  const option = (name: string) => optionValue(invocation, name)?.value ?? null;
  return withApi(invocation, io, access, 'folder', async (client) => {
    const answer = await client.ask<VerdictsDocument>({
      method: 'GET',
      path: '/verdicts',
      query: {
        from: option('from') ?? new Date(io.clock.now() - lastOf(invocation)).toISOString(),
        to: option('to'),
        rule: option('rule'),
        by: option('by'),
      },
      about: optionValue(invocation, 'from') ?? optionValue(invocation, 'to'),
    });
    if (answer.document === null) return refuse(invocation, io, answer.problems);
    if (wantsJson(invocation)) return writeJson(io, answer.document);
    const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
    io.stdout.write(verdictsText(answer.document, { style, width: outputWidth(io) }));
    return EXIT.clean;
  });
}

const HOUR_MS = 3_600_000;

/** Milliseconds. */
function lastOf(invocation: Invocation): number {
  const nanos = parseDuration(optionValue(invocation, 'last')?.value ?? '');
  return nanos === null ? HOUR_MS : Number(nanos / 1_000_000n);
}

function usageProblems(invocation: Invocation): Diagnostic[] {
  const last = optionValue(invocation, 'last');
  const from = optionValue(invocation, 'from');
  if (last === null) return [];
  const { commandLine } = invocation;
  if (from !== null) {
    const message = '`--last` and `--from` both say where to begin';
    return [commandLineError(commandLine, last.range, 'FL708', message, 'leave one of them out')];
  }
  if (parseDuration(last.value) !== null) return [];
  const message = `\`${last.value}\` is not a duration`;
  const help = 'say a number with a unit and no blank, such as `--last 30m`';
  return [commandLineError(commandLine, last.range, 'FL708', message, help)];
}
