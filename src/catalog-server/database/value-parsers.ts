/** How a column's text becomes a value, by type oid; the same for both drivers, whose own parsers differ. */
export const valueParsers: Readonly<Record<number, (text: string) => unknown>> = {
  // bigint: counts and ids, far below 2^53.
  20: Number,
  1082: (text) => text,
  1184: toRfc3339,
  1700: Number,
};

/** `2026-01-04 12:00:00.1234+00` as RFC 3339 in UTC; a Date would lose the microseconds. */
export function toRfc3339(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d)(:\d\d)?$/.exec(text);
  if (!match) throw new Error(`No timestamptz in ISO style: ${text.slice(0, 60)}`);
  const [, date, time, fraction = '', hours = '', minutes = ':00'] = match;
  if (hours === '+00' && minutes === ':00') return `${date}T${time}${fraction}Z`;
  const utc = new Date(`${date}T${time}${hours}${minutes}`).toISOString();
  return `${utc.slice(0, 19)}${fraction}Z`;
}
