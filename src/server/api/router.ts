/** From a request to the route that answers it. */
import { type ApiRequest, type ApiResponse, answer, problem } from './api-request.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/api/v1/signals/{id}`: a part in braces is any text without a slash. */
  readonly path: string;
  readonly answer: (
    request: ApiRequest,
    parts: Readonly<Record<string, string>>,
  ) => ApiResponse | Promise<ApiResponse>;
}

/** Never rejects for what a request says. */
export async function routed(routes: readonly Route[], request: ApiRequest): Promise<ApiResponse> {
  const matching = routes.flatMap((route) => {
    const parts = partsOf(route.path, request.path);
    return parts === null ? [] : [{ route, parts }];
  });
  if (matching.length === 0) {
    return problem(
      404,
      'FL870',
      `there is nothing at \`${request.path}\``,
      `ask for one of ${listed(routes)}`,
    );
  }
  const asked = request.method === 'HEAD' ? 'GET' : request.method;
  const found = matching.find(({ route }) => route.method === asked);
  if (found !== undefined) return found.route.answer(request, found.parts);
  const methods = [...new Set(matching.map(({ route }) => route.method))].join(', ');
  return problem(
    405,
    'FL870',
    `\`${request.path}\` is not asked for with ${request.method}`,
    `ask with ${methods}`,
    { allow: methods },
  );
}

/** What the API has, for whoever looks around. */
export function indexRoute(path: string, routes: readonly Route[]): Route {
  return {
    method: 'GET',
    path,
    answer: () => answer({ routes: routes.map((route) => `${route.method} ${route.path}`) }),
  };
}

function partsOf(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [place, part] of wanted.entries()) {
    const text = given[place] ?? '';
    if (!part.startsWith('{')) {
      if (part !== text) return null;
      continue;
    }
    try {
      parts[part.slice(1, -1)] = decodeURIComponent(text);
    } catch {
      return null;
    }
  }
  return parts;
}

function listed(routes: readonly Route[]): string {
  return routes.map(({ path }) => `\`${path}\``).join(', ');
}
