import { sql } from 'kysely';
import type { CatalogDatabase } from '../database/open-database.js';
import type { AuditEventRow, WorkflowRow } from '../database/tables.js';
import type { Page } from './find-workflows.js';

export interface BrowseFilters {
  /** Any part of name, title, description or a mandatory label, in any case. Empty: all. */
  readonly text: string;
  readonly status: string;
}

export type BrowsedWorkflow = Pick<
  WorkflowRow,
  | 'workflow_id'
  | 'workflow_name'
  | 'version'
  | 'name'
  | 'description'
  | 'labels'
  | 'status'
  | 'created_at'
  | 'container_image'
> & { readonly versions: number };

/** The latest version of each workflow, newest first, without the documents. */
export async function browseWorkflows(
  { query }: CatalogDatabase,
  { text, status }: BrowseFilters,
  { limit, offset }: Page,
): Promise<{ readonly rows: readonly BrowsedWorkflow[]; readonly total: number }> {
  let matching = query.selectFrom('workflows as w').where('w.is_latest_version', '=', true);
  if (status !== '') matching = matching.where('w.status', '=', status);
  if (text !== '') {
    matching = matching.where(sql<boolean>`strpos(w.search_text, lower(${text}::text)) > 0`);
  }
  const rows = await matching
    .select(['w.workflow_id', 'w.workflow_name', 'w.version', 'w.name', 'w.description', 'w.labels'])
    .select(['w.status', 'w.created_at', 'w.container_image'])
    .select((eb) =>
      eb
        .selectFrom('workflows as v')
        .select(sql<number>`count(*)`.as('count'))
        .whereRef('v.workflow_name', '=', 'w.workflow_name')
        .as('versions'),
    )
    .orderBy('w.created_at', 'desc')
    .orderBy('w.arrival', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  const { total } = await matching.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
  return { rows: rows.map((row) => ({ ...row, versions: row.versions ?? 1 })), total };
}

/** How much there is. */
export async function countAll({ query }: CatalogDatabase): Promise<{
  readonly workflows: number;
  readonly versions: number;
  readonly events: number;
}> {
  const count = sql<number>`count(*)`;
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
