import { sql } from 'kysely';
import type { CatalogDatabase } from '../database/open-database.js';
import type { WorkflowRow } from '../database/tables.js';

export interface StatusChange {
  readonly status: string;
  readonly by: string;
  readonly reason: string;
}

/** Any status may follow any other; only `disabled` leaves who, when and why. Gives the row as it is now. */
export async function changeStatus(
  { query }: CatalogDatabase,
  workflowId: string,
  { status, by, reason }: StatusChange,
): Promise<WorkflowRow | undefined> {
  const now = sql<string>`clock_timestamp()`;
  return query
    .updateTable('workflows')
    .set({
      status,
      updated_at: now,
      updated_by: by,
      ...(status === 'disabled' ? { disabled_at: now, disabled_by: by, disabled_reason: reason } : {}),
    })
    .where('workflow_id', '=', workflowId)
    .returningAll()
    .executeTakeFirst();
}
