/**
 * What commands ask about signals, verdicts and rules: of the running server over its API, or, where none runs, of the data folder itself by the
 * same routes. Both answer with the same documents.
 */
import { clip, printable } from '../base/printable.ts';
import { CODES, type DiagnosticCode } from '../diagnostic/codes.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { API_VERSION, type ProblemDocument } from '../server/api/api-documents.ts';
import type { ApiResponse } from '../server/api/api-request.ts';
import { archivedVerdicts } from '../server/api/archived-verdicts.ts';
import { routed } from '../server/api/router.ts';
import { signalRoutes } from '../server/api/signal-routes.ts';
import { verdictsRoute } from '../server/api/verdicts-route.ts';
import { openSignals } from '../server/signalling.ts';
import { commandLineError, type GivenValue, type Invocation, optionValue } from './arguments.ts';
import { loadConfiguration } from './configuration.ts';
import type { DataAccess } from './data-access.ts';
import type { Io } from './io.ts';
import { isError } from './is-error.ts';
import { shownPath } from './paths.ts';
import { dataFolder } from './server-settings.ts';

export interface ApiQuestion {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | null>>;
  readonly body?: object;
  /** What of the command line the question is about, for problems. */
  readonly about?: GivenValue | null;
}

export type ApiAnswer<Document> =
  | { readonly document: Document; readonly problems: readonly [] }
  | { readonly document: null; readonly problems: readonly Diagnostic[] };

export interface ApiClient {
  ask<Document>(question: ApiQuestion): Promise<ApiAnswer<Document>>;
  /** Gives the data folder back. */
  close(): Promise<void>;
}

export type ApiOpening =
  | { readonly client: ApiClient; readonly problems: readonly Diagnostic[] }
  | { readonly client: null; readonly problems: readonly Diagnostic[] };

const TIMEOUT_MS = 15_000;

/** `needs`: `folder` where the data folder can answer as well as the server. */
export async function openApi(
  invocation: Invocation,
  io: Io,
  access: DataAccess,
  needs: 'server' | 'folder',
): Promise<ApiOpening> {
  const server = optionValue(invocation, 'server');
  if (server !== null) {
    const address = serverAddress(server.value);
    if (address !== null) return { client: remoteClient(invocation, io, address), problems: [] };
    return refused(
      commandLineError(
        invocation.commandLine,
        server.range,
        'FL708',
        `\`${server.value}\` is not the address of a server`,
        'say a host and a port, such as `--server http://localhost:4319`',
      ),
    );
  }
  const { configuration, diagnostics } = loadConfiguration(io, invocation);
  if (configuration === null || diagnostics.some(isError)) return { client: null, problems: diagnostics };
  const folder = dataFolder(io, invocation, configuration);
  const holder = await access.holder(folder);
  if (holder !== null && holder.api !== null) {
    const remote = remoteClient(invocation, io, holder.api, folder);
    if (needs === 'server') return { client: remote, problems: [] };
    return { client: new FailingOver(invocation, io, access, folder, remote), problems: [] };
  }
  if (holder !== null) return refused(starting(invocation, holder.pid));
  const shown = shownPath(io.cwd, folder);
  if (io.files.kindOf(folder) !== 'folder') return refused(nothingThere(invocation, shown));
  if (needs === 'server') return refused(needsServer(invocation, shown));
  return localClient(invocation, io, access, folder);
}

function refused(problem: Diagnostic): ApiOpening {
  return { client: null, problems: [problem] };
}

/** `localhost:4319` is read as `http://localhost:4319`. */
function serverAddress(given: string): string | null {
  const text = /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`;
  if (!URL.canParse(text)) return null;
  const { protocol, host, origin } = new URL(text);
  return /^https?:$/.test(protocol) && host !== '' ? origin : null;
}

/**
 * Asks the server that the lock names. Where that does not answer and is found to be gone, killed a moment ago perhaps, the data folder
 * answers from then on.
 */
class FailingOver implements ApiClient {
  readonly #open: () => Promise<ApiOpening>;
  readonly #isHeld: () => Promise<boolean>;
  #client: ApiClient;
  #isLocal = false;

  constructor(invocation: Invocation, io: Io, access: DataAccess, folder: string, remote: ApiClient) {
    this.#client = remote;
    this.#open = () => localClient(invocation, io, access, folder);
    this.#isHeld = async () => (await access.holder(folder)) !== null;
  }

  async ask<Document>(question: ApiQuestion): Promise<ApiAnswer<Document>> {
    const answer = await this.#client.ask<Document>(question);
    const isUnanswered = answer.problems.some(({ code }) => code === 'FL876');
    if (this.#isLocal || !isUnanswered || (await this.#isHeld())) return answer;
    const { client, problems } = await this.#open();
    if (client === null) return { document: null, problems };
    this.#isLocal = true;
    this.#client = client;
    return client.ask<Document>(question);
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** `folder`: whose lock names the server; absent: the command line does. */
function remoteClient(invocation: Invocation, io: Io, origin: string, folder?: string): ApiClient {
  return {
    async ask(question) {
      const { method, body } = question;
      const outcome = await io.http.send({
        method,
        url: `${origin}${targetOf(question)}`,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        timeoutMs: TIMEOUT_MS,
      });
      if (outcome.kind === 'failed') return failed(noAnswer(invocation, io, origin, outcome.problem, folder));
      let document: unknown = null;
      try {
        document = JSON.parse(outcome.body);
      } catch {
        // Said below.
      }
      return answerOf(invocation, question, outcome.status, document, origin);
    },
    async close() {},
  };
}

async function localClient(
  invocation: Invocation,
  io: Io,
  access: DataAccess,
  folder: string,
): Promise<ApiOpening> {
  const locked = await access.lock(folder);
  if ('problem' in locked) return refused(locked.problem);
  try {
    const { store, log, problems } = await openSignals(access.disk, folder);
    const archive = access.archive(folder);
    const now = () => io.clock.now();
    const routes = [
      // Whoever is to be told of a decision is told by the next server.
      ...signalRoutes({ signals: store, now, onDecision: async () => {} }),
      verdictsRoute(archivedVerdicts(archive), now),
    ];
    const client: ApiClient = {
      async ask(question) {
        const { method, path, body } = question;
        const response: ApiResponse = await routed(routes, {
          method,
          path: `/api/v1${path}`,
          query: queryOf(question),
          headers: {},
          body: body === undefined ? '' : JSON.stringify(body),
        });
        return answerOf(invocation, question, response.status, response.body, folder);
      },
      async close() {
        await archive.close();
        await log.close();
        await locked.lock.release();
      },
    };
    return { client, problems };
  } catch (error) {
    await locked.lock.release();
    throw error;
  }
}

function targetOf(question: ApiQuestion): string {
  const query = queryOf(question).toString();
  return `/api/v1${question.path}${query === '' ? '' : `?${query}`}`;
}

function queryOf({ query = {} }: ApiQuestion): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) parameters.append(name, value);
  return parameters;
}

function answerOf<Document>(
  invocation: Invocation,
  question: ApiQuestion,
  status: number,
  document: unknown,
  from: string,
): ApiAnswer<Document> {
  const found = document as Partial<ProblemDocument & { readonly schemaVersion: number }> | null;
  if (status >= 200 && status < 300 && found?.schemaVersion === API_VERSION) {
    return { document: document as Document, problems: [] };
  }
  const range = question.about?.range ?? invocation.commandLine.end;
  if (typeof found?.code === 'string' && typeof found.detail === 'string' && isCode(found.code)) {
    const help = typeof found.help === 'string' ? found.help : CODES[found.code].title;
    return failed(commandLineError(invocation.commandLine, range, found.code, found.detail, help));
  }
  const said =
    typeof found?.schemaVersion === 'number'
      ? `version ${found.schemaVersion} of its documents`
      : `${status}${document === null ? ' and no JSON' : ` and ${printable(clip(JSON.stringify(document), 120))}`}`;
  return failed(
    commandLineError(
      invocation.commandLine,
      optionValue(invocation, 'server')?.range ?? range,
      'FL878',
      `what answers at \`${from}\` is no Fluo server of this version: it said ${said}`,
      'check the address, and use the same version here and there',
    ),
  );
}

function isCode(code: string): code is DiagnosticCode {
  return Object.hasOwn(CODES, code);
}

function failed<Document>(problem: Diagnostic): ApiAnswer<Document> {
  return { document: null, problems: [problem] };
}

function noAnswer(
  invocation: Invocation,
  io: Io,
  origin: string,
  why: string,
  folder: string | undefined,
): Diagnostic {
  return commandLineError(
    invocation.commandLine,
    optionValue(invocation, 'server')?.range ?? invocation.commandLine.end,
    'FL876',
    `no server answers at \`${origin}\`: ${why}`,
    folder === undefined
      ? 'start it with `fluo serve`, or see `fluo doctor`'
      : `the lock \`${shownPath(io.cwd, `${folder}/lock`)}\` names it, and its process runs: see its log, or \`fluo doctor\``,
  );
}

function starting(invocation: Invocation, pid: number): Diagnostic {
  return commandLineError(
    invocation.commandLine,
    invocation.commandLine.end,
    'FL875',
    `the server (process ${pid}) is starting, and does not answer yet`,
    'ask again in a moment',
  );
}

function nothingThere(invocation: Invocation, folder: string): Diagnostic {
  return commandLineError(
    invocation.commandLine,
    optionValue(invocation, 'data')?.range ?? invocation.commandLine.end,
    'FL876',
    `no server runs here, and there is no data folder \`${folder}\``,
    'start one with `fluo serve`, or name another: `--server URL`, `--data FOLDER`',
  );
}

function needsServer(invocation: Invocation, folder: string): Diagnostic {
  return commandLineError(
    invocation.commandLine,
    invocation.commandLine.end,
    'FL877',
    `no server runs for \`${folder}\`, and only a running one knows this`,
    'start it with `fluo serve`, or name another with `--server URL`; `fluo signals` works without one',
  );
}
