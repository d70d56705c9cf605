/** Which web pages may send spans: the answers to a browser's questions. Off unless it is configured. */

export interface CorsPolicy {
  /** Origins such as `https://shop.example.com`; a `*` in one stands for any characters but a slash, `*` alone for every origin. */
  readonly allowedOrigins: readonly string[];
  /** Headers that a page may set, besides Content-Type and Content-Encoding. */
  readonly allowedHeaders: readonly string[];
  /** Seconds for which a browser may remember the answer. */
  readonly maxAgeSeconds: number;
}

export type CorsHeaders = Record<string, string>;

export class Cors {
  readonly #policy: CorsPolicy;
  readonly #origins: readonly RegExp[];

  constructor(policy: CorsPolicy) {
    this.#policy = policy;
    this.#origins = policy.allowedOrigins.map(originPattern);
  }

  /** Headers of an answer to a page, none where its origin is not allowed. */
  forAnswer(origin: string): CorsHeaders | null {
    if (!this.#origins.some((allowed) => allowed.test(origin))) return null;
    return { 'access-control-allow-origin': origin, vary: 'Origin' };
  }

  /** Headers of the answer to the question that goes before. */
  forPreflight(origin: string): CorsHeaders | null {
    const headers = this.forAnswer(origin);
    if (headers === null) return null;
    return {
      ...headers,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': [
        'Content-Type',
        'Content-Encoding',
        ...this.#policy.allowedHeaders,
      ].join(', '),
      'access-control-max-age': String(this.#policy.maxAgeSeconds),
    };
  }
}

function originPattern(origin: string): RegExp {
  if (origin === '*') return /^/;
  return new RegExp(`^${origin.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`, 'i');
}
