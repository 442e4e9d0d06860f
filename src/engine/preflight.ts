import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { BundlesError } from '../errors.js';
import { errnoOf } from '../fs/machine-error.js';
import type { EngineStatus } from './engine.js';
import { type MemoryFiles, readMemory } from './memory.js';

export interface Needs {
  /** Bytes that must be free wherever a build writes. Default 2 GiB. */
  readonly minDiskBytes?: number | undefined;
  /** Bytes of memory that must be available. Default 1 GiB. */
  readonly minMemoryBytes?: number | undefined;
}

export interface PreflightOptions extends Needs {
  /** Directories of this machine that the run itself writes to. */
  readonly directories?: readonly string[];
  readonly memory?: MemoryFiles | undefined;
}

const defaultDisk = 2 * 2 ** 30;
const defaultMemory = 2 ** 30;
/** What one build is taken to need when their number is chosen. */
const memoryOfBuild = 3 * 2 ** 30;

/** How many builds at once the machine that builds can bear: one for two processors, and memory for each. */
export async function defaultBuildSlots(status: EngineStatus, memory?: MemoryFiles): Promise<number> {
  const cpus = status.cpus ?? availableParallelism();
  const bytes = status.memoryBytes ?? (await readMemory(memory)).total;
  return Math.max(1, Math.min(Math.floor(cpus / 2), Math.floor(bytes / memoryOfBuild)));
}

/** Refuses to start a build that the machine has no room for. @throws RESOURCES_LOW */
export async function requireResources(status: EngineStatus, options: PreflightOptions = {}): Promise<void> {
  const { minDiskBytes = defaultDisk, minMemoryBytes = defaultMemory, directories = [] } = options;
  if (status.freeDiskBytes !== undefined && status.freeDiskBytes < minDiskBytes)
    throw low('disk', { place: "the engine's machine", free: status.freeDiskBytes, wanted: minDiskBytes });
  for (const place of new Set([...status.directories, ...directories])) {
    const free = await freeBytes(place);
    if (free !== undefined && free < minDiskBytes) throw low('disk', { place, free, wanted: minDiskBytes });
  }
  if (status.remote) {
    // The engine reports its total memory, not how much of it is free.
    const { memoryBytes } = status;
    if (memoryBytes !== undefined && memoryBytes < minMemoryBytes)
      throw low('memory', { place: "the engine's machine", free: memoryBytes, wanted: minMemoryBytes });
    return;
  }
  const { available, by } = await readMemory(options.memory);
  if (available < minMemoryBytes) throw low('memory', { place: by, free: available, wanted: minMemoryBytes });
}

/** Of the file system that holds a path, or will; undefined where it is unknown. */
export async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const above = dirname(path);
    return errnoOf(error) === 'ENOENT' && above !== path ? freeBytes(above) : undefined;
  }
}

function low(
  what: 'disk' | 'memory',
  { place, free, wanted }: { readonly place: string; readonly free: number; readonly wanted: number },
): BundlesError {
  const where = what === 'disk' ? `on the disk of ${place}` : `in ${place}`;
  const hint =
    what === 'disk'
      ? 'Free some space (npx tekton-bundles images prune lists what it would remove), or lower --min-disk'
      : 'Run fewer builds at once, give the machine or the control group more, or lower --min-memory';
  return new BundlesError(
    'RESOURCES_LOW',
    `Cannot start a build: ${mebibytes(free)} of ${what} are free ${where}, wanted ${mebibytes(wanted)}`,
    { hint, details: { what, place, free, wanted } },
  );
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
