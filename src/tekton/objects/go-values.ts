/**
 * What Go's decoders take of the texts in which Kubernetes writes durations, times and quantities: not what their
 * documentation states, but what `time.ParseDuration`, `time.Parse` and `resource.ParseQuantity` accept.
 */

const LIMIT = 1n << 63n;

const unitNanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const durationPart = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/y;

/** A duration in nanoseconds; undefined for a text that is none, or one of more than 292 years. */
export function parseDuration(text: string): bigint | undefined {
  const isNegative = text.startsWith('-');
  const body = /^[-+]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0n;
  if (body === '') return undefined;
  let total = 0n;
  durationPart.lastIndex = 0;
  while (durationPart.lastIndex < body.length) {
    const [, whole = '', fraction, unit = ''] = durationPart.exec(body) ?? [];
    const part = nanoseconds(whole, fraction ?? '', unitNanoseconds[unit]);
    if (part === undefined) return undefined;
    total += part;
    if (total > LIMIT) return undefined;
  }
  if (isNegative) return -total;
  return total === LIMIT ? undefined : total;
}

function nanoseconds(whole: string, fraction: string, unit: bigint | undefined): bigint | undefined {
  if (unit === undefined || whole + fraction === '') return undefined;
  const count = BigInt(whole);
  if (count > LIMIT / unit) return undefined;
  let digits = 0n;
  let scale = 1;
  for (const digit of fraction) {
    // Go drops the digits that its integer cannot hold.
    if (digits > (LIMIT - 1n) / 10n || digits * 10n + BigInt(digit) > LIMIT) break;
    digits = digits * 10n + BigInt(digit);
    scale *= 10;
  }
  const rest = digits === 0n ? 0 : Math.floor(Number(digits) * (Number(unit) / scale));
  const all = count * unit + BigInt(rest);
  return all > LIMIT ? undefined : all;
}

const timeForm =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2}))$/;

/** True for a time as `time.Parse` takes it for RFC 3339: hours may have one digit, fractions a comma. */
export function isTime(text: string): boolean {
  const match = timeForm.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (
    isDay(year, month, day) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    zoneHour <= 24 &&
    zoneMinute <= 60
  );
}

/** True for a day of the calendar. */
export function isDay(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

/**
 * The parts of a quantity: sign, digits, fraction, letters, exponent. Digits may be missing altogether: Kubernetes reads `Ki`
 * and `-` as 0. Digits without a sign are an exponent only behind letters: otherwise a long number would be tried at each digit.
 */
export const quantityForm =
  /^([-+]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*)(?:(?<![0-9])|(?=[-+]|$))([-+]?[0-9]*)$/;
const quantitySuffix = /^(?:|[numkMGTPE]|[KMGTPE]i)$/;

/** True for a quantity such as `500m`, `512Mi` or `1e3`. */
export function isQuantity(text: string): boolean {
  const [, , , , letters, digits] = quantityForm.exec(text) ?? [];
  if (text === '' || letters === undefined || digits === undefined) return false;
  if (digits === '') return quantitySuffix.test(letters);
  // Without any digit before it, an exponent below nano makes Kubernetes look for them after all.
  return /^[eE]$/.test(letters) && isInt64(digits) && (/^[-+]?\.?[0-9]/.test(text) || Number(digits) >= -9);
}

function isInt64(text: string): boolean {
  if (!/^[-+]?[0-9]+$/.test(text)) return false;
  const value = BigInt(text.replace('+', ''));
  return value >= -LIMIT && value < LIMIT;
}

/** Spaces around a quantity that JSON does not escape, which Kubernetes takes off. */
const blank = /[ \x85\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]/;

/** The same within JSON quotes. */
export function isQuotedQuantity(text: string): boolean {
  let [start, end] = [0, text.length];
  while (start < end && blank.test(text.charAt(start))) start++;
  while (end > start && blank.test(text.charAt(end - 1))) end--;
  return isQuantity(text.slice(start, end));
}

/** Quantities that are likely meant by a text that is none: `512M` and `512Mi` for `512MB`. */
export function likelyQuantities(text: string): string[] {
  const match = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe])(i?)(?:b|bytes?)?\s*$/i.exec(text);
  if (match === null) return [];
  const [, number = '', letter = '', binary = ''] = match;
  const large = letter.toUpperCase();
  const decimal = `${number}${large === 'K' ? 'k' : large}`;
  return binary === '' ? [decimal, `${number}${large}i`] : [`${number}${large}i`];
}
