import { createHmac, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Clock } from '../../async/clock.js';
import { createLimiter } from '../../async/limiter.js';
import { BundlesError } from '../../errors.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { WireError } from '../wire-error.js';

/** Lets a request pass or refuses it. @throws WireError 401; 429 when too many passwords are being checked */
export type Authenticator = (request: Request) => Promise<void>;

/** A check takes a tenth of a second of a processor: strangers must not get all of it. */
const checksAtOnce = 2;
const checksWaiting = 64;
const rememberedLogins = 1000;
const lookAgainMs = 2000;

/**
 * Basic authentication by an htpasswd file, which is read again when it changes. Anyone who is in it may do everything.
 * The answer distinguishes only right and wrong, and a name that does not exist takes as long as a wrong password.
 */
export async function createAuthenticator(
  path: string,
  { clock }: { readonly clock: Clock },
): Promise<Authenticator> {
  const { compare } = await import('bcryptjs');
  const users = await createUsers(path, clock);
  const limiter = createLimiter(checksAtOnce);
  const key = randomBytes(32);
  let right = new Set<string>();
  let rightFor: Htpasswd | undefined;
  let checking = 0;

  const isRight = async ({ name, password }: Login, known: Htpasswd): Promise<boolean> => {
    if (checking >= checksWaiting) {
      throw new WireError(429, 'TOOMANYREQUESTS', 'too many passwords are being checked', {
        headers: { 'retry-after': '5' },
      });
    }
    checking++;
    try {
      const hash = known.get(name) ?? known.values().next().value ?? '';
      return (await limiter.run(() => compare(password, hash))) && known.has(name);
    } finally {
      checking--;
    }
  };

  return async (request) => {
    const header = request.headers.get('authorization');
    const login = header === null ? undefined : parseBasic(header);
    if (header === null || !login) throw unauthorized('authentication is required');
    const known = await users.current();
    if (known !== rightFor) [right, rightFor] = [new Set(), known];
    const remembered = right;
    // Passwords are not kept, only what proves that this very header was right.
    const proof = createHmac('sha256', key).update(header).digest('base64');
    if (remembered.has(proof)) return;
    if (!(await isRight(login, known))) throw unauthorized('name or password is wrong');
    if (remembered.size >= rememberedLogins) remembered.clear();
    remembered.add(proof);
  };
}

interface Login {
  readonly name: string;
  readonly password: string;
}

function parseBasic(header: string): Login | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header.trim())?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function unauthorized(message: string): WireError {
  return new WireError(401, 'UNAUTHORIZED', message, {
    headers: { 'www-authenticate': 'Basic realm="bundles registry", charset="UTF-8"' },
  });
}

async function createUsers(path: string, clock: Clock): Promise<{ current(): Promise<Htpasswd> }> {
  let users = await readHtpasswd(path);
  let version = await versionOf(path);
  let lookedAt = clock.now();
  return {
    async current() {
      const now = clock.now();
      if (now - lookedAt < lookAgainMs && now >= lookedAt) return users;
      lookedAt = now;
      const found = await versionOf(path);
      if (found === version) return users;
      // While the file is being written, its previous users stay valid.
      const read = await readHtpasswd(path).catch(() => undefined);
      if (read) [users, version] = [read, found];
      return users;
    },
  };
}

async function versionOf(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats ? `${stats.mtimeNs} ${stats.ctimeNs} ${stats.size} ${stats.ino}` : 'absent';
}

/** User names and their bcrypt hashes. */
type Htpasswd = ReadonlyMap<string, string>;

const fileBytes = 1024 * 1024;
/** Each step of the cost doubles the time of a check; at 14 it is seconds. */
const highestCost = 13;
const bcryptHash = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/**
 * Reads a file as `htpasswd -B` writes it: `name:hash` lines, empty ones, and comments behind `#`.
 * @throws CREDENTIALS_INVALID for other hashes than bcrypt, naming the line and never the hash; NOT_READABLE
 */
async function readHtpasswd(path: string): Promise<Htpasswd> {
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
  const where = line === undefined ? 'it names no user' : `line ${line} is not a name with a bcrypt hash`;
  return new BundlesError(
    'CREDENTIALS_INVALID',
    `Cannot use the htpasswd file ${JSON.stringify(path)}: ${where}`,
    {
      hint: `Write it with htpasswd -B; costs of 4 to ${highestCost} are taken`,
      details: { path, ...(line === undefined ? {} : { line }) },
    },
  );
}
