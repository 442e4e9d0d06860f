import { sql } from 'kysely';
import { overviewColumns } from '../../catalog-page/page-data.js';
import { type CountedPage, count, countedPage } from '../database/counted-page.js';
import type { CatalogDatabase } from '../database/open-database.js';
import type { AuditEventRow, WorkflowRow } from '../database/tables.js';
import type { Page } from './find-workflows.js';

export interface BrowseFilters {
  /** Any part of name, title, description or a mandatory label, in any case. Empty: all. */
  readonly text: string;
  readonly status: string;
}

export type BrowsedWorkflow = Pick<WorkflowRow, (typeof overviewColumns)[number]> & {
  readonly versions: number;
};

/** The latest version of each workflow, newest first, without the documents. */
export async function browseWorkflows(
  { query }: CatalogDatabase,
  { text, status }: BrowseFilters,
  { limit, offset }: Page,
): Promise<CountedPage<BrowsedWorkflow>> {
  let matching = query.selectFrom('workflows as w').where('w.is_latest_version', '=', true);
  if (status !== '') matching = matching.where('w.status', '=', status);
  if (text !== '') {
    matching = matching.where(sql<boolean>`strpos(w.search_text, lower(${text}::text)) > 0`);
  }
  const total = matching.select(count.as('total'));
  const found = await matching
    .select(overviewColumns.map((column) => `w.${column}` as const))
    .select((eb) => [
      eb
        .selectFrom('workflows as v')
        .select(count.as('count'))
        .whereRef('v.workflow_name', '=', 'w.workflow_name')
        .as('versions'),
      total.as('total'),
    ])
    .orderBy('w.created_at', 'desc')
    .orderBy('w.arrival', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  const page = await countedPage(found, { offset, again: () => total.executeTakeFirstOrThrow() });
  return { ...page, rows: page.rows.map((row) => ({ ...row, versions: row.versions ?? 1 })) };
}

/** How much there is. */
export async function countAll({ query }: CatalogDatabase): Promise<{
  readonly workflows: number;
  readonly versions: number;
  readonly events: number;
}> {
  const [latest, all, events] = await Promise.all([
    query
      .selectFrom('workflows')
      .select(count.as('n'))
      .where('is_latest_version', '=', true)
      .executeTakeFirst(),
    query.selectFrom('workflows').select(count.as('n')).executeTakeFirst(),
    query.selectFrom('audit_events').select(count.as('n')).executeTakeFirst(),
  ]);
  return { workflows: latest?.n ?? 0, versions: all?.n ?? 0, events: events?.n ?? 0 };
}

/** The latest events whose resource is this workflow, by its id, its name, or name:version. */
export async function eventsOf(
  { query }: CatalogDatabase,
  { workflow_id, workflow_name, version }: Pick<WorkflowRow, 'workflow_id' | 'workflow_name' | 'version'>,
): Promise<readonly AuditEventRow[]> {
  return query
    .selectFrom('audit_events')
    .selectAll()
    .where('resource_id', 'in', [workflow_id, workflow_name, `${workflow_name}:${version}`])
    .orderBy('event_timestamp', 'desc')
    .limit(20)
    .execute();
}
