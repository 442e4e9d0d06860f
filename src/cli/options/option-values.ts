import { createdFromEpoch, parseCreatedTime } from '../../bundle/created-time.js';
import type { Context } from '../context.js';
import { InvalidValue } from './invalid-value.js';

const units: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** `1048576`, `100M`, `10GiB`: a number of bytes, in binary units. */
export function parseByteSize(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?)(?:([KMGT])(?:iB)?)?$/.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (units[unit] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidValue('a size such as 500M or 10GiB');
}

const timeUnits: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `1h`, `7d`, `0s`: milliseconds. */
export function parseDuration(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (timeUnits[unit] ?? Number.NaN);
  if (Number.isSafeInteger(milliseconds)) return milliseconds;
  throw new InvalidValue('a time such as 90s, 30m, 1h or 7d');
}

/** A port to listen on, 0 for any that is free. */
export function parsePort(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= 65535)) throw new InvalidValue('a port, 0 to 65535');
  return number;
}

/** The created time that --ctime or SOURCE_DATE_EPOCH asks for. @throws USAGE */
export function createdOption(
  context: Pick<Context, 'environment'>,
  ctime: string | undefined,
): string | undefined {
  // As for tkn, an empty value counts as not given.
  if (ctime !== undefined && ctime !== '') return parseCreatedTime(ctime);
  const epoch = context.environment.SOURCE_DATE_EPOCH;
  return epoch === undefined || epoch === '' ? undefined : createdFromEpoch(epoch);
}
