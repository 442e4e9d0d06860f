import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type {
  AuditEventRequest,
  NotificationAudit,
  NotificationAuditRecord,
} from '../../catalog/data-storage/data-storage-api.js';
import { toAuditEvent, toAuditRow } from '../audit/audit-row.js';
import { queryEvents } from '../audit/query-events.js';
import { eventDate } from '../audit/store-audit.js';
import { parseTimeParameter } from '../audit/time-parameter.js';
import { databaseFailure } from '../database/database-failure.js';
import type { NewNotification, NotificationRow } from '../database/tables.js';
import { ProblemError, validationProblem } from '../problem.js';
import type { ApiContext } from './api-context.js';
import { checkBody, checkQuery } from './check-request.js';
import { bodyLimits, readJsonBody } from './read-body.js';

/** One request may carry this many events. */
const mostEvents = 5_000;
const oldestMs = 7 * 24 * 60 * 60 * 1000;
const aheadMs = 5 * 60 * 1000;

/** The audit trail: `/api/v1/audit/…`. */
export function addAuditRoutes(app: Hono, context: ApiContext): void {
  app.post('/api/v1/audit/events', ({ req }) => createEvent(req.raw, context));
  app.post('/api/v1/audit/events/batch', ({ req }) => createEvents(req.raw, context));
  app.get('/api/v1/audit/events', async ({ req }) => Response.json(await query(new URL(req.url), context)));
  app.post('/api/v1/audit/notifications', ({ req }) => createNotification(req.raw, context));
}

async function createEvent(request: Request, context: ApiContext): Promise<Response> {
  const body = await readJsonBody(request, bodyLimits.event);
  const event = checkEvent(body, context);
  // The column of the service is narrower than its document: it answers as if the database were away.
  const isLong = context.mode === 'lenient' && event.version.length > 10;
  const eventId = randomUUID();
  const parentEventDate = await findParent(event, context);
  const row = toAuditRow(event, { eventId, parentEventDate });
  const answer = { event_id: eventId, event_timestamp: toSeconds(event.event_timestamp) };
  if ((await writeEvents(context, [event], [row])) === 'spooled' || isLong) {
    const message = 'audit event queued for async processing';
    return Response.json({ status: 'accepted', message, ...answer }, { status: 202 });
  }
  return Response.json({ ...answer, message: 'Audit event created successfully' }, { status: 201 });
}

async function createEvents(request: Request, context: ApiContext): Promise<Response> {
  const body = await readJsonBody(request, bodyLimits.events);
  if (!Array.isArray(body)) throw validationProblem('request body has an error: it is not an array');
  if (body.length === 0) throw validationProblem('batch cannot be empty');
  if (body.length > mostEvents)
    throw validationProblem(`batch has ${body.length} events, wanted at most ${mostEvents}`);
  const events = body.map((item, index) => {
    try {
      return checkEvent(item, context);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const detail = `event at index ${index}: ${error.message}`;
      throw new ProblemError(400, error.slug, error.title, detail);
    }
  });
  const rows = events.map((event) => toAuditRow(event, { eventId: randomUUID() }));
  const event_ids = rows.map(({ event_id }) => event_id);
  if ((await writeEvents(context, events, rows)) === 'spooled') {
    const message = 'audit events queued for async processing';
    return Response.json({ status: 'accepted', message, event_ids }, { status: 202 });
  }
  const message = `${event_ids.length} audit events created successfully`;
  return Response.json({ event_ids, message }, { status: 201 });
}

async function writeEvents(
  { audit, metrics, clock }: ApiContext,
  events: readonly AuditEventRequest[],
  rows: readonly ReturnType<typeof toAuditRow>[],
): Promise<'stored' | 'spooled'> {
  const started = clock.now();
  const done = await audit.writeEvents(rows).catch(refuseValue);
  const now = clock.now();
  metrics.observe('datastorage_write_duration_seconds', { table: 'audit_events' }, (now - started) / 1000);
  for (const { event_category: service, event_timestamp } of events) {
    metrics.count('datastorage_audit_traces_total', {
      service,
      status: done === 'stored' ? 'success' : 'dlq_fallback',
    });
    metrics.observe('datastorage_audit_lag_seconds', { service }, (now - Date.parse(event_timestamp)) / 1000);
  }
  return done;
}

/** A value that no column takes is the client's doing; the service would take the event and lose it. */
function refuseValue(cause: unknown): never {
  if (databaseFailure(cause) !== 'value') throw cause;
  throw validationProblem('a value cannot be stored', cause);
}

/** Event data is checked last, as in the service, which has a separate error type for it. */
function checkEvent(body: unknown, context: ApiContext): AuditEventRequest {
  const data = isObject(body) ? body.event_data : undefined;
  const withData = isObject(body) && data !== undefined ? { ...body, event_data: {} } : body;
  const event = checkBody<AuditEventRequest>(context, 'AuditEventRequest', withData);
  if (context.mode === 'strict' && event.version.length > 10) {
    throw validationProblem('version has more than 10 characters');
  }
  const time = Date.parse(event.event_timestamp);
  const now = context.clock.now();
  const detail = (what: string) => validationProblem(`invalid timestamp: timestamp is ${what}`);
  if (Number.isNaN(time)) throw detail('no time');
  if (time > now + aheadMs) throw detail('in the future');
  if (time < now - oldestMs) throw detail('too old (must be within 7 days)');
  if (data === null) throw validationProblem('request body has an error: event_data is null');
  if (!isObject(data)) {
    const message = 'event_data must be a JSON object';
    throw new ProblemError(400, 'invalid_event_data', 'Invalid Event Data', message);
  }
  return { ...event, event_data: data };
}

/** While the database is unreachable, the parent cannot be checked, and the event is accepted as it is. */
async function findParent(
  { parent_event_id }: AuditEventRequest,
  { database, metrics }: ApiContext,
): Promise<string | null> {
  if (parent_event_id === undefined || parent_event_id === null) return null;
  try {
    const date = await eventDate(database, parent_event_id);
    if (date !== undefined) return date;
  } catch (error) {
    if (databaseFailure(error) === 'away') return null;
    throw error;
  }
  metrics.count('datastorage_validation_failures_total', {
    field: 'parent_event_id',
    reason: 'parent_not_found',
  });
  throw validationProblem('parent event does not exist');
}

async function query(url: URL, context: ApiContext) {
  const values = checkQuery(context, '/api/v1/audit/events', url.searchParams);
  const limit = Number(values.limit);
  const offset = Number(values.offset);
  const names = ['event_type', 'event_category', 'event_outcome', 'severity', 'correlation_id'] as const;
  const filters = Object.fromEntries(names.map((name) => [name, optionalText(values[name])]));
  const { rows, total } = await queryEvents(
    context.database,
    {
      ...filters,
      since: timeOf('since', values.since, context),
      until: timeOf('until', values.until, context),
    },
    { limit, offset },
  );
  const pagination = { limit, offset, total, has_more: offset + rows.length < total };
  const events = rows.map(toAuditEvent);
  // The service does not read them back.
  const data = context.mode === 'strict' ? events : events.map((event) => ({ ...event, retention_days: 0 }));
  return { data, pagination };
}

function timeOf(name: string, value: string | number | undefined, { clock }: ApiContext): string | undefined {
  const text = optionalText(value);
  if (text === undefined || text === '') return undefined;
  const time = parseTimeParameter(text, clock.now());
  if (time !== undefined) return time;
  const detail = `${name}: invalid time format (expected: 24h, 7d, or RFC3339 timestamp)`;
  throw new ProblemError(400, 'validation-error', 'Validation Error', detail, {
    members: {
      instance: '/audit/query%20parameters',
      resource: 'query parameters',
      field_errors: { query: detail },
    },
  });
}

async function createNotification(request: Request, context: ApiContext): Promise<Response> {
  const body = await readJsonBody(request, bodyLimits.event);
  const notification = checkBody<NotificationAudit>(context, 'NotificationAudit', body);
  if (!(Date.parse(notification.sent_at) <= context.clock.now() + aheadMs)) {
    throw validationProblem('sent_at is not a time, or is in the future');
  }
  const started = context.clock.now();
  const row = await context.audit.writeNotification(toNotificationRow(notification)).catch(refuseValue);
  context.metrics.observe(
    'datastorage_write_duration_seconds',
    { table: 'notification_audit' },
    (context.clock.now() - started) / 1000,
  );
  if (row === 'duplicate') {
    const { notification_id } = notification;
    const detail = `notification_audit already exists with notification_id '${notification_id}'`;
    throw new ProblemError(409, 'conflict', 'Resource Conflict', detail, {
      members: {
        resource: 'notification_audit',
        field: 'notification_id',
        instance: '/audit/notification_audit',
      },
    });
  }
  const status = row === 'spooled' ? 'dlq_fallback' : 'success';
  context.metrics.count('datastorage_audit_traces_total', { service: 'notification', status });
  if (row === 'spooled') {
    const message = 'audit record queued for processing';
    return Response.json({ status: 'accepted', message }, { status: 202 });
  }
  return Response.json(toNotification(row), { status: 201 });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optionalText(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** As the service answers: without a fraction of a second. */
function toSeconds(time: string): string {
  return time.replace(/\.\d+/, '');
}

function toNotificationRow(notification: NotificationAudit): NewNotification {
  return {
    remediation_id: notification.remediation_id,
    notification_id: notification.notification_id,
    recipient: notification.recipient,
    channel: notification.channel,
    message_summary: notification.message_summary,
    status: notification.status,
    sent_at: notification.sent_at,
    delivery_status: notification.delivery_status ?? '',
    error_message: notification.error_message ?? '',
    escalation_level: notification.escalation_level ?? 0,
  };
}

/** Omits absent fields. */
function toNotification(row: NotificationRow): NotificationAuditRecord {
  const { delivery_status, error_message, ...others } = row;
  return {
    ...others,
    ...(delivery_status === '' ? {} : { delivery_status }),
    ...(error_message === '' ? {} : { error_message }),
  } as NotificationAuditRecord;
}
