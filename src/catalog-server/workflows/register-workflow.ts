import { sql } from 'kysely';
import type { CatalogDatabase } from '../database/open-database.js';
import type { NewWorkflow, WorkflowRow } from '../database/tables.js';

/**
 * Stores a new version as the latest of its name. Registrations of one name wait for each other, so that there is
 * exactly one latest whatever comes at once; a duplicate leaves the old latest as it was.
 */
export async function registerWorkflow(
  { query }: CatalogDatabase,
  workflow: Omit<NewWorkflow, 'is_latest_version'>,
): Promise<WorkflowRow> {
  return query.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${workflow.workflow_name}, 0))`.execute(
      transaction,
    );
    await transaction
      .updateTable('workflows')
      .set({ is_latest_version: false, updated_at: sql`clock_timestamp()` })
      .where('workflow_name', '=', workflow.workflow_name)
      .where('is_latest_version', '=', true)
      .execute();
    return transaction
      .insertInto('workflows')
      .values({ ...workflow, is_latest_version: true })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}
