import { BundlesError } from '../../errors.js';
import type { Engine, LocalImage } from '../engine.js';
import { objectOf, textOf } from '../engine-json.js';
import { type EngineEnvironment, parseEngineJson, runEngine } from '../run-engine.js';

/** kind uses docker unless it is configured otherwise; it has to use the engine that runs its nodes. */
export function kindEnvironment(
  environment: EngineEnvironment['environment'],
  engine: Engine['name'],
): EngineEnvironment['environment'] {
  const provider = environment.KIND_EXPERIMENTAL_PROVIDER ?? (engine === 'docker' ? 'docker' : 'podman');
  return { ...environment, KIND_EXPERIMENTAL_PROVIDER: provider };
}

/** The names of this machine's kind clusters. @throws ENGINE_FAILED */
export async function kindClusters(
  program: string,
  { environment, signal }: EngineEnvironment,
): Promise<readonly string[]> {
  const doing = 'list the clusters of kind';
  const text = await runEngine(program, ['get', 'clusters'], { environment, signal, doing });
  // Without clusters it states so on standard error.
  return (text ?? '').split('\n').filter((name) => /^[a-z0-9.-]{1,100}$/.test(name));
}

/** One kind cluster, and the engine that runs its nodes. */
export interface KindCluster extends EngineEnvironment {
  readonly program: string;
  readonly cluster: string;
  readonly engine: Pick<Engine, 'name' | 'program'>;
}

/**
 * The nodes of a cluster that do not have an image of this id under this name, which is how `kind load docker-image`
 * decides. A node that does not answer counts as one that lacks it. Undefined where the nodes are not known.
 *
 * @throws the signal's reason
 */
export async function nodesWithout(
  { reference, id }: Pick<LocalImage, 'id'> & { readonly reference: string },
  kind: KindCluster,
): Promise<readonly string[] | undefined> {
  const runner = nodeRunner(kind);
  const nodes = await kindNodes(kind);
  if (runner === undefined || nodes.length === 0) return undefined;
  const ids = await Promise.all(nodes.map((node) => idOnNode(reference, { ...kind, runner, node })));
  return nodes.filter((_, index) => ids[index] !== id);
}

/** Nodes that run Pods, so without the load balancer that kind puts before several control planes. */
async function kindNodes({ program, cluster, environment, signal }: KindCluster): Promise<readonly string[]> {
  const doing = `list the nodes of the kind cluster ${JSON.stringify(cluster)}`;
  const text = await runEngine(program, ['get', 'nodes', '--name', cluster], {
    ...{ environment, signal, doing },
    timeoutMs: questionMs,
  }).catch(() => undefined);
  signal?.throwIfAborted();
  return (text ?? '')
    .split('\n')
    .filter((name) => /^[a-z0-9][a-z0-9.-]{0,199}$/.test(name))
    .filter((name) => name !== `${cluster}-external-load-balancer`);
}

/** The program that reaches into a node; kind itself chooses where its provider is not one of these. */
function nodeRunner({ engine, environment }: KindCluster): string | undefined {
  const provider = kindEnvironment(environment, engine.name).KIND_EXPERIMENTAL_PROVIDER;
  if (provider === engine.name) return engine.program;
  return ['podman', 'docker', 'nerdctl'].find((name) => name === provider);
}

async function idOnNode(
  reference: string,
  {
    runner,
    node,
    environment,
    signal,
  }: EngineEnvironment & { readonly runner: string; readonly node: string },
): Promise<string | undefined> {
  const words = ['exec', node, 'crictl', 'inspecti', '-o', 'json', reference];
  const text = await runEngine(runner, words, {
    ...{ environment, signal },
    doing: `look up on the kind node ${node} ${reference}`,
    timeoutMs: questionMs,
    absent: () => true,
  }).catch(() => undefined);
  signal?.throwIfAborted();
  const { id } = objectOf(objectOf(parseEngineJson(text)).status);
  return /^sha256:([a-f0-9]{64})$/.exec(textOf(id))?.[1];
}

/** A node that takes longer is treated as one that lacks the image. */
const questionMs = 20_000;

/**
 * Loads a docker archive into nodes of a cluster.
 *
 * @throws ENGINE_FAILED, DISK_FULL
 */
export async function loadIntoKind(
  file: string,
  {
    program,
    cluster,
    environment,
    signal,
    nodes,
  }: Omit<KindCluster, 'engine'> & { /** Undefined: all. */ readonly nodes: readonly string[] | undefined },
): Promise<void> {
  const some = nodes === undefined ? [] : ['--nodes', nodes.join()];
  await runEngine(program, ['load', 'image-archive', file, '--name', cluster, ...some], {
    environment,
    signal,
    timeoutMs: 10 * 60_000,
    doing: `load the archive into the kind cluster ${JSON.stringify(cluster)}`,
  });
}

/**
 * The clusters to load into: the one that is named, else all there are.
 *
 * @throws ENGINE_FAILED where the named one is none
 */
export function chooseClusters(wanted: string | undefined, found: readonly string[]): readonly string[] {
  if (wanted === undefined) return found;
  if (found.includes(wanted)) return [wanted];
  throw new BundlesError(
    'ENGINE_FAILED',
    `Cannot load into the kind cluster ${JSON.stringify(wanted)}: kind has no such cluster`,
    {
      hint:
        found.length > 0 ? `Existing clusters: ${found.join(', ')}` : 'Make it first: kind create cluster',
      details: { wanted, found },
    },
  );
}
