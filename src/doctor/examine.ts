import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { Keychain } from '../auth/credential.js';
import type { Cluster } from '../cluster/open-cluster.js';
import { registryRoot } from '../ensure/create-run.js';
import type { ReportedError } from '../ensure/result.js';
import { toBundlesError } from '../errors.js';
import type { Fetch } from '../http/fetch.js';
import type { Digest } from '../oci/digest.js';
import { parseReference } from '../oci/reference.js';
import type { BundleSpec, Project } from '../project/project.js';
import type { RegistryClient } from '../registry/client.js';
import { findRunningRegistry } from '../registry-server/find-running.js';
import {
  broken,
  type ExaminedLink,
  fine,
  type LinkName,
  type Look,
  notConfigured,
  skipped,
} from './examined-link.js';
import { lookAtCatalog } from './look-at-catalog.js';
import { lookAtCluster, lookAtResolver } from './look-at-cluster.js';
import { type ConfigurationPlace, lookAtConfiguration } from './look-at-configuration.js';
import { lookAtCredentials } from './look-at-credentials.js';
import { lookAtDisk, lookAtEngine, lookAtMemory } from './look-at-machine.js';
import { lookAtFallbackRegistry, lookAtRegistry } from './look-at-registry.js';
import { lookAtSources } from './look-at-sources.js';
import { lookAtState } from './look-at-state.js';
import { type LookOptions, lookWithin } from './look-within.js';
import { watchClock } from './watch-clock.js';

/** How registries and catalog are asked. */
export interface ExamineConnection {
  readonly fetch: Fetch;
  readonly client: RegistryClient;
}

export interface ExamineOptions extends ConfigurationPlace {
  /** Default: `.bundles` beside bundles.yaml. */
  readonly stateDirectory?: string | undefined;
  /** For programs that are run: helpers, engines. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly keychain: Keychain;
  /** What the keychain passed over, as its `warn` was told. Default: nothing. */
  readonly passedOver?: (() => readonly string[]) | undefined;
  /** Called once the project is known; all that it sends goes through `watch`, which reads the servers' clocks. */
  readonly connect: (project: Project, watch: (fetch: Fetch) => Fetch) => Promise<ExamineConnection>;
  /** Opens the cluster of a kubeconfig's context. */
  readonly openCluster: (context: string | undefined) => Promise<Cluster>;
  /** The cluster whose resolver is to read the bundles; undefined: it is not looked at. */
  readonly cluster?: { readonly context: string | undefined } | undefined;
  readonly catalogToken?: string | undefined;
  /** podman, buildah or docker, or the path of one. Default: the first on the PATH. */
  readonly engine?: string | undefined;
  /** Bytes. Default 2 GiB where the project builds images, else 64 MiB. */
  readonly minDiskBytes?: number | undefined;
  /** Bytes. Default 1 GiB where the project builds images, else 128 MiB. */
  readonly minMemoryBytes?: number | undefined;
  /** Longest time for one link, in milliseconds. Default 20 s. */
  readonly withinMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The document that `doctor --output json` prints. */
export interface Examination {
  readonly version: 1;
  /** In the order in which one rests on another. */
  readonly links: readonly ExaminedLink[];
  readonly error: ReportedError | null;
}

/**
 * Looks at everything that `ensure` rests on, link by link, each within its time. Changes nothing, and asks no registry
 * for the right to push.
 *
 * @throws the signal's reason alone
 */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const { clock = systemClock, signal = new AbortController().signal, withinMs = 20_000 } = options;
  const within: Within = (link, late, look) => lookWithin(link, { clock, signal, withinMs, late }, look);
  const { look, project, lock } = await lookAtConfiguration(options, signal);
  const configuration: ExaminedLink = { link: 'configuration', ...look };
  const places = [options.stateDirectory ?? join(project?.directory ?? '.', '.bundles')] as const;
  const machine = lookAtThisMachine({ options, project, within, stateDirectory: places[0], withinMs });
  const cluster = lookAtTheCluster({ options, project, within });
  if (!project) {
    const rest = dependent.map((link): ExaminedLink => ({ link, ...skipped('waits for the configuration') }));
    return ordered([configuration, ...rest, ...(await machine), ...(await cluster)]);
  }
  const watch = watchClock(clock);
  const connected = await options.connect(project, watch.fetch).then(
    (connection) => ({ connection, failure: undefined }),
    (failure: unknown) => ({ connection: undefined, failure: toBundlesError(failure) }),
  );
  signal.throwIfAborted();
  const { connection, failure } = connected;
  let digests: ReadonlyMap<string, Digest> = new Map();
  const sources = await within('sources', 'SOURCE_TOO_LARGE', async (inTime) => {
    const seen = await lookAtSources({ project, lock, client: connection?.client }, inTime);
    digests = seen.digests;
    return seen.look;
  });
  if (!connection) {
    const waiting = (['credentials', 'clock', 'fallback', 'catalog'] as const).map(
      (link): ExaminedLink => ({ link, ...skipped('waits for the registry') }),
    );
    const registry: ExaminedLink = { link: 'registry', ...broken(failure) };
    return ordered([configuration, sources, registry, ...waiting, ...(await machine), ...(await cluster)]);
  }
  const remote = await lookAtServers({ options, project, connection, digests, within, clock, places });
  const time: ExaminedLink = { link: 'clock', ...watch.look() };
  return ordered([configuration, sources, ...remote, time, ...(await machine), ...(await cluster)]);
}

type Within = (
  link: LinkName,
  late: LookOptions['late'],
  look: (signal: AbortSignal) => Promise<Look>,
) => Promise<ExaminedLink>;

const order: readonly LinkName[] = [
  ...(['configuration', 'sources', 'credentials', 'registry', 'clock', 'state', 'fallback'] as const),
  ...(['cluster', 'resolver', 'catalog', 'engine', 'disk', 'memory'] as const),
];
const dependent = ['sources', 'credentials', 'registry', 'clock', 'fallback', 'catalog'] as const;

function ordered(links: readonly ExaminedLink[]): Examination {
  const at = ({ link }: ExaminedLink) => order.indexOf(link);
  return { version: 1, links: [...links].sort((one, other) => at(one) - at(other)), error: null };
}

interface ServersQuestion {
  readonly options: ExamineOptions;
  readonly project: Project;
  readonly connection: ExamineConnection;
  readonly digests: ReadonlyMap<string, Digest>;
  readonly within: Within;
  readonly clock: Clock;
  readonly places: readonly [string];
}

async function lookAtServers(question: ServersQuestion): Promise<ExaminedLink[]> {
  const { options, project, connection, digests, within, clock, places } = question;
  const { keychain, passedOver = () => [], catalogToken: token, openCluster } = options;
  const { client, fetch } = connection;
  const hosts = firstOfHosts(project).map(async ({ name, reference }) => {
    const credentials = await within('credentials', 'CREDENTIALS_INVALID', (inTime) =>
      lookAtCredentials({ keychain, passedOver, client, reference }, inTime),
    );
    const credential = credentials.state === 'ok' ? String(credentials.details.source) : undefined;
    const registry = await within('registry', 'REGISTRY_UNREACHABLE', (inTime) =>
      lookAtRegistry({ client, reference, digest: digests.get(name), credential }, inTime),
    );
    return [credentials, registry];
  });
  const catalog = within('catalog', 'CATALOG_UNREACHABLE', (inTime) =>
    lookAtCatalog({ project, stateDirectory: places[0], fetch, clock, token, openCluster }, inTime),
  );
  const fallback = within('fallback', 'NO_FALLBACK', (inTime) => lookAtFallback(question, inTime));
  return [...(await Promise.all(hosts)).flat(), await fallback, await catalog];
}

/** One bundle for each host. */
function firstOfHosts({ bundles }: Project): readonly BundleSpec[] {
  const first = new Map<string, BundleSpec>();
  for (const spec of bundles)
    if (!first.has(spec.reference.registry)) first.set(spec.reference.registry, spec);
  return [...first.values()];
}

async function lookAtFallback(
  { project, connection, digests, places }: ServersQuestion,
  signal: AbortSignal,
): Promise<Look> {
  const { fallback, bundles } = project;
  const [spec] = bundles;
  if (fallback.kind === 'none')
    return notConfigured('`fallback: none`: a bundle that its registry cannot serve fails');
  if (fallback.kind === 'embedded') {
    const running = await findRunningRegistry(registryRoot(places[0]), { signal, readOnly: true });
    const served = running ? `served at ${running.url}` : 'not served now: `bundles registry serve` does';
    return fine(`the embedded registry, ${served}`, { kind: 'embedded', url: running?.url ?? null });
  }
  if (!spec) return fine(`${fallback.registry}, with no bundle to keep`, { kind: 'registry' });
  const { tag } = spec.reference;
  const reference = { ...parseReference(`${fallback.registry}/${spec.name}:${tag}`), tag };
  return lookAtFallbackRegistry(
    { client: connection.client, reference, digest: digests.get(spec.name) },
    signal,
  );
}

async function lookAtTheCluster({
  options: { cluster, openCluster, environment },
  project,
  within,
}: Pick<ServersQuestion, 'options' | 'within'> & { readonly project: Project | undefined }): Promise<
  ExaminedLink[]
> {
  if (!cluster) return [];
  const found = await within('cluster', 'CLUSTER_UNREACHABLE', (inTime) =>
    lookAtCluster(() => openCluster(cluster.context), environment, inTime),
  );
  return [found, ...(project ? lookAtResolver(project) : [])];
}

interface MachineQuestion extends Pick<ServersQuestion, 'options' | 'within'> {
  readonly project: Project | undefined;
  readonly stateDirectory: string;
  readonly withinMs: number;
}

function lookAtThisMachine({
  options: { engine, environment, ...options },
  project,
  within,
  stateDirectory,
  withinMs,
}: MachineQuestion): Promise<ExaminedLink[]> {
  const needed = (project?.images.length ?? 0) > 0;
  const disk = options.minDiskBytes ?? (needed ? 2 * 2 ** 30 : 64 * 2 ** 20);
  const memory = options.minMemoryBytes ?? (needed ? 2 ** 30 : 128 * 2 ** 20);
  const engineMs = Math.min(10_000, withinMs / 2);
  return Promise.all([
    within('state', 'NOT_WRITABLE', () => lookAtState(stateDirectory)),
    within('engine', 'ENGINE_FAILED', (inTime) =>
      lookAtEngine({ engine, environment, needed, withinMs: engineMs }, inTime),
    ),
    within('disk', 'RESOURCES_LOW', () => lookAtDisk(stateDirectory, disk)),
    within('memory', 'RESOURCES_LOW', () => lookAtMemory(memory)),
  ]);
}
