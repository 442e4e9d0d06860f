import type { NotificationAudit, NotificationAuditRecord } from '../../catalog/data-storage-api.js';
import type { NewNotification, NotificationRow } from '../database/tables.js';

export function toNotificationRow(notification: NotificationAudit): NewNotification {
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

/** What was not said is left out. */
export function toNotification(row: NotificationRow): NotificationAuditRecord {
  const { delivery_status, error_message, ...others } = row;
  return {
    ...others,
    ...(delivery_status === '' ? {} : { delivery_status }),
    ...(error_message === '' ? {} : { error_message }),
  } as NotificationAuditRecord;
}
