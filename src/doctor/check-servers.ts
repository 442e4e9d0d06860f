import type { Clock } from '../async/clock.js';
import type { Keychain } from '../auth/credential.js';
import type { Cluster } from '../cluster/open-cluster.js';
import { registryRoot } from '../ensure/create-run.js';
import type { Send } from '../http/message.js';
import type { Digest } from '../oci/digest.js';
import { parseReference } from '../oci/reference.js';
import type { BundleSpec, Project } from '../project/project.js';
import type { RegistryClient } from '../registry/client.js';
import { findRunningRegistry } from '../registry-server/find-running.js';
import { checkCatalog } from './check-catalog.js';
import { checkCredentials } from './check-credentials.js';
import { checkFallbackRegistry, checkRegistry } from './check-registry.js';
import { type CheckOutcome, type CheckResult, fine, notConfigured } from './check-result.js';
import type { Within } from './check-within.js';

export interface ServersQuestion {
  readonly keychain: Keychain;
  readonly passedOver?: (() => readonly string[]) | undefined;
  readonly catalogToken?: string | undefined;
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
  const { keychain, passedOver = () => [], catalogToken: token, openCluster } = question;
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
    checkCatalog({ project, stateDirectory, send, clock, token, openCluster }, inTime),
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
    const served = running ? `served at ${running.url}` : 'not served now: `bundles registry serve` does';
    return fine(`the embedded registry, ${served}`, { kind: 'embedded', url: running?.url ?? null });
  }
  if (!spec) return fine(`${fallback.registry}, with no bundle to keep`, { kind: 'registry' });
  const { tag } = spec.reference;
  const reference = { ...parseReference(`${fallback.registry}/${spec.name}:${tag}`), tag };
  return checkFallbackRegistry({ client, reference, digest: digests.get(spec.name) }, signal);
}
