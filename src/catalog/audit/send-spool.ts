import type { Clock } from '../../async/clock.js';
import { type CatalogError, isCatalogError } from '../catalog-error.js';
import type { CatalogCallOptions } from '../catalog-target.js';
import type { AuditEventRequest } from '../data-storage/data-storage-api.js';
import type { DataStorageClient } from '../data-storage/data-storage-client.js';
import { eventIdOf, stampedFor } from './audit-event.js';
import type { AuditSpool } from './audit-spool.js';

/** One spool on its way to the catalog. */
export interface Sending {
  readonly spool: AuditSpool;
  readonly client: DataStorageClient;
  readonly clock: Clock;
  readonly refusals: Refusals;
  /** A request without a response may have arrived: the catalog is queried before anything is sent again. */
  unsure: boolean;
}

/** Events that the catalog will never take, which are given up. */
export interface Refusals {
  events: number;
  /** Of the first of them. */
  error: CatalogError | undefined;
  /** By the type of events, one by one. */
  readonly types: Map<string, { accepted: number; refused: number }>;
}

export function createRefusals(): Refusals {
  return { events: 0, error: undefined, types: new Map() };
}

/** One transaction of the service, and far below what any proxy refuses. */
const batchSize = 100;
const pageSize = 1000;
/** After this many refused events of a type, and none accepted, the whole type counts as refused. */
const enoughRefused = 3;

/**
 * Sends what is pending, in batches, until nothing is. What was sent without an answer is looked for by the run's
 * correlation id, since a batch arrives as a whole or not at all and carries our own ids in its data. Of a batch that the
 * catalog finds invalid, the events that make it so are found, by type first, and given up: no later run would fare better.
 *
 * @throws CATALOG_UNREACHABLE, and CATALOG_REFUSED for what is not about the events; what is pending stays so
 */
export async function sendSpool(sending: Sending, options: CatalogCallOptions = {}): Promise<void> {
  const { spool, refusals } = sending;
  for (;;) {
    const batch = spool.pending().slice(0, batchSize);
    if (batch.length === 0) return;
    if (sending.unsure) {
      await spool.confirm(await arrivedOf(sending, options));
      sending.unsure = false;
      continue;
    }
    const hopeless = batch.filter(({ event_type }) => isHopeless(refusals, event_type));
    if (hopeless.length > 0) await giveUp(sending, hopeless);
    else await sendBatch(sending, batch, options);
  }
}

async function sendBatch(
  sending: Sending,
  batch: readonly AuditEventRequest[],
  options: CatalogCallOptions,
): Promise<void> {
  const { spool, client, clock, refusals } = sending;
  sending.unsure = true;
  try {
    const now = clock.now();
    await client.writeAuditEvents(
      batch.map((event) => stampedFor(now, event)),
      options,
    );
  } catch (error) {
    if (isCatalogError(error) && !error.mayHaveHappened) sending.unsure = false;
    if (!isAboutEvents(error)) throw error;
    refusals.error ??= error;
    return narrow(sending, batch, options);
  }
  sending.unsure = false;
  for (const { event_type } of batch) countOf(refusals, event_type).accepted++;
  await spool.confirm(idsOf(batch));
}

/** Sends the parts of a batch that was refused. */
async function narrow(
  sending: Sending,
  batch: readonly AuditEventRequest[],
  options: CatalogCallOptions,
): Promise<void> {
  const { refusals } = sending;
  const [first] = batch;
  if (!first) return;
  if (batch.length === 1) {
    countOf(refusals, first.event_type).refused++;
    return giveUp(sending, batch);
  }
  for (const part of partsOf(batch, refusals)) {
    if (isHopeless(refusals, part[0]?.event_type ?? '')) await giveUp(sending, part);
    else await sendBatch(sending, part, options);
  }
}

/** Splits by type; a type that was not tried yet into both ends, the middle and the rest, to sample it; then into halves. */
function partsOf(batch: readonly AuditEventRequest[], { types }: Refusals): AuditEventRequest[][] {
  const found = new Set(batch.map(({ event_type }) => event_type));
  if (found.size > 1) return [...found].map((type) => batch.filter(({ event_type }) => event_type === type));
  const half = batch.length >> 1;
  const isNew = !types.has(batch[0]?.event_type ?? '');
  if (!isNew || batch.length <= enoughRefused) return [batch.slice(0, half), batch.slice(half)];
  const probes = [batch.slice(0, 1), batch.slice(half, half + 1), batch.slice(-1)];
  return [...probes, batch.slice(1, half), batch.slice(half + 1, -1)].filter(({ length }) => length > 0);
}

function giveUp({ spool, refusals }: Sending, events: readonly AuditEventRequest[]): Promise<void> {
  refusals.events += events.length;
  return spool.refuse(idsOf(events));
}

function isHopeless({ types }: Refusals, type: string): boolean {
  const { accepted = 0, refused = 0 } = types.get(type) ?? {};
  return accepted === 0 && refused >= enoughRefused;
}

function countOf({ types }: Refusals, type: string): { accepted: number; refused: number } {
  const count = types.get(type) ?? { accepted: 0, refused: 0 };
  types.set(type, count);
  return count;
}

function idsOf(events: readonly AuditEventRequest[]): string[] {
  return events.map(eventIdOf).filter((id) => id !== undefined);
}

/** What the service states of a body that it does not take; another sender or another day changes nothing of it. */
function isAboutEvents(error: unknown): error is CatalogError {
  if (!isCatalogError(error, 'CATALOG_REFUSED') || error.mayHaveHappened) return false;
  const { status, reason } = error;
  return [400, 413, 422].includes(status ?? 0) && (reason === 'invalid' || reason === 'generation');
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
