import { BundlesError } from '../errors.js';
import { ProgramError, runProgram } from '../process/run-program.js';
import { engineError, readEngineFailure } from './engine-failure.js';

/** How an engine's commands are run. */
export interface EngineEnvironment {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

export interface EngineCommand {
  /** For messages, e.g. `list the images`. */
  readonly doing: string;
  /** Default 60 s. */
  readonly timeoutMs?: number;
  /** True for an answer that is not a failure although the status is. */
  readonly absent?: (errors: string) => boolean;
}

/** Names of the image stores can be long. */
const longestOutput = 64 * 1024 * 1024;

/**
 * Runs one command of an engine, and gives its output; undefined where `absent` states so.
 *
 * @throws ENGINE_NOT_FOUND, ENGINE_FAILED, DISK_FULL, REGISTRY_UNREACHABLE
 */
export async function runEngine(
  program: string,
  words: readonly string[],
  { environment, signal, doing, timeoutMs = 60_000, absent }: EngineCommand & EngineEnvironment,
): Promise<string | undefined> {
  try {
    const ran = await runProgram(program, words, { environment, signal, timeoutMs, longestOutput });
    if (ran.status === 0) return ran.output;
    if (absent?.(ran.errors)) return undefined;
    const failure = readEngineFailure(ran.status, ran.errors || ran.output);
    throw engineError(
      doing,
      failure.code === 'BUILD_FAILED' ? { ...failure, code: 'ENGINE_FAILED' } : failure,
    );
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    const missing = error.why === 'missing';
    throw new BundlesError(
      missing ? 'ENGINE_NOT_FOUND' : 'ENGINE_FAILED',
      `Cannot ${doing}: ${error.message}`,
      {
        hint: 'Check that the engine answers: podman info, or docker info; on a Mac: podman machine start',
        details: { program, reason: error.why, transient: error.why === 'timeout' },
        cause: error,
      },
    );
  }
}

/** JSON that an engine printed, or what is undefined where it is none. */
export function parseEngineJson(text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
