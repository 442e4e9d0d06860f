import type { Fetch } from '../../http/fetch.js';
import { parseRoute } from '../../registry-server/route.js';
import type { Profile } from '../profile.js';
import { refusal } from '../refusal.js';
import { tokenGuard } from '../token-guard.js';
import { plainWords } from '../words.js';

/**
 * Quay: a repository that does not exist is a 401 until a token with the right to push is asked for, which makes it;
 * tokens say nothing of their life, types of manifests are compared exactly, and a page tells of too many requests.
 */
export const quay: Profile = {
  name: 'quay',
  anonymous: 'pull',
  words: {
    ...plainWords,
    tooManyRequests: () =>
      new Response('<html><head><title>429 Too Many Requests</title></head></html>\n', {
        status: 429,
        headers: { 'content-type': 'text/html' },
      }),
    unknownBlob: (digest) =>
      refusal(400, ['MANIFEST_INVALID', 'manifest invalid'], {
        detail: { message: `Unknown blob \`${digest}\`` },
      }),
  },
  wrap: (next, stage) =>
    tokenGuard(exactType(withoutBlobDelete(next)), stage, {
      path: '/v2/auth',
      host: 'here',
      service: 'quay.io',
      expiresIn: undefined,
      lifetime: 3600,
      hidesMissingFrom: 'everybody',
      createsOnPush: true,
      explains: false,
      strictScopes: true,
    }),
};

function exactType(next: Fetch): Fetch {
  return async (request) => {
    const type = request.headers.get('content-type') ?? '';
    const manifest = parseRoute(new URL(request.url).pathname)?.kind === 'manifest';
    if (!manifest || request.method !== 'PUT' || !type.includes(';')) return next(request);
    return refusal(415, ['MANIFEST_INVALID', 'manifest invalid'], {
      detail: { message: 'manifest schema version not supported' },
    });
  };
}

function withoutBlobDelete(next: Fetch): Fetch {
  return async (request) =>
    request.method === 'DELETE' && parseRoute(new URL(request.url).pathname)?.kind === 'blob'
      ? refusal(405, ['UNSUPPORTED', 'The operation is unsupported.'])
      : next(request);
}
