import { sql } from 'kysely';
import { type CatalogDatabase, openDatabase } from '../../../src/catalog-server/database/open-database.js';
import {
  createPglitePool,
  type EmbeddedDatabase,
  startPglite,
} from '../../../src/catalog-server/database/open-pglite.js';
import { openPostgres } from '../../../src/catalog-server/database/open-postgres.js';
import { findPeers } from '../peers.js';
import { type Postgres, startPostgres } from '../postgres.js';
import { tempDir } from '../temp-dir.js';

/** A database of the catalog, migrated, that a test may take away and bring back. */
export interface TestDatabase extends AsyncDisposable {
  readonly kind: 'PGlite' | 'PostgreSQL';
  readonly database: CatalogDatabase;
  /** Removes every row. */
  empty(): Promise<void>;
  /** From now on it does not answer; its content is kept. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
}

const peers = findPeers('initdb', 'postgres');

/** Both databases that a test has to hold for; PostgreSQL is left out, loudly, where it is not installed. */
export const databaseKinds: readonly TestDatabase['kind'][] = peers ? ['PGlite', 'PostgreSQL'] : ['PGlite'];

export async function startTestDatabase(kind: TestDatabase['kind']): Promise<TestDatabase> {
  return kind === 'PGlite' ? startTestPglite() : startTestPostgres();
}

/** It lives in this process: taken away, it is closed and cannot be opened. */
async function startTestPglite(): Promise<TestDatabase> {
  const directory = tempDir('catalog-pglite-');
  let isAway = false;
  let running: EmbeddedDatabase | undefined;
  const database = openDatabase(
    createPglitePool(async () => {
      if (isAway) throw new Error('taken away by the test');
      running = await startPglite(`${directory.path}/data`);
      return running;
    }),
  );
  await database.migrate();
  return {
    kind: 'PGlite',
    database,
    empty: () => empty(database),
    async takeAway() {
      isAway = true;
      await running?.close();
    },
    async bringBack() {
      isAway = false;
    },
    async [Symbol.asyncDispose]() {
      await database.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function startTestPostgres(): Promise<TestDatabase> {
  if (!peers) throw new Error('PostgreSQL is not installed');
  const server = await startPostgres(peers);
  const database = await openPostgres(await newDatabase(server));
  await database.migrate();
  return {
    kind: 'PostgreSQL',
    database,
    empty: () => empty(database),
    takeAway: () => server.stop(),
    bringBack: () => server.start(),
    async [Symbol.asyncDispose]() {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function newDatabase(server: Postgres): Promise<string> {
  return server.createDatabase('catalog');
}

async function empty({ query }: CatalogDatabase): Promise<void> {
  const tables = ['workflows', 'audit_events', 'notifications'].map((name) => `bundles_catalog.${name}`);
  await sql`TRUNCATE ${sql.raw(tables.join())}`.execute(query);
}
