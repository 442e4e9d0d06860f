import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { Keychain } from '../auth/credential.js';
import type { Cluster } from '../cluster/open-cluster.js';
import { toBundlesError } from '../errors.js';
import type { Fetch } from '../http/fetch.js';
import type { Digest } from '../oci/digest.js';
import type { Project } from '../project/project.js';
import type { ReportedError } from '../publish/reported-error.js';
import type { RegistryClient } from '../registry/client.js';
import { lookAtCluster, lookAtResolver } from './check-cluster.js';
import { type ConfigurationPlace, lookAtConfiguration } from './check-configuration.js';
import { lookAtDisk, lookAtEngine, lookAtMemory } from './check-machine.js';
import { broken, type ExaminedLink, type LinkName, skipped } from './check-result.js';
import { lookAtServers } from './check-servers.js';
import { lookAtSources } from './check-sources.js';
import { lookAtState } from './check-state.js';
import { lookWithin, type Within } from './check-within.js';
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
  const stateDirectory = options.stateDirectory ?? join(project?.directory ?? '.', '.bundles');
  const around = Promise.all([
    lookAtThisMachine({ options, project, within, stateDirectory, withinMs }),
    lookAtTheCluster({ options, project, within }),
  ]).then((found) => found.flat());
  // Awaited below; what aborts the whole is told there.
  around.catch(() => undefined);
  if (!project) {
    const rest = dependent.map((link): ExaminedLink => ({ link, ...skipped('waits for the configuration') }));
    return ordered([configuration, ...rest, ...(await around)]);
  }
  const watch = watchClock(clock);
  const connected = await options.connect(project, watch.fetch).then(
    (connection) => ({ connection, failure: undefined }),
    (failure: unknown) => ({ connection: undefined, failure: toBundlesError(failure) }),
  );
  signal.throwIfAborted();
  const { connection, failure } = connected;
  let digests: ReadonlyMap<string, Digest> = new Map();
  const sources = await within('sources', 'NOT_READABLE', async (inTime) => {
    const seen = await lookAtSources({ project, lock, client: connection?.client }, inTime);
    digests = seen.digests;
    return seen.look;
  });
  if (!connection) {
    const waiting = (['credentials', 'clock', 'fallback', 'catalog'] as const).map(
      (link): ExaminedLink => ({ link, ...skipped('waits for the registry') }),
    );
    const registry: ExaminedLink = { link: 'registry', ...broken(failure) };
    return ordered([configuration, sources, registry, ...waiting, ...(await around)]);
  }
  const servers = await lookAtServers({
    ...options,
    ...connection,
    project,
    digests,
    within,
    clock,
    stateDirectory,
  });
  const time: ExaminedLink = { link: 'clock', ...watch.look() };
  return ordered([configuration, sources, ...servers, time, ...(await around)]);
}

const order: readonly LinkName[] = [
  ...(['configuration', 'sources', 'credentials', 'registry', 'clock', 'state', 'fallback'] as const),
  ...(['cluster', 'resolver', 'catalog', 'engine', 'disk', 'memory'] as const),
];
const dependent = ['sources', 'credentials', 'registry', 'clock', 'fallback', 'catalog'] as const;

function ordered(links: readonly ExaminedLink[]): Examination {
  const at = ({ link }: ExaminedLink) => order.indexOf(link);
  return { version: 1, links: [...links].sort((one, other) => at(one) - at(other)), error: null };
}

interface AroundQuestion {
  readonly options: ExamineOptions;
  readonly project: Project | undefined;
  readonly within: Within;
}

async function lookAtTheCluster({
  options: { cluster, openCluster, environment },
  project,
  within,
}: AroundQuestion): Promise<ExaminedLink[]> {
  if (!cluster) return [];
  const found = await within('cluster', 'CLUSTER_UNREACHABLE', (inTime) =>
    lookAtCluster(() => openCluster(cluster.context), environment, inTime),
  );
  return [found, ...(project ? lookAtResolver(project) : [])];
}

interface MachineQuestion extends AroundQuestion {
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
