import type { SearchRequest } from '../../catalog/data-storage/data-storage-api.js';
import type { CatalogDatabase } from '../database/open-database.js';
import type { WorkflowRow } from '../database/tables.js';
import { createScore } from './score.js';

const columns = [
  'workflow_id',
  'name',
  'description',
  'signal_type',
  'container_image',
  'container_digest',
  'custom_labels',
  'detected_labels',
] as const;

export type ScoredWorkflow = Pick<WorkflowRow, (typeof columns)[number]> & {
  readonly boost: number;
  readonly penalty: number;
  readonly score: number;
};

/**
 * The latest versions whose mandatory labels match exactly (a stored component `*` matches every one), best first and
 * the newest of equals first.
 */
export async function searchWorkflows(
  { query }: CatalogDatabase,
  { filters, top_k = 10, min_score = 0, include_disabled = false }: SearchRequest,
): Promise<readonly ScoredWorkflow[]> {
  const score = createScore(filters);
  let matching = query
    .selectFrom('workflows')
    .where('is_latest_version', '=', true)
    .where('signal_type', '=', filters.signal_type)
    .where('severity', '=', filters.severity)
    .where('environment', '=', filters.environment)
    .where('priority', '=', filters.priority)
    .where('component', 'in', [filters.component, '*'])
    .where(score.total, '>=', min_score);
  if (!include_disabled) matching = matching.where('status', '=', 'active');
  return matching
    .select(columns)
    .select([score.boost.as('boost'), score.penalty.as('penalty'), score.total.as('score')])
    .orderBy('score', 'desc')
    .orderBy('created_at', 'desc')
    .orderBy('arrival', 'desc')
    .limit(top_k)
    .execute();
}
