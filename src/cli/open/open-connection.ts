import { join } from 'node:path';
import type { Keychain } from '../../auth/credential.js';
import type { HostSettings } from '../../http/agents.js';
import type { Fetch } from '../../http/fetch.js';
import { apiHost, canonicalRegistry } from '../../oci/registry-host.js';
import type { Project } from '../../project/project.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import type { NetworkOptions } from '../options/network-options.js';
import { type Connection, connect } from './connect.js';
import { type DeclaredRegistry, declaredRegistries } from './declared-registries.js';
import { requireHosts } from './require-hosts.js';
import { readAuthorities, readClientCertificate } from './tls-files.js';

export interface OpenConnectionRequest {
  readonly options: NetworkOptions & Pick<CommonOptions, 'verbose'>;
  readonly patience: 'brief' | 'full';
  /** The registries that the command is about; a client certificate is shown to them and to declared ones alone. */
  readonly registries: readonly string[];
  readonly projects?: readonly Project[];
  /** Instead of this machine's own. */
  readonly keychain?: Keychain;
  /** Put around everything that is sent. */
  readonly watch?: (fetch: Fetch) => Fetch;
}

/** A connection as flags and projects want it. @throws USAGE, CONFIG_INVALID, NOT_READABLE */
export async function openConnection(context: Context, request: OpenConnectionRequest): Promise<Connection> {
  const { options, patience, projects = [] } = request;
  const { timeout, connectTimeout, maxRequests, ciCredentials = false } = options;
  const declared = declaredRegistries(projects);
  const plainHttp = requireHosts('--plain-http', options.plainHttp);
  const ca = await Promise.all(
    (options.caFile ?? []).map((file) => readAuthorities(file, { code: 'USAGE', signal: context.signal })),
  );
  return connect(context, {
    // Who says how long to wait means it, also where a fallback is at hand.
    patience: timeout === undefined ? patience : 'full',
    keychain: request.keychain,
    watch: request.watch,
    plainHttp: [...plainHttp, ...[...declared].flatMap(([host, { plainHttp: is }]) => (is ? [host] : []))],
    ...(options.verbose ? { log: (line) => context.stderr.write(`${line}\n`) } : {}),
    network: {
      tls: { ca: [...ca, ...(await extraAuthorities(context, { named: ca.length > 0, declared }))] },
      hosts: await hostSettings(context, request, declared),
      mirrors: new Map([...declared].map(([host, { mirrors }]) => [host, mirrors])),
      ciCredentials,
      timeoutMs: milliseconds(timeout),
      connectTimeoutMs: milliseconds(connectTimeout),
      maxRequests,
    },
  });
}

/** Node forgets NODE_EXTRA_CA_CERTS for connections that name authorities; like Node, a file that is none is passed over. */
async function extraAuthorities(
  { environment, signal }: Context,
  { named, declared }: { readonly named: boolean; readonly declared: ReadonlyMap<string, DeclaredRegistry> },
): Promise<readonly string[]> {
  const file = environment.NODE_EXTRA_CA_CERTS;
  const needed = named || [...declared.values()].some(({ caFile }) => caFile !== undefined);
  if (!file || !needed) return [];
  return readAuthorities(file, { code: 'USAGE', signal }).then(
    (found) => [found],
    () => [],
  );
}

async function hostSettings(
  context: Context,
  { options, registries }: OpenConnectionRequest,
  declared: ReadonlyMap<string, DeclaredRegistry>,
): Promise<ReadonlyMap<string, HostSettings>> {
  const hosts = new Map<string, HostSettings>();
  const add = (registry: string, settings: HostSettings) => {
    const host = new URL(`https://${apiHost(canonicalRegistry(registry))}`).host;
    hosts.set(host, { ...hosts.get(host), ...settings });
  };
  const { signal } = context;
  for (const [host, { caFile, directory, insecureSkipTlsVerify, http2 }] of declared) {
    if (!http2) add(host, { http2 });
    if (caFile !== undefined) {
      add(host, { ca: await readAuthorities(join(directory, caFile), { code: 'CONFIG_INVALID', signal }) });
    }
    if (insecureSkipTlsVerify) add(host, unchecked(context, host, 'insecureSkipTlsVerify'));
  }
  for (const host of requireHosts('--insecure-skip-tls-verify', options.insecureSkipTlsVerify)) {
    add(host, unchecked(context, host, '--insecure-skip-tls-verify'));
  }
  const own = await readClientCertificate(options, { signal });
  if (own) {
    const mirrors = [...declared.values()].flatMap((one) =>
      one.mirrors.map((mirror) => mirror.split('/')[0]),
    );
    for (const host of [...registries, ...declared.keys(), ...mirrors]) if (host) add(host, own);
  }
  return hosts;
}

/** Told on every run, also under --quiet: whoever stands in between reads every password. */
function unchecked({ stderr }: Context, host: string, by: string): HostSettings {
  stderr.write(
    `warning: the certificate of ${host} is NOT checked (${by}): anybody in between can read credentials and change content\n`,
  );
  return { rejectUnauthorized: false };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}
