import { BundlesError } from '../errors.js';
import { isDay } from '../tekton/objects/go-values.js';

const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})?)?$/;
const LAST_SECOND = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
/** JavaScript counts years below 100 from 1900, so the year is set on its own. */
const FIRST_SECOND = new Date(0).setUTCFullYear(0, 0, 1) / 1000;

/**
 * The text that is as `created` in a config for a time given by a user: `YYYY-MM-DD` and `YYYY-MM-DDTHH:MM:SS`
 * are UTC, RFC 3339 keeps its offset; a fraction loses what it has beyond nanoseconds and its trailing zeros.
 *
 * @throws USAGE
 */
export function parseCreatedTime(text: string): string {
  const match = FORM.exec(text);
  if (!match) throw unreadable(text);
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    offset = 'Z',
  ] = match;
  const possible =
    isDay(Number(year), Number(month), Number(day)) &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 59 &&
    isOffset(offset);
  if (!possible) throw unreadable(text);
  const nanoseconds = fraction.slice(0, 9).replace(/0+$/, '');
  const zone = /^[+-]00:00$/.test(offset) ? 'Z' : offset;
  return `${year}-${month}-${day}T${hour.padStart(2, '0')}:${minute}:${second}${nanoseconds === '' ? '' : `.${nanoseconds}`}${zone}`;
}

/**
 * The `created` text for a SOURCE_DATE_EPOCH, in UTC.
 *
 * @throws USAGE
 */
export function createdFromEpoch(seconds: string): string {
  const value = /^[+-]?\d{1,15}$/.test(seconds) ? Number(seconds) : Number.NaN;
  if (!(value >= FIRST_SECOND && value <= LAST_SECOND)) {
    throw new BundlesError(
      'USAGE',
      `Cannot read the time ${quoted(seconds)}: wanted seconds since 1970 in UTC`,
      {
        hint: 'SOURCE_DATE_EPOCH is a whole number, e.g. 1700000000',
      },
    );
  }
  return new Date(value * 1000).toISOString().replace('.000Z', 'Z');
}

/** The moment and the zone of a `created` text, or undefined for what is not written as Go writes it. */
export function readCreated(
  text: string,
): { readonly milliseconds: number; readonly zone: string } | undefined {
  const zone = FORM.exec(text)?.[8];
  if (zone === undefined) return undefined;
  try {
    if (parseCreatedTime(text) !== text) return undefined;
  } catch {
    return undefined;
  }
  return { milliseconds: Date.parse(text.replace(/\.(\d{1,3})\d*/, '.$1')), zone };
}

function isOffset(offset: string): boolean {
  return offset === 'Z' || (Number(offset.slice(1, 3)) <= 23 && Number(offset.slice(4, 6)) <= 59);
}

function unreadable(text: string): BundlesError {
  return new BundlesError('USAGE', `Cannot read the time ${quoted(text)}: wanted a date or a time`, {
    hint: 'Write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS (both UTC), or RFC 3339 such as 2025-12-17T09:30:00-05:00',
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
