/** A request to the API and its answer as values: routes are functions from one to the other. */
import { CODES, type DiagnosticCode } from '../../diagnostic/codes.ts';
import type { ProblemDocument } from './api-documents.ts';

export interface ApiRequest {
  readonly method: string;
  /** Without the query; percent escapes are decoded by the router. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as sent; empty where there is none. */
  readonly body: string;
}

export interface ApiResponse {
  readonly status: number;
  readonly type: 'application/json' | 'application/problem+json';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function answer(body: object, status = 200): ApiResponse {
  return { status, type: 'application/json', headers: {}, body };
}

/** `detail` is one sentence, as the message of a diagnostic; `help` says what to do. */
export function problem(
  status: number,
  code: DiagnosticCode,
  detail: string,
  help: string,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  const body: ProblemDocument = {
    type: `urn:fluo:${code}`,
    title: CODES[code].title,
    status,
    detail,
    code,
    help,
  };
  return { status, type: 'application/problem+json', headers, body };
}
