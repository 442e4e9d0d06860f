import type { HttpRequest, HttpResponse } from '../message.js';
import { NetworkError } from '../network-error.js';

/** The last answer of a chain of redirects. */
export interface LocatedResponse extends HttpResponse {
  /** The address that gave it; it may carry secrets in its query. */
  readonly url: URL;
  /** False once a redirect led to another origin: what comes from there is not attributed to the host. */
  readonly fromOrigin: boolean;
}

/** The address that a redirect names, if it may be followed. */
export type Follow = (location: string | undefined, from: URL, method: string) => URL;

const mostHops = 5;

/**
 * Follows the redirects of GET and HEAD, and 307 and 308 of an upload. The authorization goes to the first origin only:
 * once it was left, a way back gets none either.
 *
 * @throws NetworkError redirect-refused
 */
export function withRedirects<Request extends HttpRequest>(
  send: (request: Request) => Promise<HttpResponse>,
  follow: Follow,
): (request: Request) => Promise<LocatedResponse> {
  return async (request) => {
    const { origin } = request.url;
    const { authorization: _, ...bare } = request.headers;
    let url = request.url;
    let fromOrigin = true;
    for (let hop = 0; ; hop++) {
      const response = await send({ ...request, url, headers: fromOrigin ? request.headers : bare });
      if (!isRedirect(request.method, response.status)) return { ...response, url, fromOrigin };
      await response.body?.close();
      if (hop === mostHops) {
        const text = `more than ${mostHops} redirects`;
        throw new NetworkError('redirect-refused', { method: request.method, url: request.url, text });
      }
      url = follow(response.headers.location, url, request.method);
      fromOrigin = fromOrigin && url.origin === origin;
    }
  };
}

function isRedirect(method: string, status: number): boolean {
  if (method === 'GET' || method === 'HEAD') return [301, 302, 303, 307, 308].includes(status);
  return method !== 'DELETE' && (status === 307 || status === 308);
}
