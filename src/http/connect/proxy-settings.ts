import { BlockList, isIP } from 'node:net';
import { BundlesError } from '../../errors.js';
import { isLoopbackHost } from '../host-location.js';

/** One proxy, its credential kept apart from its address. */
export interface ProxyServer {
  /** `http:` or `https:`, as spoken to the proxy itself. */
  readonly protocol: 'http:' | 'https:';
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The value of a Proxy-Authorization header. */
  readonly authorization: string | undefined;
  /** Scheme, host and port: fit for messages. */
  readonly shown: string;
}

/** The proxy for an address, and the secrets that the settings hold. */
export interface ProxySettings {
  /** The proxy for an address; undefined: go there directly. */
  proxyFor(url: URL): ProxyServer | undefined;
  /** Passwords of the proxies, for redaction by value. */
  readonly secrets: readonly string[];
}

/** Which hosts a proxy serves. */
export interface ProxyOptions {
  /** Ask proxies for addresses of this machine too. Default false. */
  readonly loopback?: boolean;
}

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or the same in lower case, by the rules of Go's programs. The result is undefined where no
 * proxy is set.
 *
 * @throws CONFIG_INVALID; the message names the variable, never its value
 * @example
 * ```ts
 * import { readProxySettings } from 'tekton-bundles/registry';
 *
 * const settings = readProxySettings({ HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: 'internal.example' });
 * console.log(settings?.proxyFor(new URL('https://quay.io/'))?.shown); // http://proxy.example:3128
 * console.log(settings?.proxyFor(new URL('https://internal.example/'))); // undefined
 * ```
 */
export function readProxySettings(
  environment: Readonly<Record<string, string | undefined>>,
  { loopback = false }: ProxyOptions = {},
): ProxySettings | undefined {
  const either = (name: string) => {
    const found = environment[name] ? name : name.toLowerCase();
    return { name: found, value: environment[found]?.trim() ?? '' };
  };
  const secure = parseProxy(either('HTTPS_PROXY'));
  const plain = parseProxy(either('HTTP_PROXY'));
  if (!secure && !plain) return undefined;
  const bypasses = createNoProxy(either('NO_PROXY').value);
  return {
    proxyFor(url) {
      const proxy = url.protocol === 'https:' ? secure?.server : plain?.server;
      if (!proxy || (!loopback && isLoopbackHost(url.hostname)) || bypasses(url)) return undefined;
      return proxy;
    },
    secrets: [secure, plain].flatMap((one) => one?.secrets ?? []),
  };
}

function parseProxy({ name, value }: { readonly name: string; readonly value: string }) {
  if (value === '') return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) throw invalid(name, 'it is not an address');
  const { protocol, hostname, port, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw invalid(name, `its scheme is ${protocol.slice(0, -1)}, wanted http or https`);
  }
  const [user, secret] = [decode(username, name), decode(password, name)];
  const pair = `${user}:${secret}`;
  const server: ProxyServer = {
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    authorization: pair === ':' ? undefined : `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`,
    shown: `${protocol}//${hostname}${port === '' ? '' : `:${port}`}`,
  };
  const secrets = secret === '' ? [] : [secret, Buffer.from(pair, 'utf8').toString('base64')];
  return { server, secrets };
}

function decode(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(name, 'its user or password is not percent-encoded');
  }
}

function invalid(name: string, why: string): BundlesError {
  return new BundlesError('CONFIG_INVALID', `Cannot use the proxy of ${name}: ${why}`, {
    hint: `Write ${name}=http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with both percent-encoded`,
    details: { variable: name },
  });
}

/**
 * Parses a NO_PROXY list; the returned function decides whether an address is reached directly. Entries are separated by
 * commas or spaces: `*`, an IP address, a range (`10.0.0.0/8`), a domain (`example.com`, with all below it), or only
 * what is below it (`.example.com`, `*.example.com`); all but ranges may end in `:PORT`. Invalid entries are
 * ignored.
 */
function createNoProxy(list: string): (url: URL) => boolean {
  const entries = list.split(/[\s,]+/).flatMap((text) => parseEntry(text.toLowerCase()));
  return (url) => {
    const host = url.hostname.replace(/\.$/, '').toLowerCase();
    const address = host.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    return entries.some((entry) => (entry.port ?? port) === port && entry.matches(address));
  };
}

interface Entry {
  /** Undefined: any. */
  readonly port: string | undefined;
  matches(host: string): boolean;
}

function parseEntry(text: string): Entry[] {
  if (text === '') return [];
  const range = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(text);
  if (range) return inRange(range[1] ?? '', Number(range[2]));
  const { host, port } = splitPort(text);
  if (host === '*') return [{ port, matches: () => true }];
  if (isIP(host) !== 0) return inRange(host, isIP(host) === 4 ? 32 : 128, port);
  const below = host.replace(/^\*?\./, '');
  if (below === '' || below.includes('*')) return [];
  const only = below !== host;
  return [{ port, matches: (name) => name.endsWith(`.${below}`) || (!only && name === below) }];
}

function inRange(network: string, prefix: number, port?: string | undefined): Entry[] {
  const family = isIP(network);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return [];
  const ranges = new BlockList();
  ranges.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  const matches = (host: string) =>
    isIP(host) !== 0 && ranges.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
  return [{ port, matches }];
}

function splitPort(text: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] };
  const named = /^([^:]*):(\d{1,5})$/.exec(text);
  return named ? { host: named[1] ?? '', port: named[2] } : { host: text, port: undefined };
}
