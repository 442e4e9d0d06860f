import type { AuditTrail } from '../../../catalog/audit-trail.js';
import type { Context } from '../../context.js';

/** How long the end of a run may wait for the audit trail. */
const lastMs = 1_000;

/** Sends what can still be sent; what cannot waits for the next run, which a warning says. */
export async function closeAudit(
  context: Context,
  audit: AuditTrail,
  { quiet }: { quiet?: boolean },
): Promise<void> {
  const { waiting, error } = await audit.close({ withinMs: context.signal.aborted ? 0 : lastMs });
  if (quiet || (waiting === 0 && error === undefined)) return;
  const events = `${waiting} audit ${waiting === 1 ? 'event waits' : 'events wait'} in the state directory for the next run`;
  context.stderr.write(`warning: ${events}${error ? ` (${error.code}: ${error.message})` : ''}\n`);
}
