import type { Fetch } from '../../http/fetch.js';
import { parseRoute } from '../../registry-server/route.js';
import { basicGuard } from '../basic-guard.js';
import type { Profile } from '../profile.js';
import { refusal } from '../refusal.js';
import { plainWords } from '../words.js';

/** zot as it comes: OCI media types only. Tekton bundles are of Docker's, so it refuses them. */
export const zot: Profile = zotLike('zot', (next) => ociOnly(next));

/** zot with `compat: [docker2s2]`. */
export const zotCompat: Profile = zotLike('zot-compat', (next) => next);

function zotLike(name: string, types: (next: Fetch) => Fetch): Profile {
  return {
    name,
    anonymous: 'push',
    words: plainWords,
    wrap: (next, stage) => basicGuard(types(smallManifests(next)), stage, { challenge: 'realm="zot"' }),
  };
}

function ociOnly(next: Fetch): Fetch {
  return async (request) => {
    const docker = request.headers.get('content-type')?.startsWith('application/vnd.docker.distribution.');
    if (request.method !== 'PUT' || !docker) return next(request);
    return refusal(415, ['MANIFEST_INVALID', 'manifest invalid']);
  };
}

const manifestLimit = 4 * 1024 * 1024;

function smallManifests(next: Fetch): Fetch {
  return async (request) => {
    const manifest = parseRoute(new URL(request.url).pathname)?.kind === 'manifest';
    const large = Number(request.headers.get('content-length') ?? 0) > manifestLimit;
    if (request.method !== 'PUT' || !manifest || !large) return next(request);
    return new Response(null, { status: 413 });
  };
}
