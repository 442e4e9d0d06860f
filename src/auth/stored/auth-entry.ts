import type { Credential } from '../credential.js';

/**
 * The credential of one entry below `auths`. Undefined: the entry only marks that a helper knows more; a text: why
 * it can't be used, without any of its content.
 */
export function readAuthEntry(entry: unknown, source: string): Credential | string | undefined {
  if (typeof entry !== 'object' || entry === null) return 'it is not an object';
  const field = (name: string) => {
    const value = Object.hasOwn(entry, name) ? Reflect.get(entry, name) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const registryToken = field('registrytoken');
  if (registryToken !== undefined) return { kind: 'registry-token', token: registryToken, source };
  const auth = field('auth');
  const pair = auth === undefined ? undefined : decodePair(auth);
  const identityToken = field('identitytoken');
  const username = field('username') ?? (typeof pair === 'object' ? pair.username : '');
  const password = field('password') ?? (typeof pair === 'object' ? pair.password : '');
  if (identityToken !== undefined) {
    return {
      kind: 'identity-token',
      username,
      token: identityToken,
      password: password || undefined,
      source,
    };
  }
  if (username !== '') return { kind: 'basic', username, password, source };
  return typeof pair === 'string' ? pair : undefined;
}

/** Base64 of `user:password`, padded or not; some tools leave NULs behind it. */
function decodePair(auth: string): { readonly username: string; readonly password: string } | string {
  const text = auth.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) {
    return 'its auth is not base64';
  }
  const decoded = Buffer.from(text, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  if (colon < 0) return 'its auth has no colon between user and password';
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
