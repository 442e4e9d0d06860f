import type { Fetch } from '../../http/fetch.js';
import { parseRoute } from '../../registry-server/route.js';
import { strictAccept } from '../manners.js';
import type { Profile } from '../profile.js';
import { tokenGuard } from '../token-guard.js';
import { plainWords } from '../words.js';

/** Docker Hub: tokens come from another host and live five minutes, every answer for a manifest tells of the limit. */
export const dockerhub: Profile = {
  name: 'dockerhub',
  anonymous: 'pull',
  words: {
    ...plainWords,
    tooManyRequests: () =>
      Response.json(
        { message: 'You have reached your unauthenticated pull rate limit.' },
        { status: 429, headers: { 'ratelimit-remaining': '0;w=21600' } },
      ),
  },
  wrap: (next, stage) =>
    tokenGuard(withRateLimit(strictAccept(next)), stage, {
      path: '/token',
      host: 'elsewhere',
      service: 'registry.docker.io',
      expiresIn: 300,
    }),
};

/** GETs count, HEADs do not. */
function withRateLimit(next: Fetch): Fetch {
  let left = 100;
  return async (request) => {
    const answer = await next(request);
    if (parseRoute(new URL(request.url).pathname)?.kind !== 'manifest') return answer;
    if (request.method === 'GET') left--;
    const headers = new Headers(answer.headers);
    headers.set('ratelimit-limit', '100;w=21600');
    headers.set('ratelimit-remaining', `${left};w=21600`);
    return new Response(answer.body, { status: answer.status, headers });
  };
}
