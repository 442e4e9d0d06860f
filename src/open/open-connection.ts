import { join } from 'node:path';
import type { Keychain } from '../auth/credential.js';
import { createKeychain } from '../auth/keychain.js';
import { BundlesError } from '../errors.js';
import type { HostSettings } from '../http/connect/agents.js';
import { isLoopbackHost } from '../http/host-location.js';
import type { Send } from '../http/message.js';
import { hostKey, isRegistryHost } from '../oci/registry-host.js';
import type { Project, RegistrySettings } from '../project/project.js';
import { type Connection, connect } from './connect.js';
import type { RunContext } from './machine.js';
import { optionOr } from './machine.js';
import type { NetworkOptions } from './network-options.js';
import {
  distrustedCertificate,
  distrustedRegistries,
  distrustfulKeychain,
  type RegistryTrust,
  refuseDistrusted,
  withoutAgreed,
} from './registry-trust.js';
import type { readAuthorities as ReadAuthorities } from './tls-files.js';

export interface OpenConnectionRequest {
  readonly options: NetworkOptions & {
    readonly verbose?: boolean;
    /** No warnings about credentials that were passed over. */
    readonly quiet?: boolean;
    readonly repository?: string;
  };
  readonly patience: 'brief' | 'full';
  /** The registries that the command is about; a client certificate is shown to them alone. */
  readonly registries: readonly string[];
  readonly projects?: readonly Project[];
  /** Instead of this machine's own. */
  readonly keychain?: Keychain;
  /** Put around everything that is sent. */
  readonly watch?: (send: Send) => Send;
}

/** A connection as flags and projects want it. @throws USAGE, CONFIG_INVALID, NOT_READABLE, TRUST_REQUIRED */
export async function openConnection(
  context: RunContext,
  request: OpenConnectionRequest,
): Promise<Connection> {
  const { options, patience, projects = [] } = request;
  const { timeout, connectTimeout, maxRequests } = options;
  const declared = declaredRegistries(projects);
  const plainHttp = requireHosts('--plain-http', options.plainHttp);
  const ca = await Promise.all(
    (options.caFile ?? []).map((file) => readAuthorities(file, { code: 'USAGE', signal: context.signal })),
  );
  const trust = trustOf(context, options);
  const distrusted = await withoutAgreed(distrustedRegistries(projects, trust), projects, context);
  const keychain = distrustfulKeychain(request.keychain ?? ownKeychain(context, options), distrusted);
  await refuseDistrusted(keychain, distrusted, { projects, signal: context.signal });
  return connect(context, {
    // A server that states how long to wait means it, also where a fallback is at hand.
    patience: timeout === undefined ? patience : 'full',
    keychain,
    distrusted,
    watches: [await wireLog(context, options, keychain), request.watch, context.watch].filter(
      (one) => one !== undefined,
    ),
    plainHttp: [...plainHttp, ...[...declared].flatMap(([host, { plainHttp: is }]) => (is ? [host] : []))],
    ...(options.verbose ? { log: (line) => context.stderr.line(line) } : {}),
    network: {
      tls: { ca: [...ca, ...(await extraAuthorities(context, { named: ca.length > 0, declared }))] },
      hosts: await hostSettings(context, request, { declared, trusted: trust.trusted }),
      mirrors: new Map([...declared].map(([host, { mirrors }]) => [host, mirrors])),
      timeoutMs: milliseconds(timeout),
      connectTimeoutMs: milliseconds(connectTimeout),
      maxRequests,
    },
  });
}

/** Under --debug; loaded then. */
async function wireLog(
  context: RunContext,
  { debug = false }: NetworkOptions,
  keychain: Keychain,
): Promise<((send: Send) => Send) | undefined> {
  return debug ? (await import('./wire-log.js')).createWireLog(context, keychain) : undefined;
}

/** Node forgets NODE_EXTRA_CA_CERTS for connections that name authorities; like Node, a file that is none is passed over. */
async function extraAuthorities(
  { environment, signal }: RunContext,
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

/** Loaded where files of certificates are named. */
const readAuthorities: typeof ReadAuthorities = async (file, how) =>
  (await import('./tls-files.js')).readAuthorities(file, how);

async function ownCertificate(options: NetworkOptions, signal: AbortSignal) {
  if (options.certFile === undefined && options.keyFile === undefined) return undefined;
  return (await import('./tls-files.js')).readClientCertificate(options, { signal });
}

async function hostSettings(
  context: RunContext,
  { options, registries, projects = [] }: OpenConnectionRequest,
  {
    declared,
    trusted,
  }: { readonly declared: ReadonlyMap<string, DeclaredRegistry>; readonly trusted: readonly string[] },
): Promise<ReadonlyMap<string, HostSettings>> {
  const hosts = new Map<string, HostSettings>();
  const add = (registry: string, settings: HostSettings) => {
    const host = hostKey(registry);
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
  const own = await ownCertificate(options, signal);
  if (own) {
    const repository = optionOr(options.repository, context, 'BUNDLES_REPOSITORY');
    const named = [...trusted, ...(repository === undefined ? [] : [repository.split('/')[0] ?? ''])];
    await requireNamed(context, projects, named);
    for (const host of [...registries, ...trusted]) add(host, own);
  }
  return hosts;
}

/** Requires the user's trust for hosts that get the client certificate because of bundles.yaml. @throws TRUST_REQUIRED */
async function requireNamed(
  context: RunContext,
  projects: readonly Project[],
  named: readonly string[],
): Promise<void> {
  const known = new Set(named.map(hostKey));
  const unnamed = new Map<string, string>();
  for (const { file, bundles } of projects) {
    for (const { reference } of bundles) {
      const host = hostKey(reference.registry);
      if (!isLoopbackHost(host) && !known.has(host)) unnamed.set(host, file);
    }
  }
  if (unnamed.size === 0) return;
  const { agreements } = await import('./trusted-settings.js');
  const agreed = await agreements([...unnamed.keys()], projects, context);
  for (const [host, file] of unnamed)
    if (agreed.get(host) !== 'agreed') throw distrustedCertificate(host, file);
}

/** Whom the user of this machine trusts, by flag or environment. @throws USAGE */
function trustOf(context: RunContext, options: NetworkOptions): RegistryTrust {
  const variable = context.environment.BUNDLES_TRUST_REGISTRY ?? '';
  return {
    trusted: [
      ...requireHosts('--trust-registry', options.trustRegistry),
      ...requireHosts(
        'BUNDLES_TRUST_REGISTRY',
        variable.split(/[\s,]+/).filter((host) => host !== ''),
      ),
    ],
    plainHttp: options.plainHttp ?? [],
    insecure: options.insecureSkipTlsVerify ?? [],
  };
}

function ownKeychain(
  { environment, home, uid, platform, stderr }: RunContext,
  { ciCredentials = false, verbose, quiet }: OpenConnectionRequest['options'],
): Keychain {
  return createKeychain({
    environment,
    home,
    uid,
    platform,
    ciCredentials,
    warn: quiet ? undefined : (line) => stderr.line(`warning: ${line}`),
    log: verbose ? (line) => stderr.line(line) : undefined,
  });
}

/** Reported on every run, also under --quiet: anyone on the network path can read every password. */
function unchecked({ stderr }: RunContext, host: string, by: string): HostSettings {
  stderr.line(
    `warning: the certificate of ${host} is NOT checked (${by}): anybody in between can read credentials and change content`,
  );
  return { rejectUnauthorized: false };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

/** The hosts that an option names, each a host with an optional port. @throws USAGE */
function requireHosts(option: string, hosts: readonly string[] = []): readonly string[] {
  for (const host of hosts) {
    if (isRegistryHost(host)) continue;
    const shown = JSON.stringify(host.replace(/\/\/[^/]*@/, '//***@').slice(0, 200));
    throw new BundlesError('USAGE', `Cannot use ${option} ${shown}: it is not a host`, {
      hint: `Write the host, with its port where that is not the usual one: ${option} registry.example:5000`,
    });
  }
  return hosts;
}

interface DeclaredRegistry extends RegistrySettings {
  /** What `caFile` is relative to. */
  readonly directory: string;
}

/** The registry settings of all projects of a run. @throws CONFIG_INVALID if two of them disagree */
function declaredRegistries(projects: readonly Project[]): ReadonlyMap<string, DeclaredRegistry> {
  const declared = new Map<string, DeclaredRegistry>();
  for (const { directory, file, registries } of projects) {
    for (const [host, settings] of registries) {
      const other = declared.get(host);
      if (other && textOf(other) !== textOf({ ...settings, directory })) {
        throw new BundlesError(
          'CONFIG_INVALID',
          `Cannot use the settings of ${JSON.stringify(file)} for the registry ${host}: another project of this run has other settings`,
          { hint: 'Make them agree, or run once for each project' },
        );
      }
      declared.set(host, { ...settings, directory });
    }
  }
  return declared;
}

function textOf(registry: DeclaredRegistry): string {
  const { plainHttp, caFile, directory, mirrors, insecureSkipTlsVerify, http2 } = registry;
  const file = caFile === undefined ? null : join(directory, caFile);
  return JSON.stringify([plainHttp, file, mirrors, insecureSkipTlsVerify, http2]);
}
