import { findEngine } from '../engine/find-engine.js';
import { type MemoryFiles, readMemory } from '../engine/memory.js';
import { freeBytes } from '../engine/preflight.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { broken, type CheckOutcome, fine, notConfigured, troubled } from './check-result.js';

export interface EngineQuestion {
  /** podman, buildah or docker, or the path of one; undefined for the first that is there. */
  readonly engine: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The project builds images. */
  readonly needed: boolean;
  readonly withinMs: number;
}

/** Whether a container engine is there and answers. Where nobody needs it, one that does not is no more than odd. */
export async function checkEngine(
  { engine: wanted, environment, needed, withinMs }: EngineQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const judge = needed || wanted !== undefined ? broken : troubled;
  const limit = AbortSignal.timeout(withinMs);
  let program = wanted ?? 'the engine';
  try {
    const engine = await findEngine(wanted, { environment, signal: AbortSignal.any([signal, limit]) });
    program = engine.program;
    const { version, remote } = await engine.status();
    return fine(`${engine.name} ${version} answers`, { program, version, remote });
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return judge(silent(program, withinMs));
    if (!needed && wanted === undefined && isBundlesError(error, 'ENGINE_NOT_FOUND'))
      return notConfigured('none is on the PATH, and no image is declared');
    return judge(error);
  }
}

function silent(program: string, withinMs: number): BundlesError {
  const message = `Cannot use ${program}: no answer within ${withinMs / 1000} s`;
  return new BundlesError('ENGINE_FAILED', message, {
    hint: 'See that the engine answers: podman info, or docker info; on a Mac: podman machine start',
    details: { program, reason: 'timeout' },
  });
}

/** Whether the disk of a directory has room. */
export async function checkDisk(directory: string, wanted: number): Promise<CheckOutcome> {
  const free = await freeBytes(directory);
  if (free === undefined) return notConfigured(`nobody can say how much is free at ${directory}`);
  const details = { directory, free, wanted };
  if (free >= wanted) return fine(`${mebibytes(free)} free at ${directory}`, details);
  const message = `Too little disk: ${mebibytes(free)} are free at ${directory}, wanted ${mebibytes(wanted)}`;
  const hint = 'Free some space (bundles images prune shows what would go), or name another --state-dir';
  return broken(new BundlesError('RESOURCES_LOW', message, { hint, details }));
}

/** Whether this machine, or the control group that holds us, has memory left. */
export async function checkMemory(wanted: number, places?: MemoryFiles): Promise<CheckOutcome> {
  const { available, by } = await readMemory(places);
  const details = { available, by, wanted };
  if (available >= wanted) return fine(`${mebibytes(available)} available in ${by}`, details);
  const message = `Too little memory: ${mebibytes(available)} are available in ${by}, wanted ${mebibytes(wanted)}`;
  const hint = 'End what uses it, or give the machine or the control group more';
  return broken(new BundlesError('RESOURCES_LOW', message, { hint, details }));
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
