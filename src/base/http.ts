/** HTTP as a small interface, so that what uses it can be tested without a network. */

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
}

export type HttpOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Null where there is none. */
      header(name: string): string | null;
      /** As UTF-8; cut where the client's limit is. */
      readonly body: string;
    }
  /** No answer: the name is unknown, nobody listens, the connection broke, the time ran out. */
  | { readonly kind: 'failed'; readonly problem: string };

/** Redirects are not followed: they are answered as they are. Never throws. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpOutcome>;
}
