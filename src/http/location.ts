import { locationOfHost } from './host-location.js';
import { NetworkError } from './network-error.js';
import { redactUrl } from './redact.js';

export interface LocationSource {
  /** The address that answered. */
  readonly url: URL;
  /** `read`: the redirect of a GET or HEAD; `upload`: where the next part of an upload goes. */
  readonly use: 'read' | 'upload';
}

/**
 * The absolute address that a `Location` names, if it may be followed: http or https, no user in it, never from
 * https down to http, never to an address of this machine or its link. Its query stays as the registry wrote it.
 *
 * @throws NetworkError redirect-refused
 */
export function followLocation(location: string | undefined, { url, use }: LocationSource): URL {
  const refuse = (found: string) =>
    new NetworkError('redirect-refused', {
      method: 'GET',
      url,
      text: `the Location of ${JSON.stringify(redactUrl(url))} is not followed: ${found}`,
    });
  if (location === undefined || location.trim() === '') throw refuse('it is missing');
  if (!URL.canParse(location, url.href)) throw refuse('it is not an address');
  const next = new URL(location, url.href);
  next.hash = '';
  if (next.protocol !== 'https:' && next.protocol !== 'http:') throw refuse('it is not http or https');
  if (next.username !== '' || next.password !== '') throw refuse('it contains a user name');
  if (url.protocol === 'https:' && next.protocol === 'http:') {
    // A registry behind a proxy that ends TLS often writes its own scheme.
    if (use === 'read' || next.hostname !== url.hostname)
      throw refuse(`it leads down to plain http at ${next.host}`);
    next.protocol = 'https:';
    if (next.port === '' && url.port !== '') next.port = url.port;
  }
  if (leadsInward(url, next)) {
    throw refuse(`it leads to ${next.host}, an address inside this network`);
  }
  return next;
}

/** `Link: <address>; rel="next"`; undefined on the last page. @throws NetworkError redirect-refused */
export function nextPage(link: string | undefined, url: URL): URL | undefined {
  const links = (link ?? '').split(/,(?=\s*<)/).map((one) => /<([^<>]*)>\s*;([^,]*)/.exec(one));
  const found = links.find((one) => /\brel="?next"?/i.test(one?.[2] ?? ''))?.[1];
  if (found === undefined) return undefined;
  const next = followLocation(found, { url, use: 'upload' });
  if (next.origin === url.origin) return next;
  const text = `the next page of ${JSON.stringify(redactUrl(url))} is at ${next.host}, wanted the same registry`;
  throw new NetworkError('redirect-refused', { method: 'GET', url, text });
}

/** The address with one more query parameter at its end; the rest is not touched. */
export function withQuery(url: URL, text: string): URL {
  return new URL(`${url.href}${url.search === '' ? (url.href.endsWith('?') ? '' : '?') : '&'}${text}`);
}

/**
 * Whether a redirect leads from another host to a link-local or unspecified address, or from a host that is not
 * loopback to a loopback address.
 */
function leadsInward(from: URL, to: URL): boolean {
  if (to.hostname === from.hostname) return false;
  const place = locationOfHost(to.hostname);
  return place === 'special' || (place === 'loopback' && locationOfHost(from.hostname) !== 'loopback');
}
