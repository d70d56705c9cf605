/** A command that asks the API: opens it, and says what is wrong where it cannot. */
import { jsonText } from '../report/escape.ts';
import { type ApiClient, openApi } from './api-client.ts';
import { type Invocation, isOn, optionValue } from './arguments.ts';
import type { DataAccess } from './data-access.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { refuse } from './refuse.ts';
import { showDiagnostics } from './show-diagnostics.ts';

/** Runs `act` with the API open, and closes it. */
export async function withApi(
  invocation: Invocation,
  io: Io,
  access: DataAccess,
  needs: 'server' | 'folder',
  act: (client: ApiClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { client, problems } = await openApi(invocation, io, access, needs);
  if (client === null) return refuse(invocation, io, problems);
  showDiagnostics(io, problems, isOn(invocation, 'no-color'));
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}

export function wantsJson(invocation: Invocation): boolean {
  return optionValue(invocation, 'format')?.value === 'json';
}

/** Writes a document for programs. */
export function writeJson(io: Io, document: unknown): ExitCode {
  io.stdout.write(`${jsonText(document, 2)}\n`);
  return EXIT.clean;
}

/** Columns of what is written to standard output. */
export function outputWidth(io: Io): number {
  return io.stdout.isTerminal ? io.stdout.columns : 100;
}
