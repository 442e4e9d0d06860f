import { type ErrorCode, errorCodes, errorRows, toBundlesError } from '../errors.js';

/** The exit status of each error code. */
export const exitCodes: Readonly<Record<ErrorCode, number>> = Object.fromEntries(
  errorCodes.map((code) => [code, errorRows[code].exit]),
) as Record<ErrorCode, number>;

export function exitCodeOf(error: unknown): number {
  return exitCodes[toBundlesError(error).code];
}

/** One status for several failures: the smallest of 4–10, then 3, then 2, then 1. */
export function worstExitCode(codes: readonly number[]): number {
  const failures = codes.filter((code) => code !== 0);
  const specific = failures.filter((code) => code >= 4 && code <= 10);
  if (specific.length > 0) return Math.min(...specific);
  return Math.max(0, ...failures);
}
