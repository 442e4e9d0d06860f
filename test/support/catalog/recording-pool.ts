import type { PostgresPool, PostgresPoolClient } from 'kysely';

export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** A pool that remembers the statements that went through it. */
export function recordStatements(pool: PostgresPool): {
  readonly pool: PostgresPool;
  readonly statements: Statement[];
} {
  const statements: Statement[] = [];
  return {
    statements,
    pool: {
      end: () => pool.end(),
      async connect() {
        const client = await pool.connect();
        const query = (text: string, parameters: readonly unknown[] = []) => {
          statements.push({ text, parameters });
          return client.query(text, parameters);
        };
        return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) };
      },
    },
  };
}
