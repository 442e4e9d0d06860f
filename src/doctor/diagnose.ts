import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { Keychain } from '../auth/credential.js';
import type { Cluster } from '../cluster/open-cluster.js';
import { toBundlesError } from '../errors.js';
import type { Send } from '../http/message.js';
import type { Digest } from '../oci/digest.js';
import type { Project } from '../project/project.js';
import type { ReportedError } from '../publish/reported-error.js';
import type { RegistryClient } from '../registry/client.js';
import { checkCluster, checkResolver } from './check-cluster.js';
import { checkDisk, checkEngine, checkMemory, checkState, watchClock } from './check-machine.js';
import { type ConfigurationQuestion, checkConfiguration, checkSources } from './check-project.js';
import { broken, type CheckResult, type LinkName, skipped } from './check-result.js';
import { checkServers } from './check-servers.js';
import { checkWithin, type Within } from './check-within.js';

/** How registries and catalog are asked. */
export interface DiagnoseConnection {
  readonly send: Send;
  readonly client: RegistryClient;
}

export interface DiagnoseOptions extends ConfigurationQuestion {
  /** Default: `.bundles` beside bundles.yaml. */
  readonly stateDirectory?: string | undefined;
  /** For programs that are run: helpers, engines. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly keychain: Keychain;
  /** What the keychain passed over, as reported to its `warn`. Default: nothing. */
  readonly passedOver?: (() => readonly string[]) | undefined;
  /** Called once the project is known; all that it sends goes through `watch`, which reads the servers' clocks. */
  readonly connect: (project: Project, watch: (send: Send) => Send) => Promise<DiagnoseConnection>;
  /** Opens the cluster of a kubeconfig's context. */
  readonly openCluster: (context: string | undefined) => Promise<Cluster>;
  /** The cluster whose resolver is to read the bundles; undefined: it is not looked at. */
  readonly cluster?: { readonly context: string | undefined } | undefined;
  readonly catalogToken?: ((url: string) => Promise<string | undefined>) | undefined;
  /** podman, buildah or docker, or the path of one. Default: the first on the PATH. */
  readonly engine?: string | undefined;
  /** Look at the engine also where the project builds no images. Default false. */
  readonly all?: boolean | undefined;
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
export interface Diagnosis {
  readonly version: 1;
  /** In the order in which one rests on another. */
  readonly links: readonly CheckResult[];
  readonly error: ReportedError | null;
}

/**
 * Looks at everything that `ensure` rests on, link by link, each within its time. Changes nothing, and asks no registry
 * for the right to push.
 *
 * @throws the signal's reason alone
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const { clock = systemClock, signal = new AbortController().signal, withinMs = 20_000 } = options;
  const within: Within = (link, late, look) => checkWithin(link, { clock, signal, withinMs, late }, look);
  const { look, project, lock } = await checkConfiguration(options, signal);
  const configuration: CheckResult = { link: 'configuration', ...look };
  const stateDirectory = options.stateDirectory ?? join(project?.directory ?? '.', '.bundles');
  const around = Promise.all([
    lookAtThisMachine({ options, project, within, stateDirectory, withinMs }),
    lookAtTheCluster({ options, project, within }),
  ]).then((found) => found.flat());
  // Awaited below; what aborts the whole is reported there.
  around.catch(() => undefined);
  if (!project) {
    const rest = dependent.map((link): CheckResult => ({ link, ...skipped('waits for the configuration') }));
    return ordered([configuration, ...rest, ...(await around)]);
  }
  const watch = watchClock(clock);
  const connected = await options.connect(project, watch.around).then(
    (connection) => ({ connection, failure: undefined }),
    (failure: unknown) => ({ connection: undefined, failure: toBundlesError(failure) }),
  );
  signal.throwIfAborted();
  const { connection, failure } = connected;
  let digests: ReadonlyMap<string, Digest> = new Map();
  const sources = await within('sources', 'NOT_READABLE', async (inTime) => {
    const seen = await checkSources({ project, lock, client: connection?.client }, inTime);
    digests = seen.digests;
    return seen.look;
  });
  if (!connection) {
    const waiting = (['credentials', 'clock', 'fallback', 'catalog'] as const).map(
      (link): CheckResult => ({ link, ...skipped('waits for the registry') }),
    );
    const registry: CheckResult = { link: 'registry', ...broken(failure) };
    return ordered([configuration, sources, registry, ...waiting, ...(await around)]);
  }
  const servers = await checkServers({
    ...options,
    ...connection,
    project,
    digests,
    within,
    clock,
    stateDirectory,
  });
  const time: CheckResult = { link: 'clock', ...watch.look() };
  return ordered([configuration, sources, ...servers, time, ...(await around)]);
}

const order: readonly LinkName[] = [
  ...(['configuration', 'sources', 'credentials', 'registry', 'clock', 'state', 'fallback'] as const),
  ...(['cluster', 'resolver', 'catalog', 'engine', 'disk', 'memory'] as const),
];
const dependent = ['sources', 'credentials', 'registry', 'clock', 'fallback', 'catalog'] as const;

function ordered(links: readonly CheckResult[]): Diagnosis {
  const at = ({ link }: CheckResult) => order.indexOf(link);
  return { version: 1, links: [...links].sort((one, other) => at(one) - at(other)), error: null };
}

interface AroundQuestion {
  readonly options: DiagnoseOptions;
  readonly project: Project | undefined;
  readonly within: Within;
}

async function lookAtTheCluster({
  options: { cluster, openCluster, environment },
  project,
  within,
}: AroundQuestion): Promise<CheckResult[]> {
  if (!cluster) return [];
  const found = await within('cluster', 'CLUSTER_UNREACHABLE', (inTime) =>
    checkCluster(() => openCluster(cluster.context), environment, inTime),
  );
  return [found, ...(project ? checkResolver(project) : [])];
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
}: MachineQuestion): Promise<CheckResult[]> {
  const needed = (project?.images.length ?? 0) > 0;
  const disk = options.minDiskBytes ?? (needed ? 2 * 2 ** 30 : 64 * 2 ** 20);
  const memory = options.minMemoryBytes ?? (needed ? 2 ** 30 : 128 * 2 ** 20);
  const engineMs = Math.min(10_000, withinMs / 2);
  return Promise.all([
    within('state', 'NOT_WRITABLE', () => checkState(stateDirectory)),
    within('engine', 'ENGINE_FAILED', (inTime) =>
      checkEngine({ engine, environment, needed, asked: options.all === true, withinMs: engineMs }, inTime),
    ),
    within('disk', 'RESOURCES_LOW', () => checkDisk(stateDirectory, disk)),
    within('memory', 'RESOURCES_LOW', () => checkMemory(memory)),
  ]);
}
