import type { Clock } from '../../async/clock.js';
import { createDeadline } from '../../async/deadline.js';
import type { Phase, PhaseCall } from './phase.js';
import type { PhaseAttempt } from './phase-trace.js';

/** Attempts of a phase that may be repeated, the first included. */
const mostAttempts = 3;
const firstPauseMs = 1000;

export interface AttemptOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onAttempt: (attempt: PhaseAttempt) => void;
  /** Called with a value that came after its attempt was given up. */
  readonly onLate: (value: unknown) => void;
}

/** Runs a phase as often as its class allows, each attempt within its time. @throws what the last attempt threw */
export async function attemptPhase(
  { run, retry, timeoutMs }: Pick<Phase, 'run' | 'retry' | 'timeoutMs'>,
  values: Readonly<Record<string, unknown>>,
  { clock, signal, onAttempt, onLate }: AttemptOptions,
): Promise<unknown> {
  for (let number = 1; ; number++) {
    const started = clock.now();
    const took = () => clock.now() - started;
    try {
      const value = await within((call) => run(values, call), { clock, signal, timeoutMs, onLate });
      onAttempt({ durationMs: took(), error: null });
      return value;
    } catch (error) {
      onAttempt({ durationMs: took(), error: shortError(error) });
      const again = retry === 'always' || (retry === 'transient' && isTransient(error));
      if (signal.aborted || number >= mostAttempts || !again) throw error;
    }
    await clock.sleep(firstPauseMs * 3 ** (number - 1), signal);
  }
}

export interface WithinOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  readonly onLate?: (value: unknown) => void;
}

/** The work's result, or a failure after `timeoutMs` or the abort, also where the work does not listen to its signal. */
export async function within<T>(
  work: (call: PhaseCall) => Promise<T>,
  { clock, signal, timeoutMs, onLate = () => undefined }: WithinOptions,
): Promise<T> {
  const deadline = createDeadline(clock, signal);
  let waiting = true;
  try {
    deadline.signal.throwIfAborted();
    const working = work({ signal: deadline.signal });
    working.then(
      (value) => {
        if (!waiting) onLate(value);
      },
      () => undefined,
    );
    return await deadline.within(timeoutMs, working);
  } finally {
    waiting = false;
    deadline.close();
  }
}

/** A code and one line; no stack, which may name what should not be in a log. */
export function shortError(error: unknown): NonNullable<PhaseAttempt['error']> {
  const message = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error) ?? null, message: message.slice(0, longestMessage) };
}

const longestMessage = 2000;

const transientCodes: ReadonlySet<string> = new Set([
  ...[
    'ECONNRESET',
    'ECONNREFUSED',
    'ECONNABORTED',
    'EPIPE',
    'ETIMEDOUT',
    'EAI_AGAIN',
    'ENETUNREACH',
    'EHOSTUNREACH',
  ],
  ...['REGISTRY_UNREACHABLE', 'RATE_LIMITED', 'BUSY'],
]);

/** By what the error states of itself, else by its code or that of a cause. */
function isTransient(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  if ('retryable' in error && typeof error.retryable === 'boolean') return error.retryable;
  if (transientCodes.has(codeOf(error) ?? '')) return true;
  return 'cause' in error && isTransient(error.cause, depth + 1);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
