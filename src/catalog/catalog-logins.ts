import { join } from 'node:path';
import { BundlesError, isBundlesError } from '../errors.js';
import { makeDirectory } from '../fs/make-directory.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';

/**
 * The catalogs that `login --catalog` has named on this machine, in a file of the user: a token is sent to them though
 * only bundles.yaml names them.
 */
export interface CatalogLogin {
  /** Undefined where the catalog is trusted with DATASTORAGE_TOKEN, and no token of its own is kept. */
  readonly token: string | undefined;
}

export interface CatalogLoginOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string | undefined;
}

const longestFile = 1024 * 1024;

/** What is known of the catalog at a URL: its scheme, host and port count. @throws CREDENTIALS_INVALID */
export async function findCatalogLogin(
  url: string,
  options: CatalogLoginOptions,
): Promise<CatalogLogin | undefined> {
  const file = loginFile(options);
  if (file === undefined) return undefined;
  const { [new URL(url).origin]: found } = await readLogins(file);
  return found && { token: found.token };
}

/** Keeps a catalog with its token, if it has one; gives the file. @throws CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL */
export async function keepCatalogLogin(
  url: string,
  token: string | undefined,
  options: CatalogLoginOptions,
): Promise<string> {
  const file = requireFile(options);
  await writeLogins(file, { ...(await readLogins(file)), [new URL(url).origin]: { token } });
  return file;
}

/** Forgets a catalog; undefined where none was known. @throws CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL */
export async function forgetCatalogLogin(
  url: string,
  options: CatalogLoginOptions,
): Promise<string | undefined> {
  const file = loginFile(options);
  if (file === undefined) return undefined;
  const { [new URL(url).origin]: found, ...others } = await readLogins(file);
  if (found === undefined) return undefined;
  await writeLogins(file, others);
  return file;
}

type Logins = Readonly<Record<string, { readonly token?: string | undefined }>>;

function loginFile({ environment, home }: CatalogLoginOptions): string | undefined {
  const directory = environment.XDG_CONFIG_HOME || (home && join(home, '.config'));
  return directory ? join(directory, 'tekton-bundles', 'catalogs.json') : undefined;
}

function requireFile(options: CatalogLoginOptions): string {
  const file = loginFile(options);
  if (file !== undefined) return file;
  throw new BundlesError('CREDENTIALS_INVALID', 'Cannot keep a login: there is no home directory', {
    hint: 'Name a directory for it in XDG_CONFIG_HOME',
  });
}

async function readLogins(file: string): Promise<Logins> {
  let text: string;
  try {
    const limits = { limit: longestFile, missing: 'NOT_FOUND', tooLarge: 'CREDENTIALS_INVALID' } as const;
    text = new TextDecoder().decode(await readFileCapped(file, limits));
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return {};
    throw error;
  }
  const logins = parseLogins(text);
  if (logins !== undefined) return logins;
  throw new BundlesError('CREDENTIALS_INVALID', `Cannot read the logins in ${JSON.stringify(file)}`, {
    hint: 'Remove the file and log in again',
    details: { source: file },
  });
}

function parseLogins(text: string): Logins | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const catalogs = isObject(document) ? document.catalogs : undefined;
  if (!isObject(catalogs)) return undefined;
  const logins: Record<string, { readonly token: string | undefined }> = {};
  for (const [origin, login] of Object.entries(catalogs)) {
    if (!isObject(login)) return undefined;
    const { token } = login;
    if (token !== undefined && typeof token !== 'string') return undefined;
    logins[origin] = { token };
  }
  return logins;
}

async function writeLogins(file: string, catalogs: Logins): Promise<void> {
  await makeDirectory(join(file, '..'));
  const text = JSON.stringify({ version: 1, catalogs }, undefined, 2);
  await writeFileAtomic(file, `${text}\n`, { mode: 0o600 });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
