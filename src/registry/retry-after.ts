/**
 * How long a `Retry-After` header asks to wait, in milliseconds: whole seconds (at most 10^9) or an HTTP date.
 * Undefined when it is missing, malformed or in the past.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), 1e9) * 1000;
  // Date.parse alone takes far more than an HTTP date ("-1", "2030").
  if (!/^[A-Z][a-z]+,? .*GMT$|^[A-Z][a-z]{2} [A-Z][a-z]{2} .*\d{4}$/.test(text)) return undefined;
  const wait = Date.parse(text) - now;
  return Number.isFinite(wait) && wait > 0 ? wait : undefined;
}
