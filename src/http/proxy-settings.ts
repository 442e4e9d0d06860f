import { isIP } from 'node:net';
import { BundlesError } from '../errors.js';
import { createNoProxy } from './no-proxy.js';

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

export interface ProxySettings {
  /** The proxy for an address; undefined: go there directly. */
  proxyFor(url: URL): ProxyServer | undefined;
  /** Passwords of the proxies, for redaction by value. */
  readonly secrets: readonly string[];
}

export interface ProxyOptions {
  /** Ask proxies for addresses of this machine too. Default false. */
  readonly loopback?: boolean;
}

/**
 * The proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, or the same in lower case, by the rules of Go's
 * programs. Undefined where there is none.
 *
 * @throws CONFIG_INVALID; the message names the variable, never its value
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
      if (!proxy || (!loopback && isLoopback(url.hostname)) || bypasses(url)) return undefined;
      return proxy;
    },
    secrets: [secure, plain].flatMap((one) => one?.secrets ?? []),
  };
}

function parseProxy({ name, value }: { readonly name: string; readonly value: string }) {
  if (value === '') return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) throw invalid(name, 'it is no address');
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

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost') || host === '[::1]') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function invalid(name: string, why: string): BundlesError {
  return new BundlesError('CONFIG_INVALID', `Cannot use the proxy of ${name}: ${why}`, {
    hint: `Write ${name}=http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with both percent-encoded`,
    details: { variable: name },
  });
}
