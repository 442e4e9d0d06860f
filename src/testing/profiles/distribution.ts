import { basicGuard } from '../basic-guard.js';
import { ignoresSinglePost, strictAccept, withoutReferrers } from '../manners.js';
import type { Profile } from '../profile.js';
import { plainWords } from '../words.js';

/** CNCF Distribution (docker-registry) 2.8: open unless it has users, a single POST is ignored, no referrers API. */
export const distribution: Profile = {
  name: 'distribution',
  anonymous: 'push',
  words: plainWords,
  wrap: (next, stage) =>
    basicGuard(strictAccept(withoutReferrers(ignoresSinglePost(next))), stage, {
      challenge: 'realm="Registry Realm"',
    }),
};
