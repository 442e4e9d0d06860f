import { locationOfHost } from '../http/host-location.js';
import { redactUrl } from '../http/redact.js';
import { shorten } from '../http/shorten.js';
import { AuthError } from './auth-error.js';

/**
 * The address of the token endpoint that a registry names, if it is safe to send a credential there: http only for
 * a registry that itself uses http, nothing inside this machine or its network unless the registry is there
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
    throw refuse(`${JSON.stringify(shorten(realm.replace(/[?#].*$/s, '')))} is not an address`, {
      registry,
      cause,
    });
  }
  const found = refusal(url, home);
  if (found !== undefined) throw refuse(found, { registry, url: redactUrl(url) });
  return url;
}

/**
 * How well a Bearer challenge fits a registry, where there are several: an address that must not get a request fits least, one
 * of the registry's own site best, and a registry names its service.
 */
export function realmFitness(
  parameters: ReadonlyMap<string, string>,
  { origin }: { readonly origin: string },
): number {
  const realm = parameters.get('realm') ?? '';
  const home = new URL(origin);
  if (!URL.canParse(realm, origin)) return 0;
  const url = new URL(realm, origin);
  if (refusal(url, home) !== undefined) return 0;
  const own = (realm.startsWith('/') || URL.canParse(realm)) && siteOf(url) === siteOf(home);
  return 1 + (own ? 2 : 0) + (parameters.has('service') ? 1 : 0);
}

/** The last two labels of a name, or an address as a whole. */
function siteOf({ hostname }: URL): string {
  return /^[\d.]+$|^\[/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.');
}

function refusal(url: URL, home: URL): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is wanted to be https:`;
  if (url.protocol === 'http:' && home.protocol !== 'http:') return 'http is not safe, https is wanted';
  if (url.username !== '' || url.password !== '') return 'its address holds a user name';
  if (url.hash !== '') return 'its address holds a fragment';
  if (url.hostname === home.hostname) return undefined;
  const place = locationOfHost(url.hostname);
  if (place === 'public') return undefined;
  if (place === 'loopback' && locationOfHost(home.hostname) === 'loopback') return undefined;
  return `${url.hostname} is inside this machine or its network, and the registry is not there`;
}

function refuse(
  why: string,
  options: { readonly registry: string; readonly url?: string; readonly cause?: unknown },
): AuthError {
  const message = `The token service that registry ${JSON.stringify(options.registry)} names is refused: ${why}`;
  return new AuthError('realm-refused', message, options);
}
