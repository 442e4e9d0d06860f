import { basename } from 'node:path';
import { BundlesError } from '../../errors.js';
import { findProgram } from '../../process/find-program.js';
import type { Engine } from '../engine.js';
import type { EngineEnvironment } from '../run-engine.js';
import { createBuildah } from './buildah.js';
import { createDocker } from './docker.js';
import { createPodman } from './podman.js';

const engines = { podman: createPodman, buildah: createBuildah, docker: createDocker };
const engineNames = Object.keys(engines) as readonly (keyof typeof engines)[];

/**
 * The engine that is wanted, or the first of podman, buildah and docker that the PATH has.
 *
 * @throws ENGINE_NOT_FOUND
 */
export async function findEngine(
  wanted: string | undefined,
  environment: EngineEnvironment,
): Promise<Engine> {
  const names = wanted === undefined ? engineNames : [wanted];
  for (const name of names) {
    const program = await findProgram(name, environment.environment);
    const known = engineNames.find((engine) => engine === basename(name));
    if (program !== undefined && known !== undefined) return engines[known](program, environment);
  }
  const what = wanted === undefined ? 'podman, buildah or docker' : JSON.stringify(wanted);
  throw new BundlesError('ENGINE_NOT_FOUND', `Cannot find a container engine: ${what} is not on the PATH`, {
    hint: 'Install podman, or name an installed engine with --engine',
    details: { wanted: wanted ?? null },
  });
}

/** Represents an engine that is not there: anyone who needs it after all gets the error that states so. */
export function missingEngine(error: BundlesError): Engine {
  const refuse = () => Promise.reject(error);
  return {
    name: 'none',
    program: '',
    lists: true,
    build: () => [],
    status: refuse,
    inspect: refuse,
    tag: refuse,
    pull: refuse,
    push: refuse,
    save: refuse,
    images: refuse,
    remove: refuse,
    buildsUnderWay: refuse,
    layers: refuse,
    removeContainer: refuse,
    members: refuse,
    removeList: refuse,
    listedDigests: refuse,
  };
}
