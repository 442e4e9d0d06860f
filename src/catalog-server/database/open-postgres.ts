import type { CatalogDatabase } from './open-database.js';
import { openDatabase } from './open-database.js';
import { createPostgresPool } from './postgres-pool.js';

/** A PostgreSQL server, 15 or later; connects when first used. `url` is `postgres://user:password@host:port/database`. */
export async function openPostgres(url: string): Promise<CatalogDatabase> {
  return openDatabase(await createPostgresPool(url));
}
