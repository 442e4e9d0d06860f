import { type CountedPage, count, countedPage } from '../database/counted-page.js';
import type { CatalogDatabase } from '../database/open-database.js';
import type { AuditEventRow } from '../database/tables.js';

export interface AuditFilters {
  readonly event_type?: string | undefined;
  readonly event_category?: string | undefined;
  readonly event_outcome?: string | undefined;
  readonly severity?: string | undefined;
  readonly correlation_id?: string | undefined;
  /** RFC 3339. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The latest events first, and how many match in all. */
export async function queryEvents(
  { query }: CatalogDatabase,
  filters: AuditFilters,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<CountedPage<AuditEventRow>> {
  const columns = ['event_type', 'event_category', 'event_outcome', 'severity', 'correlation_id'] as const;
  let matching = columns.reduce((selection, column) => {
    const value = filters[column];
    return value === undefined || value === '' ? selection : selection.where(column, '=', value);
  }, query.selectFrom('audit_events'));
  if (filters.since !== undefined) matching = matching.where('event_timestamp', '>=', filters.since);
  if (filters.until !== undefined) matching = matching.where('event_timestamp', '<=', filters.until);
  const total = matching.select(count.as('total'));
  const found = await matching
    .selectAll()
    .select(total.as('total'))
    .orderBy('event_timestamp', 'desc')
    .orderBy('arrival', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return countedPage(found, { offset, again: () => total.executeTakeFirstOrThrow() });
}
