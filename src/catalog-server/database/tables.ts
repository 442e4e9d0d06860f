import type { ColumnType, Generated, GeneratedAlways, Insertable, Selectable } from 'kysely';

/** The tables of the catalog, as migrations.ts makes them; times are text of RFC 3339 with microseconds. */
export interface Tables {
  workflows: WorkflowTable;
  audit_events: AuditEventTable;
  notifications: NotificationTable;
}

interface WorkflowTable {
  workflow_id: Generated<string>;
  /** Order of arrival, for those of one moment. */
  arrival: GeneratedAlways<number>;
  workflow_name: string;
  version: string;
  name: string;
  description: string;
  owner: string | null;
  maintainer: string | null;
  content: string;
  content_hash: string;
  parameters: Json | null;
  execution_engine: string;
  container_image: string | null;
  container_digest: string | null;
  labels: Json;
  custom_labels: Json;
  detected_labels: Json;
  signal_type: GeneratedAlways<string>;
  severity: GeneratedAlways<string>;
  component: GeneratedAlways<string>;
  environment: GeneratedAlways<string>;
  priority: GeneratedAlways<string>;
  search_text: GeneratedAlways<string>;
  status: string;
  status_reason: string | null;
  disabled_at: string | null;
  disabled_by: string | null;
  disabled_reason: string | null;
  is_latest_version: boolean;
  previous_version: string | null;
  deprecation_notice: string | null;
  version_notes: string | null;
  change_summary: string | null;
  approved_by: string | null;
  approved_at: string | null;
  expected_success_rate: number | null;
  expected_duration_seconds: number | null;
  actual_success_rate: number | null;
  total_executions: Generated<number>;
  successful_executions: Generated<number>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
  created_by: string | null;
  updated_by: string | null;
}

interface AuditEventTable {
  event_id: string;
  /** Order of arrival. */
  arrival: GeneratedAlways<number>;
  event_version: string;
  event_timestamp: string;
  event_date: GeneratedAlways<string>;
  event_type: string;
  event_category: string;
  event_action: string;
  event_outcome: string;
  actor_type: string;
  actor_id: string;
  resource_type: string;
  resource_id: string;
  correlation_id: string;
  parent_event_id: string | null;
  parent_event_date: string | null;
  namespace: string;
  cluster_name: string;
  severity: string;
  duration_ms: number;
  event_data: Json;
  retention_days: number;
}

interface NotificationTable {
  id: GeneratedAlways<number>;
  remediation_id: string;
  notification_id: string;
  recipient: string;
  channel: string;
  message_summary: string;
  status: string;
  sent_at: string;
  delivery_status: string;
  error_message: string;
  escalation_level: number;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

/** Comes back parsed and goes in as text, since both drivers take a list for an SQL array otherwise. */
type Json = ColumnType<Readonly<Record<string, unknown>>, string, string>;

export type WorkflowRow = Selectable<WorkflowTable>;
export type NewWorkflow = Insertable<WorkflowTable>;
export type AuditEventRow = Selectable<AuditEventTable>;
export type NewAuditEvent = Insertable<AuditEventTable>;
export type NotificationRow = Selectable<NotificationTable>;
export type NewNotification = Insertable<NotificationTable>;
