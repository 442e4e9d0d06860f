import { BlockList, isIP } from 'node:net';

/**
 * Reads a NO_PROXY list; the answer tells whether an address is to be reached directly. Entries are separated by
 * commas or spaces: `*`, an IP address, a range (`10.0.0.0/8`), a domain (`example.com`, with all below it), or only
 * what is below it (`.example.com`, `*.example.com`); each but a range may end in `:PORT`. What makes no sense counts
 * for nothing.
 */
export function createNoProxy(list: string): (url: URL) => boolean {
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
