/** What somebody may do in every repository of a faulty registry; each right holds those before it. */
export type Right = 'nothing' | 'pull' | 'push';

export interface Account {
  readonly password: string;
  readonly may: Right;
}

export interface Accounts {
  /** Nobody is ever asked for a credential. */
  readonly open: boolean;
  /** The right behind an Authorization header of user and password; without one, that of strangers. */
  rightOf(authorization: string | null): Right | 'wrong';
}

export function createAccounts(users: Readonly<Record<string, Account>>, anonymous: Right): Accounts {
  const known = new Map(Object.entries(users));
  return {
    open: anonymous === 'push',
    rightOf(authorization) {
      if (authorization === null) return anonymous;
      const text = Buffer.from(authorization.replace(/^Basic /i, ''), 'base64').toString();
      const colon = text.indexOf(':');
      const account = known.get(text.slice(0, colon));
      return account?.password === text.slice(colon + 1) ? account.may : 'wrong';
    },
  };
}

export function allows(right: Right, wanted: Right): boolean {
  return order.indexOf(right) >= order.indexOf(wanted);
}

const order: readonly Right[] = ['nothing', 'pull', 'push'];
