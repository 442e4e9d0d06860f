import type { Clock } from '../async/clock.js';

/** What an account may do in every repository of a faulty registry; each right includes those before it. */
export type Right = 'nothing' | 'pull' | 'push';

/** A user of a faulty registry. */
export interface Account {
  readonly password: string;
  readonly may: Right;
}

/** The users of a faulty registry. */
export interface Accounts {
  /** Anonymous clients may push, so there is no challenge. */
  readonly open: boolean;
  /** The right of the user in an Authorization header; without a header, that of anonymous clients. */
  rightOf(authorization: string | null): Right | 'wrong';
}

export function createAccounts(users: Readonly<Record<string, Account>>, anonymous: Right): Accounts {
  const known = new Map(Object.entries(users));
  return {
    open: anonymous === 'push',
    rightOf(authorization) {
      if (authorization === null) return anonymous;
      const [user, password] = userAndPassword(authorization);
      const account = known.get(user);
      return account?.password === password ? account.may : 'wrong';
    },
  };
}

export function userAndPassword(authorization: string): readonly [user: string, password: string] {
  const text = Buffer.from(authorization.replace(/^Basic /i, ''), 'base64').toString();
  const colon = text.indexOf(':');
  return [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
}

export function allows(right: Right, wanted: Right): boolean {
  return order.indexOf(right) >= order.indexOf(wanted);
}

const order: readonly Right[] = ['nothing', 'pull', 'push'];

/** What a token grants and for how long. */
export interface TokenTerms {
  /** `NAME:ACTION` for each thing it allows. */
  readonly grants: readonly string[];
  readonly lifetimeMs: number;
  /** Makes it a JSON Web Token with these claims, `iat` and `exp` besides; the signature is not a real one. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Issues tokens and checks which are valid. */
export interface TokenIssuer {
  issue(terms: TokenTerms): string;
  /** `unknown` also when it is expired or revoked. */
  check(token: string, grant: string): 'good' | 'insufficient' | 'unknown';
  /** Makes every token issued so far unknown. */
  revokeAll(): void;
}

export function createTokenIssuer(clock: Clock): TokenIssuer {
  const issued = new Map<string, { readonly grants: ReadonlySet<string>; readonly until: number }>();
  let count = 0;
  return {
    issue({ grants, lifetimeMs, claims }) {
      const now = clock.now();
      const number = ++count;
      const token = claims ? webToken(claims, number, now, now + lifetimeMs) : `token-${number}`;
      issued.set(token, { grants: new Set(grants), until: now + lifetimeMs });
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

/** The number represents what a real signature changes with each token. */
function webToken(claims: object, number: number, now: number, until: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const all = { ...claims, nbf: seconds(now), iat: seconds(now), exp: seconds(until) };
  return `${part({ alg: 'RS256', kid: 'test' })}.${part(all)}.unsigned-${number}`;
}
