import { isIP } from 'node:net';

/** `special`: unspecified and link-local addresses, where clouds keep their metadata services. */
export type HostLocation = 'loopback' | 'special' | 'private' | 'public';

/**
 * Where a URL's hostname leads. Names are taken as public, but for localhost; URL has brought every spelling of an
 * IPv4 address to four numbers. IPv6 addresses that hold an IPv4 address lead where that one leads.
 */
export function locationOfHost(hostname: string): HostLocation {
  const host = hostname.replace(/\.$/, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  if (isIP(host) === 4) return locationOfV4(host.split('.').map(Number));
  const address = host.replace(/^\[|\]$/g, '');
  return isV6(address) ? locationOfV6(address) : 'public';
}

function locationOfV4([a = 0, b = 0, c = 0]: readonly number[]): HostLocation {
  if (a === 127) return 'loopback';
  if (a === 0 || (a === 169 && b === 254)) return 'special';
  const inside =
    a === 10 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && c === 0) ||
    (a === 198 && (b === 18 || b === 19)) ||
    a >= 224;
  return inside ? 'private' : 'public';
}

function locationOfV6(address: string): HostLocation {
  const words = expand(address);
  const [first = 0, second = 0] = words;
  const head = words.slice(0, 6);
  const zeros = head.every((word) => word === 0);
  if (zeros && words[6] === 0 && words[7] === 1) return 'loopback';
  const mapped = head.slice(0, 5).every((word) => word === 0) && head[5] === 0xffff;
  const translated = first === 0x64 && second === 0xff9b;
  if (zeros || mapped || translated) return locationOfV4(bytesOf(words.slice(6)));
  if (first === 0x2002) return locationOfV4(bytesOf(words.slice(1, 3)));
  if ((first & 0xffc0) === 0xfe80 || (first === 0xfd00 && second === 0xec2)) return 'special';
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfec0 || first >= 0xff00 ? 'private' : 'public';
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

/** Whether a host, with or without a port, is this machine: localhost, *.localhost, 127.0.0.0/8 and [::1]. */
export function isLoopbackHost(host: string): boolean {
  const bare = isV6(host) ? host : host.replace(/:\d+$/, '');
  return locationOfHost(bare) === 'loopback';
}

/** Node 20 takes milliseconds to make the pattern of an IPv6 address ready; few texts are worth that. */
function isV6(text: string): boolean {
  return text.indexOf(':') !== text.lastIndexOf(':') && isIP(text) === 6;
}

/** The host of an address as sockets take it: an IPv6 address without the brackets that a URL needs. */
export function hostnameOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}
