import type { Fetch } from '../../http/fetch.js';
import { parseRoute } from '../../registry-server/route.js';
import { basicGuard } from '../basic-guard.js';
import type { Profile } from '../profile.js';
import { refusal } from '../refusal.js';
import type { Stage } from '../stage.js';
import { plainWords } from '../words.js';

/** Amazon ECR: user and password that expire, repositories that nobody makes by pushing, immutability as TAG_INVALID. */
export const ecr: Profile = {
  name: 'ecr',
  anonymous: 'nothing',
  words: {
    ...plainWords,
    tooManyRequests: () => refusal(429, ['TOOMANYREQUESTS', 'Rate exceeded']),
    tagImmutable: (tag) =>
      refusal(400, [
        'TAG_INVALID',
        `The image tag '${tag}' already exists in the repository and cannot be overwritten because the repository is immutable.`,
      ]),
  },
  wrap: (next, stage) =>
    basicGuard(onlyWhatExists(next, stage), stage, {
      challenge: `realm="${stage.origin}/",service="ecr.amazonaws.com"`,
    }),
};

function onlyWhatExists(next: Fetch, { repositories }: Stage): Fetch {
  return async (request) => {
    const route = parseRoute(new URL(request.url).pathname);
    if (!route || !('repository' in route) || (await repositories.exists(route.repository)))
      return next(request);
    const { repository } = route;
    return refusal(404, [
      'NAME_UNKNOWN',
      `The repository with name '${repository}' does not exist in the registry`,
    ]);
  };
}
