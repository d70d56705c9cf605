/** `fluo rules`: the rules of a server, and how they fare. */
import type { RulesDocument } from '../../server/api/api-documents.ts';
import { rulesText } from '../api-view/rules-text.ts';
import { type Invocation, isOn } from '../arguments.ts';
import { outputWidth, wantsJson, withApi, writeJson } from '../ask-api.ts';
import { styleOf } from '../colour.ts';
import type { Command } from '../command.ts';
import type { DataAccess } from '../data-access.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { refuse } from '../refuse.ts';

export const runRules: Command = async (invocation, io) => {
  const { nodeDataAccess } = await import('../data-access.ts');
  return rules(invocation, io, nodeDataAccess());
};

/** With a data folder of one's own. */
export function rules(invocation: Invocation, io: Io, access: DataAccess): Promise<ExitCode> {
  return withApi(invocation, io, access, 'server', async (client) => {
    const answer = await client.ask<RulesDocument>({ method: 'GET', path: '/rules' });
    if (answer.document === null) return refuse(invocation, io, answer.problems);
    if (wantsJson(invocation)) return writeJson(io, answer.document);
    const style = styleOf(io, io.stdout, isOn(invocation, 'no-color'));
    io.stdout.write(rulesText(answer.document, { style, width: outputWidth(io) }));
    return EXIT.clean;
  });
}
