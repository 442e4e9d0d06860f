import { canonicalRegistry } from '../oci/registry-host.js';
import { createHost, type Host, type HostOptions } from './host.js';

export interface HostsOptions extends Omit<HostOptions, 'plainHttp' | 'once'> {
  /** Hosts (with port) that speak plain http. */
  readonly plainHttp: readonly string[];
}

/** The hosts of one run, each known once. */
export interface Hosts {
  get(name: string): Host;
  /** As a mirror a host gets little patience: what it should serve can be had elsewhere. */
  mirror(name: string): Host;
}

export function createHosts({ plainHttp, ...options }: HostsOptions): Hosts {
  const plain = new Set(plainHttp.map((host) => canonicalRegistry(host)));
  const known = new Map<string, Host>();
  const find = (key: string, name: string, more: Partial<HostOptions> = {}) => {
    const host = known.get(key) ?? createHost(name, { ...options, ...more, plainHttp: plain.has(name) });
    known.set(key, host);
    return host;
  };
  return {
    get: (name) => find(name, name),
    mirror: (name) => find(`mirror ${name}`, name, { patience: 'brief', once: true }),
  };
}
