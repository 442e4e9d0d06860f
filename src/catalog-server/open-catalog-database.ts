import { join } from 'node:path';
import { BundlesError, isBundlesError, toBundlesError } from '../errors.js';
import { makeDirectory } from '../fs/make-directory.js';
import { redactUrl } from '../http/redact.js';
import { hiding } from '../http/redactor.js';
import { shorten } from '../http/shorten.js';
import type { CatalogDatabase } from './database/open-database.js';

/**
 * The database of a catalog, with the tables of this version: the PostgreSQL server of `url`, else PGlite below `root`.
 * @throws USAGE, DATABASE_UNAVAILABLE, NOT_WRITABLE, DISK_FULL
 */
export async function openCatalogDatabase({
  root,
  url,
}: {
  readonly root: string;
  readonly url: string | undefined;
}): Promise<CatalogDatabase> {
  const parsed = url === undefined ? undefined : parseDatabaseUrl(url);
  await makeDirectory(root);
  const database = parsed === undefined ? await openEmbedded(root) : await openServer(parsed);
  try {
    await database.migrate();
    return database;
  } catch (cause) {
    await database.close().catch(() => undefined);
    throw unavailable(cause, { root, url: parsed });
  }
}

async function openEmbedded(root: string): Promise<CatalogDatabase> {
  const { openPglite } = await import('./database/open-pglite.js');
  return openPglite(join(root, 'data'));
}

async function openServer(url: URL): Promise<CatalogDatabase> {
  const { openPostgres } = await import('./database/open-postgres.js');
  return openPostgres(url.href);
}

function parseDatabaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^postgres(?:ql)?:$/.test(url.protocol) && url.hostname !== '') return url;
  // The text may hold a password: it is not repeated.
  const found = url === undefined ? 'it is not a URL' : `it begins with ${url.protocol}//`;
  throw new BundlesError('USAGE', `Cannot use the database that is named: ${found}, wanted postgres://`, {
    hint: 'Write postgres://USER:PASSWORD@HOST:PORT/DATABASE; special characters percent-encoded',
  });
}

function unavailable(
  cause: unknown,
  { root, url }: { readonly root: string; readonly url: URL | undefined },
): BundlesError {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (isBundlesError(error)) return error;
    const known = toBundlesError(error);
    if (known.code === 'PACKAGE_MISSING') return known;
  }
  const secrets = url?.password ? [decodeURIComponent(url.password)] : [];
  const reason = shorten(hiding(() => secrets)(reasonOf(cause)));
  const place = url === undefined ? join(root, 'data') : redactUrl(url);
  return new BundlesError(
    'DATABASE_UNAVAILABLE',
    `Cannot open the database ${JSON.stringify(place)}: ${reason}`,
    {
      hint:
        url === undefined
          ? 'Move that directory away to begin an empty catalog; the audit trail and the workflows in it are then gone from here'
          : 'Check the address, the user and the password, and that the user may create a schema there',
      details: { place },
      cause,
    },
  );
}

/** The innermost cause states what really happened; an error for several addresses has no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return error.message || (inner instanceof Error ? inner.message : error.name);
}
