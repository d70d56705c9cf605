/** Receivers in memory, for tests: what they were sent, and what they answer. */
import type { HttpClient, HttpOutcome, HttpRequest } from '../../base/http.ts';

export class MemoryHttp implements HttpClient {
  readonly requests: HttpRequest[] = [];
  /** What is answered next; when there is none, 200. */
  readonly answers: HttpOutcome[] = [];

  async send(request: HttpRequest): Promise<HttpOutcome> {
    this.requests.push(request);
    return this.answers.shift() ?? answered(200, 'ok');
  }
}

export function answered(
  status: number,
  body = '',
  headers: Readonly<Record<string, string>> = {},
): HttpOutcome {
  return { kind: 'answered', status, body, header: (name) => headers[name] ?? null };
}
