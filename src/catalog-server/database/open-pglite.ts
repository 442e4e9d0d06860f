import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackDataTemplate } from './data-template.js';
import { type CatalogDatabase, openDatabase } from './open-database.js';
import { createPglitePool, type EmbeddedDatabase } from './pglite-pool.js';
import { valueParsers } from './value-parsers.js';

/**
 * A PGlite in this process, with its data in a directory. Two processes on one directory destroy it: anyone who calls this
 * holds the lock beside it.
 */
export function openPglite(directory: string): CatalogDatabase {
  return openDatabase(createPglitePool(() => startPglite(directory)));
}

/** PGlite itself; a directory that is not there yet begins with the migrated data of the package. */
export async function startPglite(directory: string): Promise<EmbeddedDatabase> {
  const used = await stat(join(directory, 'PG_VERSION')).catch(() => undefined);
  if (used === undefined) await unpackDataTemplate(directory);
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create({ dataDir: directory, parsers: { ...valueParsers } });
}
