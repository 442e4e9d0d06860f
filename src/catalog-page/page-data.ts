import type { AuditEvent, Workflow } from '../catalog/data-storage/data-storage-api.js';
import type { TaskGraph } from '../tekton/graph/task-graph.js';

/** Whether a registry serves the bundle of a workflow, as far as that is known. */
export interface Served {
  readonly state:
    | 'served'
    | 'kept'
    | 'absent'
    | 'denied'
    | 'unreachable'
    | 'unpinned'
    /** Not queried yet, or queries are not allowed. */
    | 'unknown';
  /** More, for people. */
  readonly note?: string;
}

/** What the overview shows of an entry. */
export const overviewColumns = [
  'workflow_id',
  'workflow_name',
  'version',
  'name',
  'description',
  'labels',
  'status',
  'created_at',
  'container_image',
] as const;

/** A row of the overview. */
export interface WorkflowRow extends Pick<Workflow, (typeof overviewColumns)[number]> {
  /** How many versions the name has. */
  readonly versions: number;
  readonly served: Served;
}

export interface OverviewData {
  readonly rows: readonly WorkflowRow[];
  /** Names that match, on all pages. */
  readonly total: number;
  readonly counts: { readonly workflows: number; readonly versions: number; readonly events: number };
  readonly query: string;
  readonly status: string;
  readonly page: number;
  readonly pageSize: number;
}

export interface WorkflowData {
  readonly workflow: Workflow;
  /** Newest first. */
  readonly versions: readonly Pick<
    Workflow,
    'workflow_id' | 'version' | 'status' | 'is_latest_version' | 'created_at'
  >[];
  readonly served: Served;
  /** Undefined where the bundle cannot be read; `served` states why. */
  readonly graph: TaskGraph | undefined;
  readonly events: readonly AuditEvent[];
}

export interface AuditData {
  readonly events: readonly AuditEvent[];
  readonly total: number;
  readonly filters: Readonly<Record<string, string>>;
  readonly page: number;
  readonly pageSize: number;
}
