import { BundlesError } from '../../errors.js';
import { isRegistryHost } from '../../oci/registry-host.js';

/** The hosts that an option names, each a host with an optional port. @throws USAGE */
export function requireHosts(option: string, hosts: readonly string[] = []): readonly string[] {
  for (const host of hosts) {
    if (isRegistryHost(host)) continue;
    const shown = JSON.stringify(host.replace(/\/\/[^/]*@/, '//***@').slice(0, 200));
    throw new BundlesError('USAGE', `Cannot use ${option} ${shown}: it is no host`, {
      hint: `Write the host, with its port where that is not the usual one: ${option} registry.example:5000`,
    });
  }
  return hosts;
}
