import type { Clock } from '../async/clock.js';
import { eventIdOf, stampedFor } from './audit-event.js';
import type { AuditSpool } from './audit-spool.js';
import { isCatalogError } from './catalog-error.js';
import type { CatalogCallOptions } from './catalog-target.js';
import type { DataStorageClient } from './data-storage-client.js';

/** One spool on its way to the catalog. */
export interface Sending {
  readonly spool: AuditSpool;
  readonly client: DataStorageClient;
  readonly clock: Clock;
  /** Something may have arrived of which no answer tells: the catalog is asked before anything is sent again. */
  unsure: boolean;
}

/** One transaction of the service, and far below what any proxy refuses. */
const batchSize = 100;
const pageSize = 1000;

/**
 * Sends what is pending, in batches, until nothing is. What was sent without an answer is looked for by the run's
 * correlation id, since a batch arrives as a whole or not at all and carries our own ids in its data.
 *
 * @throws CATALOG_UNREACHABLE, CATALOG_REFUSED; what is pending stays so
 */
export async function sendSpool(sending: Sending, options: CatalogCallOptions = {}): Promise<void> {
  const { spool, client, clock } = sending;
  for (;;) {
    const batch = spool.pending().slice(0, batchSize);
    if (batch.length === 0) return;
    if (sending.unsure) {
      await spool.confirm(await arrivedOf(sending, options));
      sending.unsure = false;
      continue;
    }
    const ids = batch.map(eventIdOf).filter((id) => id !== undefined);
    sending.unsure = true;
    try {
      const now = clock.now();
      await client.writeAuditEvents(
        batch.map((event) => stampedFor(now, event)),
        options,
      );
    } catch (error) {
      if (isCatalogError(error) && !error.mayHaveHappened) sending.unsure = false;
      throw error;
    }
    sending.unsure = false;
    await spool.confirm(ids);
  }
}

/** Our ids of all events of this run that the catalog has. */
async function arrivedOf({ spool, client }: Sending, options: CatalogCallOptions): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0; ; offset += pageSize) {
    const query = { correlationId: spool.correlationId, limit: pageSize, offset };
    const { data } = await client.queryAuditEvents(query, options);
    ids.push(...data.map(eventIdOf).filter((id) => id !== undefined));
    if (data.length < pageSize) return ids;
  }
}
