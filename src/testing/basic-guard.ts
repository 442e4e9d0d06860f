import type { Fetch } from '../http/fetch.js';
import { allows } from './account.js';
import { refusal } from './refusal.js';
import type { Stage } from './stage.js';

export interface BasicGuardOptions {
  /** What its challenge says behind `Basic `. */
  readonly challenge: string;
  /** The answer to a right that is too small. Default 403 DENIED. */
  readonly tooSmall?: () => Response;
}

/** User and password in front of a registry; nobody is asked for them where strangers may push. */
export function basicGuard(next: Fetch, { accounts }: Stage, options: BasicGuardOptions): Fetch {
  const {
    challenge,
    tooSmall = () => refusal(403, ['DENIED', 'requested access to the resource is denied']),
  } = options;
  return async (request) => {
    if (accounts.open) return next(request);
    const header = request.headers.get('authorization');
    const wanted = request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'push';
    const right = header !== null && !/^Basic /i.test(header) ? 'wrong' : accounts.rightOf(header);
    if (right !== 'wrong' && allows(right, wanted)) return next(request);
    if (right !== 'wrong' && header !== null) return tooSmall();
    return refusal(401, ['UNAUTHORIZED', 'authentication required'], {
      headers: { 'www-authenticate': `Basic ${challenge}` },
    });
  };
}
