import { version } from '../../version.js';
import type { AuditEventRequest } from '../data-storage/data-storage-api.js';

/** Something that happened and that the audit trail is to have. */
export interface AuditNote {
  readonly type:
    | 'bundle.published'
    | 'bundle.reused'
    | 'bundle.fallback'
    | 'bundle.failed'
    | 'workflow.registered';
  readonly outcome: 'success' | 'failure';
  readonly severity: 'info' | 'warning' | 'error';
  readonly resource: { readonly type: 'Bundle' | 'Workflow'; readonly id: string };
  /** Plain data. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface AuditOrigin {
  /** Our id, in the event's data, because the service assigns its own ids to events. */
  readonly eventId: string;
  readonly correlationId: string;
  /** Milliseconds. */
  readonly at: number;
}

/** A note as the service accepts it. */
export function toAuditEvent(
  note: AuditNote,
  { eventId, correlationId, at }: AuditOrigin,
): AuditEventRequest {
  const time = new Date(at).toISOString();
  return {
    version: '1.0',
    event_type: note.type,
    event_timestamp: time,
    // The catalog's own category: the service has none for bundles.
    event_category: 'workflow',
    event_action: note.type.split('.')[1] ?? note.type,
    event_outcome: note.outcome,
    actor_type: 'service',
    actor_id: 'tekton-bundles',
    resource_type: note.resource.type,
    resource_id: note.resource.id.slice(0, 255),
    correlation_id: correlationId,
    severity: note.severity,
    event_data: { event_id: eventId, occurred_at: time, program: `tekton-bundles ${version}`, ...note.data },
  };
}

/** The id that we gave an event; undefined for an event of another client. */
export function eventIdOf({ event_data: data }: Pick<AuditEventRequest, 'event_data'>): string | undefined {
  // The service returns data exactly as the client sent it.
  const id: unknown = (data as AuditEventRequest['event_data'] | null)?.event_id;
  return typeof id === 'string' ? id : undefined;
}

/** The service takes events of the last seven days; some time goes by until it looks. */
const oldestMs = 7 * 86_400_000 - 3_600_000;

/**
 * The event with a time that the service accepts when it is `now`: one that waited for days in the spool, or that comes
 * from a clock that is ahead, keeps its true time in `event_data.occurred_at`.
 */
export function stampedFor(now: number, event: AuditEventRequest): AuditEventRequest {
  const at = Date.parse(event.event_timestamp);
  const accepted = Math.min(Math.max(at, now - oldestMs), now);
  return accepted === at ? event : { ...event, event_timestamp: new Date(accepted).toISOString() };
}
