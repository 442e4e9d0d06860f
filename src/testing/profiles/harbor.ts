import type { Fetch } from '../../http/fetch.js';
import { digestOf } from '../../oci/digest.js';
import { parseRoute } from '../../registry-server/route.js';
import type { Profile } from '../profile.js';
import { refusal } from '../refusal.js';
import { tokenGuard } from '../token-guard.js';
import { plainWords } from '../words.js';

/** Harbor: of two who put one tag at a time the second is told 201 and dropped; immutable tags are a 412. */
export const harbor: Profile = {
  name: 'harbor',
  anonymous: 'pull',
  words: {
    ...plainWords,
    tagImmutable: (tag) =>
      refusal(412, ['PRECONDITION', `Failed to process request due to '${tag}' configured as immutable.`]),
  },
  wrap: (next, stage) =>
    tokenGuard(losesTags(next), stage, {
      path: '/service/token',
      host: 'here',
      service: 'harbor-registry',
      expiresIn: 1800,
    }),
};

function losesTags(next: Fetch): Fetch {
  const underWay = new Map<string, string>();
  return async (request) => {
    const { pathname } = new URL(request.url);
    const route = parseRoute(pathname);
    if (request.method !== 'PUT' || route?.kind !== 'manifest') return next(request);
    const bytes = new Uint8Array(await request.arrayBuffer());
    const digest = digestOf(bytes);
    const first = underWay.get(pathname);
    if (first !== undefined && first !== digest) {
      return new Response(null, { status: 201, headers: { 'docker-content-digest': digest } });
    }
    underWay.set(pathname, digest);
    try {
      return await next(new Request(request.url, { method: 'PUT', headers: request.headers, body: bytes }));
    } finally {
      underWay.delete(pathname);
    }
  };
}
