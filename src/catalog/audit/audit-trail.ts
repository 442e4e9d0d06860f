import { randomUUID } from 'node:crypto';
import type { Clock } from '../../async/clock.js';
import { systemClock } from '../../async/system-clock.js';
import { BundlesError, isBundlesError, toBundlesError } from '../../errors.js';
import { withFileLock } from '../../fs/file-lock.js';
import { makeDirectory } from '../../fs/make-directory.js';
import type { DataStorageClient } from '../data-storage/data-storage-client.js';
import { type AuditNote, toAuditEvent } from './audit-event.js';
import { type AuditSpool, listSpools, openSpool, spoolLock } from './audit-spool.js';
import { createRefusals, type Sending, sendSpool } from './send-spool.js';

/** Where a trail keeps its events and sends them. */
export interface AuditTrailOptions {
  /** A client that does not retry: the trail limits its own retries. */
  readonly client: DataStorageClient;
  /** Where events are kept until the catalog has confirmed them. */
  readonly directory: string;
  /** Default: that of this machine. */
  readonly clock?: Clock | undefined;
  /** Common to all events of a run. Default: a new one. */
  readonly correlationId?: string;
}

/** Takes the audit events of one run. */
export interface AuditTrail {
  readonly correlationId: string;
  /** Keeps the event in the spool and sends it when it can; waits for the spool alone, and never fails. */
  record(note: AuditNote): Promise<void>;
  /** Sends what is left for at most so long. What is not sent then is sent by the next run. */
  close(options: { readonly withinMs: number }): Promise<AuditReport>;
}

/** What became of the events of a trail when it was closed. */
export interface AuditReport {
  /** Events of this run that wait in the spool. */
  readonly waiting: number;
  /** Why, as far as it is known. */
  readonly error: BundlesError | undefined;
  /** Events that the catalog will never take, those of earlier runs included: they are given up. */
  readonly refused: number;
  /** Its own words about the first of them. */
  readonly refusal: BundlesError | undefined;
}

/** Events come in bursts. */
const gatherMs = 100;
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;

/**
 * Brings the audit events of a run to the catalog while the run works. Each event is in a file before it is sent and until the catalog has
 * confirmed it: none is lost while the catalog is away, and none is sent twice. `record` never rejects; `close` reports what is waiting.
 *
 * @throws NOT_WRITABLE, DISK_FULL
 * @example
 * ```ts
 * import { createAuditTrail, createDataStorageClient } from 'tekton-bundles/catalog';
 * import { createNodeTransport } from 'tekton-bundles/registry';
 * import { startCatalog } from 'tekton-bundles/testing';
 *
 * await using server = await startCatalog();
 * const send = createNodeTransport();
 * const client = createDataStorageClient({ send, url: server.url, attempts: 1 });
 * const trail = await createAuditTrail({ client, directory: 'spool' });
 * await trail.record({
 *   type: 'bundle.published',
 *   outcome: 'success',
 *   severity: 'info',
 *   resource: { type: 'Bundle', id: 'hello-world' },
 *   data: {},
 * });
 * const { waiting, refused } = await trail.close({ withinMs: 10_000 });
 * console.log(waiting, refused); // 0 0
 * await send.close();
 * ```
 */
export async function createAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const { client, directory, clock = systemClock, correlationId = `bundles-${randomUUID()}` } = options;
  const leftovers = await claimLeftovers(options);
  const spool = await openSpool(directory, correlationId);
  await makeDirectory(directory);
  const ownership = await hold(spoolLock(directory, correlationId), clock);
  const stop = new AbortController();
  const wake = createSignal();
  const refusals = createRefusals();
  const sending: Sending = { spool, client, clock, refusals, unsure: false };
  let closing = false;
  let failure: BundlesError | undefined;

  const pump = async () => {
    await sendLeftovers(leftovers, { client, clock, refusals, signal: stop.signal });
    for (let failures = 0; ; ) {
      if (spool.pending().length === 0) {
        if (closing) return;
        await wake.wait();
        continue;
      }
      if (!closing) await Promise.race([clock.sleep(gatherMs, stop.signal), wake.closed]);
      failure = await trySend(sending, stop.signal);
      if (failure === undefined) failures = 0;
      else if (closing || stop.signal.aborted || isRefusal(failure)) return;
      else await Promise.race([clock.sleep(pauseMs(++failures), stop.signal), wake.closed]);
    }
  };
  const pumping = pump().catch((error: unknown) => {
    if (!stop.signal.aborted) failure = toBundlesError(error);
  });

  return {
    correlationId,
    async record(note) {
      const event = toAuditEvent(note, { eventId: randomUUID(), correlationId, at: clock.now() });
      await spool.append(event).catch((error: unknown) => {
        failure ??= toBundlesError(error);
      });
      wake.ring();
    },
    async close({ withinMs }) {
      closing = true;
      wake.close();
      const timer = new AbortController();
      const late = clock.sleep(withinMs, timer.signal).then(
        () => stop.abort(tooLate()),
        () => undefined,
      );
      await Promise.race([pumping, late]);
      timer.abort();
      stop.abort();
      await pumping;
      const waiting = spool.pending().length;
      await (waiting === 0 ? spool.remove() : spool.settled()).catch((error: unknown) => {
        failure ??= toBundlesError(error);
      });
      await ownership.release();
      const error = waiting === 0 && failure?.code.startsWith('CATALOG_') ? undefined : failure;
      return { waiting, error, refused: refusals.events, refusal: refusals.error };
    },
  };
}

interface Leftover {
  readonly leftover: AuditSpool;
  release(): Promise<void>;
}

/** Spools whose process is gone, each held so that no other run sends it too. */
async function claimLeftovers({ directory, clock = systemClock }: AuditTrailOptions): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const id of await listSpools(directory).catch(() => [])) {
    try {
      const { release } = await hold(spoolLock(directory, id), clock);
      const leftover = await openSpool(directory, id).catch(async (error: unknown) => {
        await release();
        throw error;
      });
      found.push({
        leftover,
        async release() {
          if (leftover.pending().length === 0) await leftover.remove().catch(() => undefined);
          await release();
        },
      });
    } catch (error) {
      // A running process holds it, or it is not readable: another process sends it, or the user repairs it.
      if (!isBundlesError(error)) throw error;
    }
  }
  return found;
}

/** One after the other, until the catalog fails at one. */
async function sendLeftovers(
  leftovers: readonly Leftover[],
  { signal, ...way }: Pick<Sending, 'client' | 'clock' | 'refusals'> & { readonly signal: AbortSignal },
): Promise<void> {
  let failure: BundlesError | undefined;
  for (const { leftover, release } of leftovers) {
    try {
      if (failure === undefined && !signal.aborted)
        failure = await trySend({ spool: leftover, ...way, unsure: true }, signal);
    } finally {
      await release();
    }
  }
}

/** Takes a spool's lock and keeps it. @throws BUSY at once where another process has it */
async function hold(lock: string, clock: Clock): Promise<{ release(): Promise<void> }> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return new Promise((resolve, reject) => {
    const holding = withFileLock(
      lock,
      () => {
        resolve({
          release() {
            end();
            return holding;
          },
        });
        return ended;
      },
      { clock, timeoutMs: 0 },
    );
    holding.catch(reject);
  });
}

async function trySend(sending: Sending, signal: AbortSignal): Promise<BundlesError | undefined> {
  try {
    await sendSpool(sending, { signal });
    return undefined;
  } catch (error) {
    return toBundlesError(signal.aborted ? signal.reason : error);
  }
}

function tooLate(): BundlesError {
  return new BundlesError('CATALOG_UNREACHABLE', 'Cannot send the audit events: the catalog takes too long', {
    hint: 'They wait in the state directory, and the next run sends them',
  });
}

/** Asking again within this run would bring the same answer. */
function isRefusal(error: BundlesError): boolean {
  return error.code === 'CATALOG_REFUSED';
}

function pauseMs(failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
}

/** Lets one waiter wait for a ring, or for the end. */
function createSignal() {
  let ring = () => {};
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  return {
    closed,
    ring: () => ring(),
    close: () => close(),
    wait: () =>
      Promise.race([
        closed,
        new Promise<void>((resolve) => {
          ring = resolve;
        }),
      ]),
  };
}
