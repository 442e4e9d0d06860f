import { isIPv4, isIPv6 } from 'node:net';

/** Docker Hub as references show it. */
export const dockerHub = 'docker.io';

const hubAliases = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** The host (with port) that answers API requests for a registry; only Docker Hub's differs from its name. */
export function apiHost(registry: string): string {
  return canonicalRegistry(registry) === dockerHub ? 'registry-1.docker.io' : registry;
}

/**
 * One spelling per registry: lower case, and `docker.io` for Docker Hub's other names. A single label is a host only
 * because of its upper-case letters (docker's rule), so it keeps them.
 */
export function canonicalRegistry(host: string): string {
  if (!/[.:]/.test(host) && host.toLowerCase() !== 'localhost') return host;
  const lower = host.toLowerCase();
  return hubAliases.has(lower) ? dockerHub : lower;
}

/** A DNS name, an IPv4 address or an IPv6 address in brackets, with an optional port from 1 to 65535. */
export function isRegistryHost(text: string): boolean {
  const match = /^(\[[^[\]]*\]|[^:[\]]*)(?::([1-9][0-9]{0,4}))?$/.exec(text);
  if (match?.[1] === undefined || Number(match[2] ?? 1) > 65_535) return false;
  const host = match[1];
  if (host.startsWith('[')) return /^[0-9A-Fa-f:.]+$/.test(host.slice(1, -1)) && isIPv6(host.slice(1, -1));
  return isDnsName(host);
}

function isDnsName(host: string): boolean {
  const labels = host.split('.');
  const legal = labels.every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
  if (!legal || host.length > 253) return false;
  // URL parsers read 127.1 and 0x7f.0.0.1 as 127.0.0.1: a name that ends in a number must be a whole address.
  return /^(?:[0-9]+|0[xX][0-9A-Fa-f]*)$/.test(labels.at(-1) ?? '') ? isIPv4(host) : true;
}

/** One spelling for all names of a host, with its port where that is not the usual one, as connections are distinguished. */
export function hostKey(registry: string): string {
  return new URL(`https://${apiHost(canonicalRegistry(registry))}`).host;
}
