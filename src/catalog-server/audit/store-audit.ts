import type { CatalogDatabase } from '../database/open-database.js';
import type { NewAuditEvent, NewNotification, NotificationRow } from '../database/tables.js';

/** Far below the 65,535 parameters of one statement. */
const rowsPerStatement = 500;

/** Stores all or none. An event that is there already, by its id, is left as it is. */
export async function insertEvents(
  { query }: CatalogDatabase,
  rows: readonly NewAuditEvent[],
): Promise<void> {
  if (rows.length <= rowsPerStatement) {
    await insert(query, rows);
    return;
  }
  await query.transaction().execute(async (transaction) => {
    for (let start = 0; start < rows.length; start += rowsPerStatement) {
      await insert(transaction, rows.slice(start, start + rowsPerStatement));
    }
  });
}

async function insert(query: CatalogDatabase['query'], rows: readonly NewAuditEvent[]): Promise<void> {
  await query
    .insertInto('audit_events')
    .values([...rows])
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .execute();
}

/** Undefined where a notification of this id is there already. */
export async function insertNotification(
  { query }: CatalogDatabase,
  row: NewNotification,
): Promise<NotificationRow | undefined> {
  return query
    .insertInto('notifications')
    .values(row)
    .onConflict((conflict) => conflict.column('notification_id').doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** The day of an event, which its children name. */
export async function eventDate({ query }: CatalogDatabase, eventId: string): Promise<string | undefined> {
  const row = await query
    .selectFrom('audit_events')
    .select('event_date')
    .where('event_id', '=', eventId)
    .executeTakeFirst();
  return row?.event_date;
}
