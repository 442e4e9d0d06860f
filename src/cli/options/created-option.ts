import { createdFromEpoch, parseCreatedTime } from '../../bundle/created-time.js';
import type { Context } from '../context.js';

/** The created time that --ctime or SOURCE_DATE_EPOCH asks for. @throws USAGE */
export function createdOption(
  context: Pick<Context, 'environment'>,
  ctime: string | undefined,
): string | undefined {
  // As for tkn, an empty one is none.
  if (ctime !== undefined && ctime !== '') return parseCreatedTime(ctime);
  const epoch = context.environment.SOURCE_DATE_EPOCH;
  return epoch === undefined || epoch === '' ? undefined : createdFromEpoch(epoch);
}
