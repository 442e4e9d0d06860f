import { Kysely, type Migration, Migrator, PostgresDialect, type PostgresPool, sql } from 'kysely';
import { migrations, schemaName } from './migrations.js';
import type { Tables } from './tables.js';

/** The catalog's tables, on PGlite or PostgreSQL alike. */
export interface CatalogDatabase extends AsyncDisposable {
  /** Names tables without their schema. */
  readonly query: Kysely<Tables>;
  /** Fails while the database does not answer. */
  ping(): Promise<void>;
  /** Makes the tables what this version wants. Several processes may do it at once. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

/** The tables behind a pool of connections, which is closed with them. */
export function openDatabase(pool: PostgresPool): CatalogDatabase {
  const all = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const migrator = new Migrator({
    db: all,
    provider: { getMigrations: async () => toMigrations() },
    migrationTableSchema: schemaName,
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= all.destroy();
    return closing;
  };
  return {
    query: all.withSchema(schemaName),
    async ping() {
      await sql`SELECT 1`.execute(all);
    },
    async migrate() {
      if (await isMigrated(all)) return;
      const { error } = await migrator.migrateToLatest();
      if (error !== undefined) throw error;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** One look instead of the several of the migrator: this is how nearly every start ends. */
async function isMigrated(all: Kysely<Tables>): Promise<boolean> {
  const table = `${schemaName}.kysely_migration`;
  const { rows: tables } = await sql<{ found: unknown }>`SELECT to_regclass(${table}) AS found`.execute(all);
  if (!tables[0]?.found) return false;
  const { rows } = await sql<{ name: string }>`SELECT name FROM ${sql.table(table)} ORDER BY name`.execute(
    all,
  );
  return rows.map(({ name }) => name).join() === Object.keys(migrations).sort().join();
}

function toMigrations(): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(migrations).map(([name, statements]) => [
      name,
      {
        async up(database) {
          for (const statement of statements) await sql.raw(statement).execute(database);
        },
      },
    ]),
  );
}
