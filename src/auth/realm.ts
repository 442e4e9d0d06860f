import { isIP } from 'node:net';
import { redactUrl } from '../http/redact.js';
import { safeText } from '../http/safe-text.js';
import { AuthError } from './auth-error.js';

/**
 * The address of the token endpoint that a registry names, if it is safe to send a credential there: http only for
 * a registry that is itself asked by http, nothing inside this machine or its network unless the registry is there
 * too, no user and no fragment.
 *
 * @throws AuthError `realm-refused`
 */
export function resolveRealm(
  realm: string,
  { origin, registry }: { readonly origin: string; readonly registry: string },
): URL {
  const home = new URL(origin);
  let url: URL;
  try {
    url = new URL(realm, origin);
  } catch (cause) {
    throw refuse(`${JSON.stringify(safeText(realm.replace(/[?#].*$/s, '')))} is no address`, {
      registry,
      cause,
    });
  }
  const found = refusal(url, home);
  if (found !== undefined) throw refuse(found, { registry, url: redactUrl(url) });
  return url;
}

function refusal(url: URL, home: URL): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is wanted to be https:`;
  if (url.protocol === 'http:' && home.protocol !== 'http:') return 'http is not safe, https is wanted';
  if (url.username !== '' || url.password !== '') return 'its address holds a user name';
  if (url.hash !== '') return 'its address holds a fragment';
  if (url.hostname === home.hostname) return undefined;
  const place = placeOf(url.hostname);
  if (place === 'public') return undefined;
  if (place === 'loopback' && placeOf(home.hostname) === 'loopback') return undefined;
  return `${url.hostname} is inside this machine or its network, and the registry is not there`;
}

/** Names are taken as public, but for localhost. URL has brought every spelling of an IPv4 address to four numbers. */
function placeOf(hostname: string): 'loopback' | 'private' | 'public' {
  const host = hostname.replace(/\.$/, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  if (isIP(host) === 4) return placeOfV4(host.split('.').map(Number));
  const address = host.replace(/^\[|\]$/g, '');
  return isIP(address) === 6 ? placeOfV6(address) : 'public';
}

function placeOfV4([a = 0, b = 0, c = 0]: readonly number[]): 'loopback' | 'private' | 'public' {
  if (a === 127) return 'loopback';
  const inside =
    a === 0 ||
    a === 10 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && c === 0) ||
    (a === 198 && (b === 18 || b === 19)) ||
    a >= 224;
  return inside ? 'private' : 'public';
}

function placeOfV6(address: string): 'loopback' | 'private' | 'public' {
  const words = expand(address);
  const [first = 0, second = 0] = words;
  const head = words.slice(0, 6);
  const zeros = head.every((word) => word === 0);
  if (zeros && words[6] === 0 && words[7] === 1) return 'loopback';
  const mapped = head.slice(0, 5).every((word) => word === 0) && head[5] === 0xffff;
  const translated = first === 0x64 && second === 0xff9b;
  if (zeros || mapped || translated) return placeOfV4(bytesOf(words.slice(6)));
  if (first === 0x2002) return placeOfV4(bytesOf(words.slice(1, 3)));
  const inside = (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || (first & 0xffc0) === 0xfec0;
  return inside || first >= 0xff00 ? 'private' : 'public';
}

/** Eight words; URL writes IPv6 addresses without dotted parts. */
function expand(address: string): number[] {
  const [left = '', right] = address.split('::');
  const words = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const head = words(left);
  const tail = right === undefined ? [] : words(right);
  return [...head, ...new Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail];
}

function bytesOf(words: readonly number[]): number[] {
  return words.flatMap((word) => [word >> 8, word & 0xff]);
}

function refuse(
  why: string,
  options: { readonly registry: string; readonly url?: string; readonly cause?: unknown },
): AuthError {
  const message = `The token service that registry ${JSON.stringify(options.registry)} names is refused: ${why}`;
  return new AuthError('realm-refused', message, options);
}
