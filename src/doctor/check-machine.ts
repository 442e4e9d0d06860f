import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../async/clock.js';
import { findEngine } from '../engine/engines/find-engine.js';
import { type MemoryFiles, readMemory } from '../engine/memory.js';
import { freeBytes } from '../engine/preflight.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { errnoOf, writeError } from '../fs/machine-error.js';
import type { Send } from '../http/message.js';
import { broken, type CheckOutcome, fine, notConfigured, troubled, warning } from './check-result.js';

export interface EngineQuestion {
  /** podman, buildah or docker, or the path of one; undefined for the first that is there. */
  readonly engine: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The project builds images. */
  readonly needed: boolean;
  /** It is looked at although nothing needs it. */
  readonly asked: boolean;
  readonly withinMs: number;
}

/** Whether a container engine is there and answers. If nothing needs it, an engine that does not respond is only a warning. */
export async function checkEngine(
  { engine: wanted, environment, needed, asked, withinMs }: EngineQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  if (!needed && !asked && wanted === undefined) return notConfigured('no image is declared');
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
    hint: 'Check that the engine answers: podman info, or docker info; on a Mac: podman machine start',
    details: { program, reason: 'timeout' },
  });
}

/** Whether the disk of a directory has room. */
export async function checkDisk(directory: string, wanted: number): Promise<CheckOutcome> {
  const free = await freeBytes(directory);
  if (free === undefined) return notConfigured(`cannot determine how much is free at ${directory}`);
  const details = { directory, free, wanted };
  if (free >= wanted) return fine(`${sizeText(free)} free at ${directory}`, details);
  const message = `Too little disk: ${sizeText(free)} are free at ${directory}, wanted ${sizeText(wanted)}`;
  const hint =
    'Free some space (npx tekton-bundles images prune lists what it would remove), or name another --state-dir';
  return broken(new BundlesError('RESOURCES_LOW', message, { hint, details }));
}

/** Whether this machine, or the control group that holds us, has memory left. */
export async function checkMemory(wanted: number, places?: MemoryFiles): Promise<CheckOutcome> {
  const { available, by } = await readMemory(places);
  const details = { available, by, wanted };
  if (available >= wanted) return fine(`${sizeText(available)} available in ${by}`, details);
  const message = `Too little memory: ${sizeText(available)} are available in ${by}, wanted ${sizeText(wanted)}`;
  const hint = 'Stop what uses it, or give the machine or the control group more';
  return broken(new BundlesError('RESOURCES_LOW', message, { hint, details }));
}

function sizeText(bytes: number): string {
  const gibibytes = bytes / 2 ** 30;
  return gibibytes >= 1 ? `${gibibytes.toFixed(1)} GiB` : `${Math.floor(bytes / 2 ** 20)} MiB`;
}

/** Whether the state directory can be written, or made; nothing is written to find out. @throws NOT_WRITABLE */
export async function checkState(directory: string): Promise<CheckOutcome> {
  const place = await nearest(directory, directory);
  try {
    await access(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writeError(error, `write in the state directory ${JSON.stringify(directory)}`, place);
  }
  const message = place === directory ? `${directory} is writable` : `${directory} can be made`;
  return fine(message, { directory, exists: place === directory });
}

/** The directory itself, or the nearest one above it. */
async function nearest(path: string, wanted: string): Promise<string> {
  const doing = `use the state directory ${JSON.stringify(wanted)}`;
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    const above = dirname(path);
    if (errnoOf(error) === 'ENOENT' && above !== path) return nearest(above, wanted);
    throw writeError(error, doing, path);
  }
  const errno = path === wanted ? 'EEXIST' : 'ENOTDIR';
  throw writeError(Object.assign(new Error(errno), { code: errno }), doing, path);
}

/** How far servers and this machine disagree about the time. */
export interface ClockWatch {
  /** Sends by the one given and notes the date of every answer. */
  readonly around: (inner: Send) => Send;
  look(): CheckOutcome;
}

const tolerableMs = 5 * 60_000;

/** Compares the Date header of answers with the middle of the request's time. */
export function watchClock(clock: Clock): ClockWatch {
  const offsets = new Map<string, number>();
  return {
    around: (inner) => async (request) => {
      const sent = clock.now();
      const response = await inner(request);
      const date = Date.parse(response.headers.date ?? '');
      // An answer out of a cache has the date at which it was made.
      if (!Number.isNaN(date) && response.headers.age === undefined)
        offsets.set(request.url.host, (sent + clock.now()) / 2 - date);
      return response;
    },
    look() {
      const [worst] = [...offsets].sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
      if (!worst) return notConfigured('no server returned the time');
      const [host, offset] = worst;
      const seconds = Math.round(offset / 1000);
      const details = { host, seconds };
      if (Math.abs(offset) <= tolerableMs) return fine(`within ${Math.abs(seconds)} s of ${host}`, details);
      const away = `${Math.round(Math.abs(offset) / 60_000)} min ${offset > 0 ? 'ahead of' : 'behind'}`;
      const remedy =
        "Set this machine's clock (timedatectl set-ntp true): otherwise tokens and certificates are refused";
      return warning(`this machine's clock is ${away} that of ${host}`, remedy, details);
    },
  };
}
