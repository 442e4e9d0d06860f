import type { PostgresPool } from 'kysely';
import { type CatalogDatabase, openDatabase } from './open-database.js';
import { valueParsers } from './value-parsers.js';

/** A PostgreSQL server, 15 or later; connects when first used. `url` is `postgres://user:password@host:port/database`. */
export async function openPostgres(url: string): Promise<CatalogDatabase> {
  return openDatabase(await createPostgresPool(url));
}

/** How long a connection and a statement may take. A database that is slower counts as away. */
const connectWithinMs = 2_000;
const statementWithinMs = 15_000;
const connections = 10;

/** A pool of connections to a PostgreSQL server; connects when first used. */
export async function createPostgresPool(url: string): Promise<PostgresPool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectWithinMs,
    query_timeout: statementWithinMs,
    keepAlive: true,
    application_name: 'bundles',
    allowExitOnIdle: true,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        valueParsers[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
    } as never,
  });
  // A connection that breaks is replaced, and anyone who used it gets its failure by the statement. Without listeners,
  // also on connections between two statements, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool as unknown as PostgresPool;
}
