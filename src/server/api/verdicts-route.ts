/** `/api/v1/verdicts`: how often rules were kept, broken, not proved or not concerned, by minute. */
import { DUCKDB_MISSING, DuckDbMissing } from '../../archive/duckdb.ts';
import {
  MINUTE,
  VERDICT_DIMENSIONS,
  type VerdictRates,
  type VerdictRow,
  type VerdictSource,
} from '../../signal/verdict-window.ts';
import { API_VERSION, type VerdictRowDocument, type VerdictsDocument } from './api-documents.ts';
import { type ApiRequest, type ApiResponse, answer, problem } from './api-request.ts';
import { Parameters } from './parameters.ts';
import type { Route } from './router.ts';
import { isoOf } from './signal-documents.ts';

const HOUR = 60 * MINUTE;
const LONGEST = 90 * 24 * HOUR;

export function verdictsRoute(source: VerdictSource, now: () => number): Route {
  return { method: 'GET', path: '/api/v1/verdicts', answer: (request) => verdicts(source, now(), request) };
}

async function verdicts(source: VerdictSource, now: number, { query }: ApiRequest): Promise<ApiResponse> {
  const parameters = new Parameters(query, ['from', 'to', 'rule', 'by']);
  // The minute that runs now belongs to what is asked for.
  const to = Math.ceil((parameters.time('to', now) + 1) / MINUTE) * MINUTE;
  const from = Math.floor(parameters.time('from', to - HOUR) / MINUTE) * MINUTE;
  const [by = 'rule'] = parameters.choices('by', VERDICT_DIMENSIONS) ?? [];
  if (from >= to) parameters.refuse('`from` is not before `to`', 'leave `to` out for all until now');
  if (to - from > LONGEST) parameters.refuse('more than 90 days are asked for', 'ask for less at a time');
  if (parameters.problem !== null) return parameters.problem;
  let rates: VerdictRates;
  try {
    rates = await source.rates({ from, to, rule: parameters.text('rule'), by });
  } catch (error) {
    if (!(error instanceof DuckDbMissing)) throw error;
    const detail = `verdicts of the archive cannot be asked without DuckDB: ${error.message}`;
    return problem(501, DUCKDB_MISSING.code, detail, DUCKDB_MISSING.help);
  }
  const document: VerdictsDocument = {
    schemaVersion: API_VERSION,
    from: isoOf(from),
    to: isoOf(to),
    since: isoOf(rates.since),
    rows: rates.rows.map(rowDocument),
  };
  return answer(document);
}

function rowDocument({ rule, service, version, verdicts, minutes }: VerdictRow): VerdictRowDocument {
  const decided = verdicts.satisfied + verdicts.violated;
  return {
    rule,
    service,
    version,
    verdicts,
    violatedShare: decided === 0 ? null : verdicts.violated / decided,
    minutes: minutes.map((minute) => ({ at: isoOf(minute.at), verdicts: minute.verdicts })),
  };
}
