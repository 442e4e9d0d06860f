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

export interface StatusChange {
  /** Undefined: it stays. */
  readonly status?: string | undefined;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * Changes the status of an entry as the service does. Any status may follow any other. Who and why are taken of a change
 * to `disabled` alone; with every other change those of the last one stand in `updated_by` and `status_reason` again.
 * Gives the row as it is now.
 */
export async function changeStatus(
  { query }: CatalogDatabase,
  before: WorkflowRow,
  change: StatusChange,
): Promise<WorkflowRow | undefined> {
  const now = sql<string>`clock_timestamp()`;
  const status = change.status ?? before.status;
  const disables = change.status === 'disabled';
  const by = (disables ? change.by : before.disabled_by) ?? '';
  const reason = (disables ? change.reason : before.disabled_reason) ?? '';
  return query
    .updateTable('workflows')
    .set({
      status,
      status_reason: reason,
      updated_at: now,
      updated_by: by,
      ...(status === 'disabled' ? { disabled_at: now, disabled_by: by, disabled_reason: reason } : {}),
    })
    .where('workflow_id', '=', before.workflow_id)
    .returningAll()
    .executeTakeFirst();
}
