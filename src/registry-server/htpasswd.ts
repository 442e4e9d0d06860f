import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';

/** User names and their bcrypt hashes. */
export type Htpasswd = ReadonlyMap<string, string>;

const fileBytes = 1024 * 1024;
/** Each step of the cost doubles the time of a check; at 14 it is seconds. */
const highestCost = 13;
const bcryptHash = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/**
 * Reads a file as `htpasswd -B` writes it: `name:hash` lines, empty ones, and comments behind `#`.
 * @throws CREDENTIALS_INVALID for other hashes than bcrypt, naming the line and never the hash; NOT_READABLE
 */
export async function readHtpasswd(path: string): Promise<Htpasswd> {
  const bytes = await readFileCapped(path, {
    limit: fileBytes,
    missing: 'CREDENTIALS_INVALID',
    tooLarge: 'CREDENTIALS_INVALID',
  });
  const users = new Map<string, string>();
  for (const [index, raw] of new TextDecoder().decode(bytes).split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const [name, hash] = [line.slice(0, colon), line.slice(colon + 1)];
    const cost = Number(bcryptHash.exec(hash)?.[1]);
    if (colon < 1 || !(cost >= 4 && cost <= highestCost)) throw invalid(path, index + 1);
    users.set(name, hash);
  }
  if (users.size === 0) throw invalid(path, undefined);
  return users;
}

function invalid(path: string, line: number | undefined): BundlesError {
  const where = line === undefined ? 'it names no user' : `line ${line} is no name with a bcrypt hash`;
  return new BundlesError(
    'CREDENTIALS_INVALID',
    `Cannot use the htpasswd file ${JSON.stringify(path)}: ${where}`,
    {
      hint: `Write it with htpasswd -B; costs of 4 to ${highestCost} are taken`,
      details: { path, ...(line === undefined ? {} : { line }) },
    },
  );
}
