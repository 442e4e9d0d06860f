import type { Clock } from '../async/clock.js';
import { createDeadline } from '../async/deadline.js';
import { BundlesError, type ErrorCode } from '../errors.js';
import { broken, type CheckOutcome, type CheckResult, type LinkName } from './check-result.js';

export interface CheckOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** How long the look may take. */
  readonly withinMs: number;
  /** What it fails with when it takes longer. */
  readonly late: ErrorCode;
}

/** `checkWithin` with what is the same for all links of a run. */
export type Within = (
  link: LinkName,
  late: ErrorCode,
  look: (signal: AbortSignal) => Promise<CheckOutcome>,
) => Promise<CheckResult>;

/** One look at a link within its time; what it throws breaks the link. @throws the signal's reason alone */
export async function checkWithin(
  link: LinkName,
  { clock, signal, withinMs, late }: CheckOptions,
  look: (signal: AbortSignal) => Promise<CheckOutcome>,
): Promise<CheckResult> {
  const deadline = createDeadline(clock, signal);
  try {
    return { link, ...(await deadline.within(withinMs, look(deadline.signal))) };
  } catch (error) {
    signal?.throwIfAborted();
    return { link, ...broken(deadline.signal.aborted ? tooLate(link, { withinMs, late }) : error) };
  } finally {
    deadline.close();
  }
}

function tooLate(link: LinkName, { withinMs, late }: Pick<CheckOptions, 'withinMs' | 'late'>): BundlesError {
  return new BundlesError(late, `Cannot check the ${link}: no answer within ${withinMs / 1000} s`, {
    hint: lateHints[link] ?? 'Check that the service there still answers, then try again',
    details: { withinMs },
  });
}

const lateHints: Readonly<Partial<Record<LinkName, string>>> = {
  credentials: 'Run the credential helper by hand: it may be waiting for input',
  engine: 'Check that the engine answers: podman info, or docker info; on a Mac: podman machine start',
  cluster: 'Check that it is running: kubectl version',
  catalog: 'Check that the catalog and its database are running',
};
