import type { Fetch } from '../../http/fetch.js';
import { parseRoute } from '../../registry-server/route.js';
import { basicGuard } from '../basic-guard.js';
import type { Profile } from '../profile.js';
import { refusal } from '../refusal.js';
import { plainWords } from '../words.js';

/** Artifactory: a tag that is missing in a virtual repository is a 403. */
export const artifactory: Profile = {
  name: 'artifactory',
  anonymous: 'pull',
  words: {
    ...plainWords,
    tagImmutable: (tag) =>
      refusal(403, ['DENIED', `manifest ${tag} already exists, overwriting is not permitted`]),
  },
  wrap: (next, stage) => basicGuard(forbidsMissing(next), stage, { challenge: 'realm="Artifactory Realm"' }),
};

function forbidsMissing(next: Fetch): Fetch {
  return async (request) => {
    const answer = await next(request);
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const manifest = parseRoute(new URL(request.url).pathname)?.kind === 'manifest';
    if (answer.status !== 404 || !reading || !manifest) return answer;
    await answer.body?.cancel();
    return refusal(403, ['DENIED', 'Forbidden']);
  };
}
