const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A point in time as a query names it: a span before now in Go's way (`90m`, `1h30m`) or in days (`7d`), RFC 3339 with
 * or without its zone, or a date. Gives RFC 3339, or undefined for anything else.
 */
export function parseTimeParameter(text: string, now: number): string | undefined {
  const span = parseSpan(text);
  if (span !== undefined) return validTime(now - span);
  const absolute = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (!absolute) return undefined;
  const [whole, time, zone] = absolute;
  const complete = time === undefined ? `${whole}T00:00:00Z` : zone === undefined ? `${whole}Z` : whole;
  return Number.isNaN(Date.parse(complete)) ? undefined : complete;
}

/** Milliseconds; a negative span lies ahead. */
function parseSpan(text: string): number | undefined {
  const [, sign = '', spans = ''] = /^([+-]?)(.+)$/.exec(text) ?? [];
  const factor = sign === '-' ? -1 : 1;
  if (spans === '0') return 0;
  const days = /^(\d+(?:\.\d*)?|\.\d+)d$/.exec(spans)?.[1];
  if (days !== undefined) return factor * Number(days) * (unitMs.d ?? 0);
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(spans)) return undefined;
  let sum = 0;
  for (const [, number, unit = ''] of spans.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    sum += Number(number) * (unitMs[unit] ?? 0);
  }
  return factor * sum;
}

function validTime(ms: number): string | undefined {
  // What PostgreSQL's and JavaScript's time both reach.
  if (!(ms > Date.parse('0001-01-01T00:00:00Z') && ms < Date.parse('9999-12-31T00:00:00Z'))) return undefined;
  return new Date(ms).toISOString();
}
