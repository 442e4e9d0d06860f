import { networkInterfaces } from 'node:os';
import { BundlesError } from '../../errors.js';
import { isLoopbackHost } from '../host-location.js';

/** Which clients may use a server, beyond programs that address this machine itself. */
export interface GuardOptions {
  /** Further host names and addresses, without ports, under which clients may address the server. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Whether a path is an HTML page, to which other sites may link. Default: none is. */
  readonly isPage?: ((path: string) => boolean) | undefined;
}

/** What decides about a request. A header that it lacks is undefined. */
export interface GuardedRequest {
  readonly method: string;
  /** As sent: a path, or a whole URL where a client takes the server for a proxy. */
  readonly target: string;
  readonly headers: {
    readonly host?: string | undefined;
    readonly origin?: string | undefined;
    readonly 'sec-fetch-site'?: string | undefined;
    readonly 'sec-fetch-mode'?: string | undefined;
    readonly 'sec-fetch-dest'?: string | undefined;
  };
  /** The address of this machine at which the connection arrived. */
  readonly localAddress: string | undefined;
}

/** The response to a request that is refused because of where it came from. */
export interface Refusal {
  readonly status: 403 | 421;
  readonly message: string;
}

export type Guard = (request: GuardedRequest) => Refusal | undefined;

/**
 * Keeps web pages away from a server. Any page can make a browser on this machine send requests here, and a page whose
 * own host name resolves to this machine (DNS rebinding) can read the answers too. The headers that browsers add,
 * Origin and Sec-Fetch-Site, give the first away, the Host header the second. Other programs send neither Origin nor
 * Sec-Fetch-Site, and name a host that is served: localhost, an address of this machine, or one of `allowHosts`.
 *
 * A page of another site may link to `isPage` paths; it cannot read what it links to.
 * @throws USAGE for an entry of `allowHosts` that is not a host name or an address
 */
export function createGuard({ allowHosts = [], isPage = () => false }: GuardOptions): Guard {
  const allowed = new Set(allowHosts.map(parseAllowedHost));
  return (request) => {
    const wrong = authoritiesOf(request).find((authority) => {
      const hostname = canonicalHostname(authority);
      return hostname === undefined || !(allowed.has(hostname) || isOwn(hostname, request.localAddress));
    });
    if (wrong !== undefined) return misdirected(wrong);
    return isFromForeignPage(request) && !isLink(request, isPage) ? foreign : undefined;
  };
}

const foreign: Refusal = {
  status: 403,
  message: 'This server does not answer the web pages of other origins\n',
};

function misdirected(authority: string): Refusal {
  const named = JSON.stringify(authority.slice(0, 300));
  const message = `This server is not known as ${named}. If the name is right, allow it with --allow-host\n`;
  return { status: 421, message };
}

/** HTTP/1.0 allows a request without any; no browser sends one. */
function authoritiesOf({ target, headers: { host } }: GuardedRequest): string[] {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1];
  return [absolute, host].filter((authority) => authority !== undefined);
}

/** As URLs have it: `127.1` is 127.0.0.1, and an IPv6 address has brackets. */
function canonicalHostname(authority: string): string | undefined {
  if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.test(authority)) return undefined;
  const url = `http://${authority}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : undefined;
}

function parseAllowedHost(text: string): string {
  const isAddress6 = text.includes(':') && !text.startsWith('[');
  const hasPort = /^\[.*\]:|^[^:[]*:\d+$/.test(text);
  const hostname = hasPort ? undefined : canonicalHostname(isAddress6 ? `[${text}]` : text);
  if (hostname) return hostname;
  const message = `Cannot allow the host ${JSON.stringify(text)}: it is not a host name or an address`;
  throw new BundlesError('USAGE', message, {
    hint: 'Give the name alone, without scheme, port or path',
    details: { host: text },
  });
}

function isOwn(hostname: string, localAddress: string | undefined): boolean {
  if (isLoopbackHost(hostname)) return true;
  if (!/^(?:[\d.]+|\[.*)$/.test(hostname)) return false;
  const own = Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => address));
  return [localAddress, ...own].some((address) => address !== undefined && inUrl(address) === hostname);
}

/** A socket's address as a URL writes it. A socket for IPv6 and IPv4 shows the latter as ::ffff:127.0.0.1. */
function inUrl(address: string): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return canonicalHostname(plain.includes(':') ? `[${plain}]` : plain);
}

function isFromForeignPage({ headers }: GuardedRequest): boolean {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && !isSameOrigin(origin, host)) return true;
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** By host and port alone: behind a proxy that ends TLS, the page is of https and the request of http. */
function isSameOrigin(origin: string, host: string): boolean {
  const scheme = /^(https?:\/\/)[^/?#@\\]+$/i.exec(origin)?.[1];
  if (scheme === undefined || !URL.canParse(origin) || !URL.canParse(scheme + host)) return false;
  return new URL(origin).host === new URL(scheme + host).host;
}

function isLink({ method, target, headers }: GuardedRequest, isPage: (path: string) => boolean): boolean {
  const { origin, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
  const isNavigation = mode === 'navigate' && destination === 'document' && origin === undefined;
  return method === 'GET' && isNavigation && target.startsWith('/') && isPage(target.replace(/[?#].*$/s, ''));
}
