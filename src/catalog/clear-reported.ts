import type { AuditSpool } from './audit-spool.js';
import type { Journal } from './journal.js';

/**
 * Ends the intents whose registration stands in a spool that a killed run left, sent or not: it was told, and only the
 * journal had not forgotten it yet. Without this it would be told again.
 */
export async function clearReported(spool: AuditSpool, journal: Journal): Promise<void> {
  for (const { event_type: type, event_data: data } of spool.found) {
    const { catalog: place, workflow: name, workflow_version: version } = data;
    if (type !== 'workflow.registered' || typeof place !== 'string') continue;
    if (typeof name === 'string' && typeof version === 'string')
      await journal.end({ place, entry: { name, version } });
  }
}
