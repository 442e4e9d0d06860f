import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { readFileCapped } from '../../fs/read-file-capped.js';

const longest = 16;

/**
 * How many builds at once root allows on this machine: a number in a file `limit` in the directory of the slots, which only
 * root may write. Undefined where there is no such file of root.
 *
 * @throws SLOTS_UNSAFE where root wrote something else than a number
 */
export async function readHostLimit(directory: string): Promise<number | undefined> {
  const path = join(directory, 'limit');
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.uid !== 0 || (found.mode & 0o022) !== 0)
    return undefined;
  const bytes = await readFileCapped(path, { limit: longest, missing: 'NOT_FOUND' });
  const text = new TextDecoder().decode(bytes).trim();
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new BundlesError(
    'SLOTS_UNSAFE',
    `Cannot use the limit of the build slots in ${JSON.stringify(path)}: found no number, wanted one from 1 to 999`,
    { hint: `Let root write it again: echo 2 > ${path}`, details: { path } },
  );
}
