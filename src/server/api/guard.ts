/**
 * The API asks for no password, so it must not do what a web page makes a visitor's browser ask for. Browsers say whose page asks; a page whose name
 * was pointed to this machine (DNS rebinding) is known by that name; and a form of another site cannot send JSON.
 */
import { isIP } from 'node:net';
import { type ApiRequest, type ApiResponse, problem } from './api-request.ts';

export interface GuardOptions {
  /** The host that the API listens at. */
  readonly listensAt: string;
  /** Further names that it is reached by: lower case, without ports. */
  readonly hosts: readonly string[];
}

/** The refusal, or null. */
export function refusalOf({ method, headers }: ApiRequest, options: GuardOptions): ApiResponse | null {
  const { host = '', origin } = headers;
  const name = hostName(host);
  const isOwnName = name === 'localhost' || isIP(name) !== 0 || options.hosts.includes(name);
  // In a network of its own the server has names that it does not know; only browsers can be tricked into using one.
  if (!isOwnName && (isLoopback(options.listensAt) || isBrowser(headers))) {
    return problem(
      403,
      'FL871',
      `the request is for the host \`${name}\`, which is no name of this server`,
      'ask it by `localhost` or its address, or name the host in `serve.api.hosts` of `fluo.yaml`',
    );
  }
  const site = headers['sec-fetch-site'];
  const isForeign =
    site === 'cross-site' ||
    site === 'same-site' ||
    (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host));
  if (isForeign) {
    return problem(
      403,
      'FL871',
      'the request comes from a web page of another origin',
      'ask from a program, or from a page that this server gave',
    );
  }
  if (method === 'GET' || method === 'HEAD') return null;
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return null;
  return problem(
    415,
    'FL871',
    `the body is \`${type === '' ? 'of no type' : type}\`, and a change is asked for with JSON`,
    'send JSON, with the header `content-type: application/json`',
  );
}

function hostName(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function isBrowser(headers: ApiRequest['headers']): boolean {
  return (
    headers['origin'] !== undefined ||
    headers['sec-fetch-site'] !== undefined ||
    /mozilla/i.test(headers['user-agent'] ?? '')
  );
}
