import type { Clock } from '../async/clock.js';

export interface TokenTerms {
  /** `NAME:ACTION` for each thing it allows. */
  readonly grants: readonly string[];
  readonly lifetimeMs: number;
  /** Three parts with an `exp`, as a JSON Web Token; nobody has signed it. */
  readonly jwt: boolean;
}

/** Issues tokens and knows which are good. */
export interface TokenDesk {
  issue(terms: TokenTerms): string;
  /** `unknown` also when it is expired or revoked. */
  check(token: string, grant: string): 'good' | 'insufficient' | 'unknown';
  /** From now on every token issued so far is unknown. */
  revokeAll(): void;
}

export function createTokenDesk(clock: Clock): TokenDesk {
  const issued = new Map<string, { readonly grants: ReadonlySet<string>; readonly until: number }>();
  let count = 0;
  return {
    issue({ grants, lifetimeMs, jwt }) {
      const until = clock.now() + lifetimeMs;
      const token = jwt ? jwtOf(++count, until) : `token-${++count}`;
      issued.set(token, { grants: new Set(grants), until });
      return token;
    },
    check(token, grant) {
      const known = issued.get(token);
      if (!known || known.until <= clock.now()) return 'unknown';
      return known.grants.has(grant) ? 'good' : 'insufficient';
    },
    revokeAll: () => issued.clear(),
  };
}

function jwtOf(count: number, until: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ jti: String(count), exp: Math.floor(until / 1000) })}.unsigned`;
}
