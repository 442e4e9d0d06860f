import { type CountedPage, count, countedPage } from '../database/counted-page.js';
import type { CatalogDatabase } from '../database/open-database.js';
import type { WorkflowRow } from '../database/tables.js';

export interface WorkflowFilters {
  readonly status?: string | undefined;
  readonly environment?: string | undefined;
  readonly priority?: string | undefined;
  readonly component?: string | undefined;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** The newest entries first, and how many match in all. */
export async function listWorkflows(
  { query }: CatalogDatabase,
  filters: WorkflowFilters,
  { limit, offset }: Page,
): Promise<CountedPage<WorkflowRow>> {
  const matching = (['status', 'environment', 'priority', 'component'] as const).reduce(
    (selection, column) => {
      const value = filters[column];
      return value === undefined || value === '' ? selection : selection.where(column, '=', value);
    },
    query.selectFrom('workflows'),
  );
  const total = matching.select(count.as('total'));
  const found = await matching
    .selectAll()
    .select(total.as('total'))
    .orderBy('created_at', 'desc')
    .orderBy('arrival', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return countedPage(found, { offset, again: () => total.executeTakeFirstOrThrow() });
}

export async function getWorkflow(
  { query }: CatalogDatabase,
  workflowId: string,
): Promise<WorkflowRow | undefined> {
  return query.selectFrom('workflows').selectAll().where('workflow_id', '=', workflowId).executeTakeFirst();
}

/** All versions of one name, newest first. */
export async function listVersions(
  { query }: CatalogDatabase,
  name: string,
): Promise<readonly WorkflowRow[]> {
  return query
    .selectFrom('workflows')
    .selectAll()
    .where('workflow_name', '=', name)
    .orderBy('created_at', 'desc')
    .orderBy('arrival', 'desc')
    .execute();
}
