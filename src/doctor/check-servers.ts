import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import type { Keychain } from '../auth/credential.js';
import { createDataStorageClient } from '../catalog/data-storage/data-storage-client.js';
import { findRunningCatalog } from '../catalog-server/find-running-catalog.js';
import type { Cluster } from '../cluster/open-cluster.js';
import { registryRoot } from '../ensure/create-run.js';
import { BundlesError } from '../errors.js';
import { loginLine } from '../http/failure.js';
import type { Send } from '../http/message.js';
import type { Digest } from '../oci/digest.js';
import { parseReference, type Reference } from '../oci/reference.js';
import type { BundleSpec, Catalog, Project } from '../project/project.js';
import type { RegistryClient } from '../registry/client.js';
import { findRunningRegistry } from '../registry-server/find-running.js';
import { checkFallbackRegistry, checkRegistry, credentialFailure } from './check-registry.js';
import { broken, type CheckOutcome, type CheckResult, fine, notConfigured, warning } from './check-result.js';
import type { Within } from './check-within.js';

export interface ServersQuestion {
  readonly keychain: Keychain;
  readonly passedOver?: (() => readonly string[]) | undefined;
  readonly catalogToken?: ((url: string) => Promise<string | undefined>) | undefined;
  readonly openCluster: (context: string | undefined) => Promise<Cluster>;
  readonly project: Project;
  readonly send: Send;
  readonly client: RegistryClient;
  readonly digests: ReadonlyMap<string, Digest>;
  readonly within: Within;
  readonly clock: Clock;
  readonly stateDirectory: string;
}

/** What is asked over the network: for each host its credential and its registry, then fallback and catalog. */
export async function checkServers(question: ServersQuestion): Promise<CheckResult[]> {
  const { project, client, send, digests, within, clock, stateDirectory } = question;
  const { keychain, passedOver = () => [], catalogToken, openCluster } = question;
  const tokenFor = catalogToken ?? (async () => undefined);
  const hosts = firstOfHosts(project).map(async ({ name, reference }) => {
    const credentials = await within('credentials', 'CREDENTIALS_INVALID', (inTime) =>
      checkCredentials({ keychain, passedOver, client, reference }, inTime),
    );
    const credential = credentials.state === 'ok' ? String(credentials.details.source) : undefined;
    const registry = await within('registry', 'REGISTRY_UNREACHABLE', (inTime) =>
      checkRegistry({ client, reference, digest: digests.get(name), credential }, inTime),
    );
    return [credentials, registry];
  });
  const catalog = within('catalog', 'CATALOG_UNREACHABLE', (inTime) =>
    checkCatalog({ project, stateDirectory, send, clock, tokenFor, openCluster }, inTime),
  );
  const fallback = within('fallback', 'NO_FALLBACK', (inTime) => lookAtFallback(question, inTime));
  const [found, ...others] = await Promise.all([Promise.all(hosts), fallback, catalog]);
  return [...found.flat(), ...others];
}

/** One bundle for each host. */
function firstOfHosts({ bundles }: Project): readonly BundleSpec[] {
  const first = new Map<string, BundleSpec>();
  for (const spec of bundles)
    if (!first.has(spec.reference.registry)) first.set(spec.reference.registry, spec);
  return [...first.values()];
}

async function lookAtFallback(
  { project, client, digests, stateDirectory }: ServersQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { fallback, bundles } = project;
  const [spec] = bundles;
  if (fallback.kind === 'none')
    return notConfigured('`fallback: none`: a bundle that its registry cannot serve fails');
  if (fallback.kind === 'embedded') {
    const running = await findRunningRegistry(registryRoot(stateDirectory), { signal, readOnly: true });
    const served = running
      ? `served at ${running.url}`
      : 'not served now: `npx tekton-bundles registry serve` does';
    return fine(`the embedded registry, ${served}`, { kind: 'embedded', url: running?.url ?? null });
  }
  if (!spec) return fine(`${fallback.registry}, with no bundle to keep`, { kind: 'registry' });
  const { tag } = spec.reference;
  const reference = { ...parseReference(`${fallback.registry}/${spec.name}:${tag}`), tag };
  return checkFallbackRegistry({ client, reference, digest: digests.get(spec.name) }, signal);
}

export interface CredentialQuestion {
  readonly keychain: Keychain;
  /** What the keychain passed over so far. */
  readonly passedOver: () => readonly string[];
  readonly client: RegistryClient;
  readonly reference: Reference;
}

/** Where the credential for a registry is, and whether the registry takes it. The value is never shown. */
async function checkCredentials(
  { keychain, passedOver, client, reference }: CredentialQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { registry: host, repository } = reference;
  const found = await keychain.find({ registry: host, repository }, { signal });
  if (!found) {
    const [first] = passedOver();
    if (first !== undefined) {
      const remedy = `Correct the file or helper, or run: ${loginLine({ registry: host })}`;
      return warning(first, remedy, { host, passedOver: passedOver() });
    }
    const message = `none for ${host}: requests are anonymous; \`${loginLine({ registry: host })}\` keeps one`;
    return notConfigured(message, { host, source: null });
  }
  const { source } = found;
  const failure = await credentialFailure(client, host, signal);
  if (!failure) return fine(`${host}: ${source}`, { host, source, kind: found.kind });
  if (failure.code !== 'REGISTRY_DENIED') {
    const remedy = failure.hint ?? 'See the result for the registry';
    const message = `the credential of ${source} could not be verified: ${failure.message}`;
    return warning(message, remedy, { host, source });
  }
  const refused = failure.details.reason === 'bad-credential';
  const message = `Cannot use the credential of ${source}: ${refused ? `${host} refuses it` : failure.message}`;
  const error = new BundlesError(failure.code, message, {
    hint: refused ? `Log in again: ${loginLine({ registry: host })}; or correct ${source}` : failure.hint,
    details: failure.details,
    cause: failure,
  });
  return broken(error, { host, source });
}

export interface CatalogQuestion {
  readonly project: Project;
  readonly stateDirectory: string;
  readonly send: Send;
  readonly clock: Clock;
  /** Finds the token for the catalog at this address. */
  readonly tokenFor: (url: string) => Promise<string | undefined>;
  /** Opens the cluster of a kubeconfig's context. */
  readonly openCluster: (context: string | undefined) => Promise<Cluster>;
}

/** Whether the declared catalog answers, is healthy, and supports the interface of this program. @throws CATALOG_UNREACHABLE, CATALOG_REFUSED, CLUSTER_… */
async function checkCatalog(question: CatalogQuestion, signal: AbortSignal): Promise<CheckOutcome> {
  const { project, stateDirectory } = question;
  const { catalog } = project;
  switch (catalog.kind) {
    case 'none':
      return notConfigured('no catalog is declared');
    case 'manifests':
      return fine(`written as files into ${catalog.directory}`, { kind: catalog.kind });
    case 'embedded': {
      const running = await findRunningCatalog(join(stateDirectory, 'catalog'), { signal, readOnly: true });
      return fine(`that of the state directory, ${running ? `served at ${running.url}` : 'not served now'}`, {
        kind: catalog.kind,
        url: running?.url ?? null,
      });
    }
    case 'kubernetes':
      return lookAtObjects(catalog, question, signal);
    case 'data-storage':
      return lookAtService(catalog, question, signal);
  }
}

async function lookAtObjects(
  { kind, context: name }: Extract<Catalog, { kind: 'kubernetes' }>,
  { openCluster }: CatalogQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const cluster = await openCluster(name);
  const { VersionApi } = await import('@kubernetes/client-node');
  const api = cluster.config.makeApiClient(VersionApi);
  const found = await cluster.ask('read the version of the cluster', () => api.getCode(), { signal });
  const { context, server } = cluster;
  return fine(`objects of ${context}, which answers`, { kind, context, server, version: found?.gitVersion });
}

async function lookAtService(
  { kind, url }: Extract<Catalog, { kind: 'data-storage' }>,
  { send, clock, tokenFor }: CatalogQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const token = await tokenFor(url);
  const client = createDataStorageClient({ send, clock, url, token, timeoutMs: 5000, attempts: 2 });
  const { healthy, said } = await client.health({ signal });
  // Later generations have health checks too: only the response to a query shows which one this is.
  const { total } = await client.listWorkflows({ limit: 1 }, { signal });
  const details = { kind, url: client.url, healthy, status: said?.status ?? null, workflows: total };
  if (healthy) return fine(`${client.url} is healthy and supports the interface of January 2026`, details);
  const message = `${client.url} answers, and reports that it is unhealthy`;
  return warning(message, 'Check the database of the catalog, and its log', details);
}
