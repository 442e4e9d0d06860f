import type { AuditEvent, AuditEventRequest } from '../../catalog/data-storage/data-storage-api.js';
import type { AuditEventRow, NewAuditEvent } from '../database/tables.js';

export interface AuditRowOptions {
  readonly eventId: string;
  readonly parentEventDate?: string | null;
  /** Default seven years. */
  readonly retentionDays?: number;
}

/** An event as it is stored, with what the service fills in. */
export function toAuditRow(
  event: AuditEventRequest,
  { eventId, parentEventDate = null, retentionDays = 2555 }: AuditRowOptions,
): NewAuditEvent {
  return {
    event_id: eventId,
    event_version: event.version,
    event_timestamp: event.event_timestamp,
    event_type: event.event_type,
    event_category: event.event_category,
    event_action: event.event_action,
    event_outcome: event.event_outcome,
    actor_type: event.actor_type ?? 'service',
    actor_id: event.actor_id ?? `${event.event_category}-service`,
    resource_type: event.resource_type ?? event.event_category,
    resource_id: event.resource_id ?? event.correlation_id,
    correlation_id: event.correlation_id,
    parent_event_id: event.parent_event_id ?? null,
    parent_event_date: parentEventDate,
    namespace: event.namespace ?? '',
    cluster_name: event.cluster_name ?? '',
    severity: event.severity ?? 'info',
    duration_ms: event.duration_ms ?? 0,
    event_data: JSON.stringify(event.event_data),
    retention_days: retentionDays,
  };
}

/** A stored event as the API shows it: every member is there, as from the service. */
export function toAuditEvent(row: AuditEventRow): AuditEvent {
  const { arrival: _, event_version, ...columns } = row;
  return {
    ...columns,
    version: event_version,
    error_code: '',
    error_message: '',
    is_sensitive: false,
  } as unknown as AuditEvent;
}
