import { systemClock } from '../../../src/async/system-clock.js';
import { sendTo } from '../../../src/http/serve/handler-transport.js';
import { createRegistryClient, type RegistryClient } from '../../../src/registry/client.js';
import { createRegistryHandler } from '../../../src/registry-server/handler.js';
import { tempDir } from '../temp-dir.js';

export interface ReferrerlessRegistry extends AsyncDisposable {
  /** A client of its own: as another process would have. */
  client(): RegistryClient;
  /** `METHOD /path` of every request. */
  readonly seen: string[];
}

/**
 * The embedded registry as one without a referrers API, behind clients without a socket. `claims`: it answers a PUT with
 * `OCI-Subject` all the same, as ECR does.
 */
export function referrerlessRegistry({ claims = false } = {}): ReferrerlessRegistry {
  const directory = tempDir();
  const handler = createRegistryHandler({ root: directory.path });
  const seen: string[] = [];
  const send = sendTo(async (request) => {
    const { pathname } = new URL(request.url);
    seen.push(`${request.method} ${pathname}`);
    if (pathname.includes('/referrers/')) return new Response('404 page not found', { status: 404 });
    const answer = await handler(request);
    if (!claims) answer.headers.delete('oci-subject');
    return answer;
  });
  return {
    client: () => createRegistryClient({ clock: systemClock, send }),
    seen,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
