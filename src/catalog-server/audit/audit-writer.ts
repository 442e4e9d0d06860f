import type { Clock } from '../../async/clock.js';
import { databaseFailure } from '../database/database-failure.js';
import type { CatalogDatabase } from '../database/open-database.js';
import type { NewAuditEvent, NewNotification, NotificationRow } from '../database/tables.js';
import type { Log } from '../log.js';
import type { Spool } from './spool.js';
import { insertEvents, insertNotification } from './store-audit.js';

/** Writes the audit trail; while the database is away, into the spool, from where it follows in order. */
export interface AuditWriter {
  /** All or none, `stored` or `spooled`. */
  writeEvents(rows: readonly NewAuditEvent[]): Promise<'stored' | 'spooled'>;
  /** The row, `duplicate` where the notification is there already, or `spooled`. */
  writeNotification(row: NewNotification): Promise<NotificationRow | 'duplicate' | 'spooled'>;
  /** Waits for what is under way; what is in the spool stays there for the next one. */
  close(): Promise<void>;
}

export interface AuditWriterOptions {
  readonly database: CatalogDatabase;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Log;
}

type Spooled =
  | { readonly kind: 'event'; readonly row: NewAuditEvent }
  | { readonly kind: 'notification'; readonly row: NewNotification };

const firstPauseMs = 250;
const longestPauseMs = 2_000;

export function createAuditWriter({ database, spool, clock, log }: AuditWriterOptions): AuditWriter {
  const stop = new AbortController();
  let replaying: Promise<void> | undefined;

  const replayAll = async () => {
    let pauseMs = firstPauseMs;
    while (!stop.signal.aborted) {
      try {
        const segment = await spool.oldest();
        if (segment === undefined) return;
        await replay(segment.entries as readonly Spooled[], { database, log });
        await segment.remove();
        log('info', 'replayed what was spooled', { entries: segment.entries.length });
        pauseMs = firstPauseMs;
      } catch (error) {
        if (databaseFailure(error) !== 'away') log('error', 'cannot replay what was spooled', { error });
        await clock.sleep(pauseMs, stop.signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  };
  const startReplay = () => {
    replaying ??= replayAll().finally(() => {
      replaying = undefined;
      // What came while the last look was under way.
      if (spool.waiting > 0 && !stop.signal.aborted) startReplay();
    });
  };
  const keepAside = async (entries: readonly Spooled[]): Promise<'spooled'> => {
    await spool.append(entries);
    startReplay();
    return 'spooled';
  };
  /** What waits goes first, or the order would be lost. */
  const orSpool = async <T>(entries: readonly Spooled[], write: () => Promise<T>): Promise<T | 'spooled'> => {
    if (spool.waiting > 0) return keepAside(entries);
    try {
      return await write();
    } catch (error) {
      if (databaseFailure(error) !== 'away') throw error;
      log('warn', 'the database is away: keeping the audit trail aside', { error });
      return keepAside(entries);
    }
  };

  if (spool.waiting > 0) startReplay();
  return {
    writeEvents: (rows) =>
      orSpool(
        rows.map((row) => ({ kind: 'event', row })),
        () => insertEvents(database, rows).then(() => 'stored' as const),
      ),
    writeNotification: (row) =>
      orSpool(
        [{ kind: 'notification', row }],
        async () => (await insertNotification(database, row)) ?? 'duplicate',
      ),
    async close() {
      stop.abort();
      await replaying;
      await spool.close();
    },
  };
}

/** Stores entries in their order; one that was stored before, by its id, is not stored again. */
async function replay(
  entries: readonly Spooled[],
  { database, log }: { readonly database: CatalogDatabase; readonly log: Log },
): Promise<void> {
  let events: NewAuditEvent[] = [];
  const storeEvents = async () => {
    const rows = events;
    events = [];
    if (rows.length > 0) await storeOrRefuse(rows, { database, log });
  };
  for (const { kind, row } of entries) {
    if (kind === 'event') {
      events.push(row);
      continue;
    }
    await storeEvents();
    if ((await insertNotification(database, row)) === undefined) {
      log('warn', 'a notification was accepted twice; the first stays', {
        notification_id: row.notification_id,
      });
    }
  }
  await storeEvents();
}

/** One value that no column takes must not hold up the others. */
async function storeOrRefuse(
  rows: readonly NewAuditEvent[],
  { database, log }: { readonly database: CatalogDatabase; readonly log: Log },
): Promise<void> {
  try {
    await insertEvents(database, rows);
  } catch (error) {
    if (databaseFailure(error) !== 'value') throw error;
    if (rows.length === 1) {
      log('error', 'the database refuses an event that was accepted while it was away', { error, rows });
      return;
    }
    for (const row of rows) await storeOrRefuse([row], { database, log });
  }
}
