import type { Context } from './context.js';

/**
 * Resolves when the run is interrupted, which is how a server's run ends, or when standard output cannot be written:
 * then no one has learned where the server listens.
 */
export function untilAborted({
  signal,
  outputFailed,
}: Pick<Context, 'signal' | 'outputFailed'>): Promise<void> {
  const either = AbortSignal.any([signal, outputFailed]);
  if (either.aborted) return Promise.resolve();
  return new Promise((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
}
