import { strictAccept, withoutReferrers } from '../manners.js';
import type { Profile } from '../profile.js';
import { refusal } from '../refusal.js';
import { tokenGuard } from '../token-guard.js';
import { plainWords } from '../words.js';

/** GitHub's registry: the token endpoint itself refuses a package that is missing or private; pushing makes one. */
export const ghcr: Profile = {
  name: 'ghcr',
  anonymous: 'pull',
  words: plainWords,
  wrap: (next, stage) =>
    tokenGuard(strictAccept(withoutReferrers(next)), stage, {
      path: '/token',
      host: 'here',
      service: 'ghcr.io',
      expiresIn: 300,
      nothingGranted: () => refusal(403, ['DENIED', 'requested access to the resource is denied']),
    }),
};
