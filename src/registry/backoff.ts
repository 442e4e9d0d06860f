/** Attempts in all, the first included. */
export const maxAttempts = 5;

/** A registry that asks for a longer wait gets an error with that wait instead. */
export const longestRetryAfterMs = 120_000;

/** How long to wait after the failed attempt number `attempt` (1, 2 …): full jitter, random in [0, 1). */
export function backoffMs(
  attempt: number,
  { rateLimited, random }: { rateLimited: boolean; random: () => number },
): number {
  const base = rateLimited ? 2_000 : 500;
  const cap = rateLimited ? 60_000 : 10_000;
  return Math.round(Math.min(cap, base * 2 ** (attempt - 1)) * random());
}

/** Statuses that may be gone with the next attempt. */
export function isRetryStatus(status: number): boolean {
  return retryStatuses.has(status);
}

const retryStatuses: ReadonlySet<number> = new Set([
  408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524,
]);
