/** `/api/v1/signals`: listing, showing and deciding. */
import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import { RULE_SEVERITIES } from '../../invariant/rule.ts';
import type { Finding } from '../../report/check-report.ts';
import { findSignals, type SignalQuery, signalsNamed } from '../../signal/find-signals.ts';
import { SIGNAL_ACTIONS, SIGNAL_STATES, type Signal, type SignalAction } from '../../signal/signal.ts';
import type { SignalStore } from '../../signal/signal-store.ts';
import { API_VERSION, type SignalListDocument } from './api-documents.ts';
import { type ApiRequest, type ApiResponse, answer, problem } from './api-request.ts';
import { Parameters } from './parameters.ts';
import type { Route } from './router.ts';
import { signalDocument, signalSummary } from './signal-documents.ts';

export interface SignalServices {
  readonly signals: SignalStore<Finding>;
  /** Milliseconds since 1970, as verdicts are told with. */
  now(): number;
  /** Called when a decision is safe, so that it can be told. */
  onDecision(): Promise<void>;
}

/** A program in a loop must not fill the disk: what is decided is kept for good. */
const DECISIONS = 60;
const DECISIONS_WITHIN_MS = 60_000;
const LIMIT = 100;
const MOST = 1_000;
const LONGEST_BY = 200;
const LONGEST_REASON = 2_000;

export function signalRoutes(services: SignalServices): readonly Route[] {
  const { signals } = services;
  const paces = new DecisionPaces();
  return [
    {
      method: 'GET',
      path: '/api/v1/signals',
      answer: ({ query }) => {
        const reading = readSignalQuery(query);
        return 'status' in reading ? reading : listed(signals.signals(), reading);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/signals/{id}',
      answer: (_request, { id = '' }) => {
        const found = signalNamed(signals, id);
        return 'status' in found ? found : answer(signalDocument(found));
      },
    },
    ...SIGNAL_ACTIONS.map(
      (action): Route => ({
        method: 'POST',
        path: `/api/v1/signals/{id}/${action}`,
        answer: (request, { id = '' }) => decided(services, paces, id, action, request),
      }),
    ),
  ];
}

/** The query, or what is wrong with it. */
export function readSignalQuery(query: URLSearchParams): SignalQuery | ApiResponse {
  const parameters = new Parameters(query, ['state', 'rule', 'severity', 'limit', 'cursor']);
  const isAll = parameters.text('state') === 'all';
  const reading: SignalQuery = {
    states: isAll ? SIGNAL_STATES : parameters.choices('state', SIGNAL_STATES),
    rule: parameters.text('rule'),
    severities: parameters.choices('severity', RULE_SEVERITIES),
    limit: parameters.count('limit', LIMIT, MOST),
    cursor: parameters.text('cursor'),
  };
  return parameters.problem ?? reading;
}

function listed(signals: Iterable<Signal<Finding>>, query: SignalQuery): ApiResponse {
  const page = findSignals(signals, query);
  if (page === null) {
    return problem(400, 'FL872', '`cursor` is not the `next` of an answer', 'leave it out to begin again');
  }
  const document: SignalListDocument = {
    schemaVersion: API_VERSION,
    signals: page.signals.map(signalSummary),
    next: page.next,
    total: page.total,
  };
  return answer(document);
}

/** By its id, or a beginning that no other has. */
function signalNamed(store: SignalStore<Finding>, given: string): Signal<Finding> | ApiResponse {
  const found = /^[0-9a-f]{1,16}$/.test(given) ? signalsNamed(store.signals(), given) : [];
  const [signal, ...others] = found;
  if (signal !== undefined && others.length === 0) return signal;
  if (signal === undefined) {
    return problem(
      404,
      'FL873',
      `there is no signal \`${given}\``,
      'list them with `GET /api/v1/signals?state=all`, or `fluo signals list --state all`',
    );
  }
  const some = found
    .slice(0, 5)
    .map(({ id }) => `\`${id}\``)
    .join(', ');
  return problem(409, 'FL873', `${found.length} signals begin with \`${given}\``, `say more of it: ${some}`);
}

async function decided(
  services: SignalServices,
  paces: DecisionPaces,
  given: string,
  action: SignalAction,
  request: ApiRequest,
): Promise<ApiResponse> {
  const found = signalNamed(services.signals, given);
  if ('status' in found) return found;
  const decision = readDecision(request.body, action);
  if ('status' in decision) return decision;
  const wait = paces.wait(found.id, services.now());
  if (wait > 0) {
    const seconds = Math.ceil(wait / 1000);
    return problem(
      429,
      'FL879',
      `the signal \`${found.id}\` was decided on ${DECISIONS} times within a minute`,
      `ask again in ${seconds} s, and see which program decides so often`,
      { 'retry-after': String(seconds) },
    );
  }
  const outcome = await services.signals.decide(
    found.id,
    action,
    decision.by,
    decision.reason,
    services.now(),
  );
  switch (outcome.kind) {
    case 'decided':
      paces.decided(found.id, services.now());
      await services.onDecision();
      return answer(signalDocument(outcome.signal));
    case 'not-possible':
      return problem(
        409,
        'FL874',
        `the signal \`${found.id}\` cannot be ${WORDS[action]}: ${outcome.why}`,
        `look at it with \`fluo signals show ${found.id}\``,
      );
    case 'unknown-signal':
      return problem(404, 'FL873', `there is no signal \`${given}\``, 'list them again');
  }
}

/** How often signals were decided on of late. */
class DecisionPaces {
  /** Times of the last decisions by signal, the oldest first. */
  readonly #times = new Map<string, readonly number[]>();

  /** How long until the next decision is taken. */
  wait(signal: string, now: number): number {
    const times = recent(this.#times.get(signal) ?? [], now);
    return times.length < DECISIONS ? 0 : (times[0] ?? now) + DECISIONS_WITHIN_MS - now;
  }

  decided(signal: string, now: number): void {
    const times = [...recent(this.#times.get(signal) ?? [], now), now];
    this.#times.delete(signal);
    this.#times.set(signal, times);
    // The first one was decided on the longest ago.
    for (const [id, before] of this.#times) {
      if (recent(before, now).length > 0) return;
      this.#times.delete(id);
    }
  }
}

function recent(times: readonly number[], now: number): number[] {
  return times.filter((at) => at > now - DECISIONS_WITHIN_MS && at <= now);
}

const WORDS: Readonly<Record<SignalAction, string>> = {
  ack: 'acknowledged',
  resolve: 'resolved',
  'false-positive': 'called a false positive',
  reopen: 'opened again',
};

function readDecision(
  body: string,
  action: SignalAction,
): { readonly by: string; readonly reason: string } | ApiResponse {
  const refused = (code: DiagnosticCode, detail: string, help: string) => problem(400, code, detail, help);
  const example = 'send `{"by": "ada", "reason": "fixed in 1.2"}`';
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return refused('FL872', 'the body is no JSON', example);
  }
  if (typeof value !== 'object' || value === null)
    return refused('FL872', 'the body is no JSON object', example);
  const { by, reason = '' } = value as { readonly by?: unknown; readonly reason?: unknown };
  if (typeof by !== 'string' || by.trim() === '' || by.length > LONGEST_BY) {
    return refused('FL872', `\`by\` says who decides: a text of 1 to ${LONGEST_BY} characters`, example);
  }
  if (typeof reason !== 'string' || reason.length > LONGEST_REASON) {
    return refused('FL872', `\`reason\` is a text of at most ${LONGEST_REASON} characters`, example);
  }
  if (action === 'false-positive' && reason.trim() === '') {
    return refused(
      'FL874',
      'a false positive has a `reason`, for it keeps the signal quiet from then on',
      example,
    );
  }
  return { by: by.trim(), reason: reason.trim() };
}
