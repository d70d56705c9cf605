/** HTTP by Node's own `fetch`. */
import type { HttpClient, HttpOutcome, HttpRequest } from '../base/http.ts';

const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Of an answer that is longer than `maxBodyBytes` the beginning is given. */
export function fetchClient(maxBodyBytes: number = DEFAULT_MAX_BODY_BYTES): HttpClient {
  return { send: (request) => send(request, maxBodyBytes) };
}

async function send(request: HttpRequest, maxBodyBytes: number): Promise<HttpOutcome> {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    const body = await readUpTo(response, maxBodyBytes);
    return {
      kind: 'answered',
      status: response.status,
      header: (name) => response.headers.get(name),
      body,
    };
  } catch (error) {
    return { kind: 'failed', problem: problemOf(error, request.timeoutMs) };
  }
}

async function readUpTo(response: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body !== null) {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      // Leaving the loop closes the connection.
      if (size >= most) break;
    }
  }
  return Buffer.concat(chunks).subarray(0, most).toString('utf8');
}

/** `fetch failed` alone helps nobody: what it means stands in its cause. Never the address, which may be a secret. */
function problemOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'it failed';
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const code = codeOf(error.cause) ?? codeOf(error);
  return code === null ? 'the connection failed' : `the connection failed: ${code}`;
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: readonly unknown[] };
  if (typeof code === 'string' && code !== '') return code;
  return errors === undefined ? null : codeOf(errors[0]);
}
