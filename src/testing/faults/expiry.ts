import type { Fault } from '../fault.js';
import { refusal } from '../refusal.js';

/** Every token issued so far is no longer good when the request arrives. */
export function expireTokens(): Fault {
  return async (request, next, { tokens }) => {
    tokens.revokeAll();
    return next(request);
  };
}

/** As ECR says it of a password: 403 and no challenge. */
export function expireCredential(): Fault {
  return async (request) => {
    await request.body?.cancel();
    return refusal(403, ['DENIED', 'Your authorization token has expired. Reauthenticate and try again.']);
  };
}
