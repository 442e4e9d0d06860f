import { createdFromEpoch, parseCreatedTime } from '../../bundle/created-time.js';
import type { Context } from '../context.js';

/** The created time that --ctime or SOURCE_DATE_EPOCH asks for. @throws USAGE */
export function createdOption(context: Context, ctime: string | undefined): string | undefined {
  if (ctime !== undefined) return parseCreatedTime(ctime);
  const epoch = context.environment.SOURCE_DATE_EPOCH;
  return epoch === undefined || epoch === '' ? undefined : createdFromEpoch(epoch);
}
