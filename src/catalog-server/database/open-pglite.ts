import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { unpackDataTemplate } from './data-template.js';
import { DatabaseAwayError, isSqlState } from './database-failure.js';
import { type CatalogDatabase, openDatabase } from './open-database.js';
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

/** What a PGlite pool asks of a database in this process. */
export type EmbeddedDatabase = Pick<PGlite, 'query' | 'close' | 'closed'>;

/**
 * One PGlite as a pool of one connection, so that the same dialect speaks to it as to a server. Anyone who connects waits
 * for the one before. A database that broke down is opened again for the next one.
 */
export function createPglitePool(open: () => Promise<EmbeddedDatabase>): PostgresPool {
  let database: EmbeddedDatabase | undefined;
  let last: Promise<void> = Promise.resolve();
  let ended = false;

  const current = async (): Promise<EmbeddedDatabase> => {
    if (ended) throw new DatabaseAwayError('The database is closed', undefined);
    if (database !== undefined && !database.closed) return database;
    try {
      database = await open();
      return database;
    } catch (cause) {
      throw new DatabaseAwayError('Cannot open the embedded database', cause);
    }
  };
  const breakDown = async (broken: EmbeddedDatabase): Promise<void> => {
    if (database === broken) database = undefined;
    await broken.close().catch(() => undefined);
  };

  return {
    async connect() {
      const before = last;
      let release: () => void = () => undefined;
      last = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      try {
        return createClient(await current(), { release, breakDown });
      } catch (error) {
        release();
        throw error;
      }
    },
    async end() {
      await last;
      ended = true;
      if (database && !database.closed) await database.close();
    },
  };
}

function createClient(
  database: EmbeddedDatabase,
  {
    release,
    breakDown,
  }: {
    readonly release: () => void;
    readonly breakDown: (broken: EmbeddedDatabase) => Promise<void>;
  },
): PostgresPoolClient {
  const query = async (text: string, parameters: readonly unknown[] = []) => {
    try {
      const { rows, affectedRows } = await database.query(text, [...parameters]);
      const command = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() as PostgresQueryResult<unknown>['command'];
      return { command, rowCount: affectedRows ?? rows.length, rows };
    } catch (error) {
      if (isSqlState((error as { readonly code?: unknown }).code)) throw error;
      // A WebAssembly trap or the end of PostgreSQL's main loop: nothing of this instance can be trusted.
      await breakDown(database);
      throw new DatabaseAwayError('The embedded database broke down', error);
    }
  };
  return { query: query as PostgresPoolClient['query'], release };
}
