import { BundlesError } from '../errors.js';
import type { Engine } from './engine.js';
import { type EngineEnvironment, runEngine } from './run-engine.js';

/** kind asks docker unless it is told otherwise; it has to ask the engine that runs its nodes. */
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
  const doing = 'ask kind for its clusters';
  const text = await runEngine(program, ['get', 'clusters'], { environment, signal, doing });
  // Without clusters it says so on standard error.
  return (text ?? '').split('\n').filter((name) => /^[a-z0-9.-]{1,100}$/.test(name));
}

/**
 * Loads a docker archive into all nodes of a cluster.
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
  }: EngineEnvironment & { readonly program: string; readonly cluster: string },
): Promise<void> {
  await runEngine(program, ['load', 'image-archive', file, '--name', cluster], {
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
    `Cannot load into the kind cluster ${JSON.stringify(wanted)}: kind knows no such cluster`,
    {
      hint: found.length > 0 ? `It knows ${found.join(', ')}` : 'Make it first: kind create cluster',
      details: { wanted, found },
    },
  );
}
