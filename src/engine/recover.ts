import type { Clock } from '../async/clock.js';
import { type BundlesError, isBundlesError } from '../errors.js';
import type { Engine } from './engine.js';

export interface RecoverOptions {
  readonly engine: Pick<Engine, 'status'>;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** In all. Default 3. */
  readonly attempts?: number;
  /** How long the engine may take to answer again. Default 60 s. */
  readonly recoveryMs?: number;
  readonly onRetry?: (failure: BundlesError, attempt: number) => void;
}

const firstPauseMs = 500;
const longestPauseMs = 8_000;

/**
 * Runs what an engine does, and once more when the engine failed in passing and answers again: a server that quit, a
 * refused socket, a lock that came free too late. What would fail again is not repeated.
 *
 * @throws what the last attempt threw; the first failure where the engine stays away
 */
export async function withRecovery<T>(
  task: (attempt: number) => Promise<T>,
  options: RecoverOptions,
): Promise<T> {
  const { attempts = 3, onRetry } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await task(attempt);
    } catch (error) {
      if (!isTransient(error) || attempt >= attempts) throw error;
      onRetry?.(error, attempt + 1);
      if (!(await answersAgain(options))) throw error;
    }
  }
}

function isTransient(error: unknown): error is BundlesError {
  return isBundlesError(error, 'ENGINE_FAILED') && error.details.transient === true;
}

async function answersAgain({
  engine,
  clock,
  signal,
  recoveryMs = 60_000,
}: RecoverOptions): Promise<boolean> {
  const until = clock.now() + recoveryMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal?.throwIfAborted();
    await clock.sleep(pauseMs, signal);
    try {
      await engine.status();
      return true;
    } catch (error) {
      if (!isTransient(error) || clock.now() >= until) return false;
    }
  }
}
