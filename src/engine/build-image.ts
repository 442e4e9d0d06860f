import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { BundlesError } from '../errors.js';
import { writeError } from '../fs/machine-error.js';
import { argumentVariables, type BuildSecret } from './build-inputs.js';
import type { BuildLog } from './build-log.js';
import { type BuildStep, createStepReader } from './build-steps.js';
import type { BuildRequest, Engine } from './engine.js';
import { engineError, forWantOfMemory, readEngineFailure } from './engine-failure.js';
import { withVersions } from './engine-versions.js';
import { type MemoryFiles, readOutOfMemoryKills } from './memory.js';
import { runKept } from './run-kept.js';

export interface BuildImageOptions {
  readonly engine: Engine;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Ends a build that takes longer. */
  readonly timeoutMs: number;
  readonly log: BuildLog;
  readonly onStep: (step: BuildStep) => void;
  /** Beginnings of the marks of the slots that the build is in. */
  readonly marks: readonly string[];
  /** A directory of this run for files that are needed while it builds. */
  readonly workDirectory: string;
  readonly memory?: MemoryFiles | undefined;
}

export interface ImageSource
  extends Omit<BuildRequest, 'containerfile' | 'ignoreFile' | 'idFile' | 'secrets'> {
  readonly name: string;
  /** With its bases pinned. */
  readonly containerfile: string;
  readonly ignore: string;
  readonly secrets: readonly (BuildSecret & { readonly value: Uint8Array })[];
  /** A service does the build: it may go on when its client is gone, and reads no variables of this process. */
  readonly served: boolean;
}

/**
 * Builds one image without giving it a name (several platforms: under `list`), and gives its id or that name.
 *
 * @throws BUILD_FAILED, ENGINE_FAILED, ENGINE_UNSUPPORTED, BUILD_TIMEOUT, DISK_FULL, REGISTRY_UNREACHABLE, the signal's reason
 */
export async function buildImage(source: ImageSource, options: BuildImageOptions): Promise<string> {
  const { engine, environment, clock, signal, timeoutMs, log, marks } = options;
  const work = await makeWork(source, options.workDirectory);
  const started = clock.now();
  const over = new AbortController();
  const late = new AbortController();
  clock.sleep(timeoutMs, over.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    const kills = await readOutOfMemoryKills(options.memory);
    const words = engine.build({ ...source, ...work.files, secrets: work.secrets });
    log.mark();
    const readSteps = createStepReader(options.onStep);
    const status = await runKept({
      program: engine.program,
      arguments: words,
      marks,
      host: source.served ? source.host : undefined,
      timeoutMs,
      remove: work.secretFiles,
      context: source.served && source.secrets.length > 0 ? source.context : undefined,
      environment: { ...environment, ...argumentVariables(source.args) },
      clock,
      signal: AbortSignal.any([signal, late.signal]),
      onOutput(chunk) {
        log.write(chunk);
        readSteps(chunk);
      },
    });
    signal.throwIfAborted();
    if (late.signal.aborted || clock.now() - started >= timeoutMs) throw tooLate(source.name, timeoutMs);
    if (status !== 0) {
      const doing = `build the image ${JSON.stringify(source.name)}`;
      const failure = readEngineFailure(status, log.sinceMark());
      const isStarved = failure.reason === 'killed' && (await readOutOfMemoryKills(options.memory)) !== kills;
      const error = engineError(doing, isStarved ? forWantOfMemory(failure) : failure, { status });
      throw await withVersions(error, engine);
    }
    if (source.platforms.length > 1) return source.list;
    return (await readFile(work.files.idFile, 'utf8')).trim().replace(/^sha256:/, '');
  } finally {
    over.abort();
    await work.remove();
  }
}

interface Work {
  readonly files: Pick<BuildRequest, 'containerfile' | 'ignoreFile' | 'idFile'>;
  readonly secrets: readonly BuildSecret[];
  /** Of those secrets that are none already. */
  readonly secretFiles: readonly string[];
  remove(): Promise<void>;
}

async function makeWork(
  { containerfile, ignore, secrets, served }: ImageSource,
  directory: string,
): Promise<Work> {
  try {
    const work = await mkdtemp(join(directory, 'build-'));
    const files = {
      containerfile: join(work, 'Containerfile'),
      ignoreFile: join(work, 'Containerfile.dockerignore'),
      idFile: join(work, 'id'),
    };
    await Promise.all([writeFile(files.containerfile, containerfile), writeFile(files.ignoreFile, ignore)]);
    const written: string[] = [];
    const given = secrets.map(async ({ id, from, value }, index): Promise<BuildSecret> => {
      if ('file' in from || !served) return { id, from };
      const file = join(work, `secret-${index}`);
      written.push(file);
      await writeFile(file, value, { mode: 0o600 });
      return { id, from: { file } };
    });
    return {
      files,
      secrets: await Promise.all(given),
      secretFiles: written,
      remove: () => rm(work, { recursive: true, force: true }),
    };
  } catch (error) {
    throw writeError(error, `prepare a build in ${JSON.stringify(directory)}`, directory);
  }
}

function tooLate(name: string, timeoutMs: number): BundlesError {
  return new BundlesError(
    'BUILD_TIMEOUT',
    `Cannot build the image ${JSON.stringify(name)}: it took longer than ${Math.round(timeoutMs / 1000)} s and was ended`,
    { hint: 'Read the end of its output; --build-timeout sets a longer limit', details: { timeoutMs } },
  );
}
