import {
  isObject,
  type JsonObject,
  readUserFile,
  requireUserFile,
  type UserFileOptions,
  userFile,
  writeUserFile,
} from '../auth/stored/user-file.js';

/**
 * The catalogs that `login --catalog` has named on this machine, in a file of the user: a token is sent to them though
 * only bundles.yaml names them.
 */
export interface CatalogLogin {
  /** Undefined if the catalog is trusted with DATASTORAGE_TOKEN and no token is stored for it. */
  readonly token: string | undefined;
}

const fileName = 'catalogs.json';

/** What is known of the catalog at a URL: its scheme, host and port count. @throws CREDENTIALS_INVALID */
export async function findCatalogLogin(
  url: string,
  options: UserFileOptions,
): Promise<CatalogLogin | undefined> {
  const file = userFile(fileName, options);
  if (file === undefined) return undefined;
  const { [new URL(url).origin]: found } = await readLogins(file);
  return found && { token: found.token };
}

/** Keeps a catalog with its token, if it has one; gives the file. @throws CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL */
export async function keepCatalogLogin(
  url: string,
  token: string | undefined,
  options: UserFileOptions,
): Promise<string> {
  const file = requireUserFile(fileName, options);
  await writeLogins(file, { ...(await readLogins(file)), [new URL(url).origin]: { token } });
  return file;
}

/** Forgets a catalog; undefined where none was known. @throws CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL */
export async function forgetCatalogLogin(url: string, options: UserFileOptions): Promise<string | undefined> {
  const file = userFile(fileName, options);
  if (file === undefined) return undefined;
  const { [new URL(url).origin]: found, ...others } = await readLogins(file);
  if (found === undefined) return undefined;
  await writeLogins(file, others);
  return file;
}

type Logins = Readonly<Record<string, { readonly token?: string | undefined }>>;

async function readLogins(file: string): Promise<Logins> {
  return (await readUserFile(file, parseLogins)) ?? {};
}

async function writeLogins(file: string, catalogs: Logins): Promise<void> {
  await writeUserFile(file, { version: 1, catalogs });
}

function parseLogins({ catalogs }: JsonObject): Logins | undefined {
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
