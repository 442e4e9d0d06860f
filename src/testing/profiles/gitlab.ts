import type { Fetch } from '../../http/fetch.js';
import { withoutReferrers } from '../manners.js';
import type { Profile } from '../profile.js';
import { refusal } from '../refusal.js';
import { tokenGuard } from '../token-guard.js';
import { plainWords } from '../words.js';

/** GitLab: tokens come from another host and live five minutes; a tag `sha256-…` is taken for the digest. */
export const gitlab: Profile = {
  name: 'gitlab',
  anonymous: 'pull',
  words: {
    ...plainWords,
    tagImmutable: (tag) => refusal(403, ['DENIED', `tag ${tag} is immutable and cannot be overwritten`]),
  },
  wrap: (next, stage) =>
    tokenGuard(withoutReferrers(digestTags(next)), stage, {
      path: '/jwt/auth',
      host: 'elsewhere',
      service: 'container_registry',
      expiresIn: 300,
    }),
};

function digestTags(next: Fetch): Fetch {
  return async (request) => {
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const url = request.url.replace(/\/manifests\/sha256-([a-f0-9]{64})$/, '/manifests/sha256:$1');
    return next(reading && url !== request.url ? new Request(url, request) : request);
  };
}
