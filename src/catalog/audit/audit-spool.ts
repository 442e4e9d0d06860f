import { appendFile, readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isBundlesError } from '../../errors.js';
import { errnoOf, readError, writeError } from '../../fs/machine-error.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { isMapping } from '../../schema/member.js';
import type { AuditEventRequest } from '../data-storage/data-storage-api.js';
import { eventIdOf } from './audit-event.js';

/**
 * The events of one run that the catalog has not confirmed: a file of JSON lines, one for each event and one for each
 * confirmation or refusal, so that a killed run leaves what is needed to go on.
 */
export interface AuditSpool {
  readonly correlationId: string;
  /** In the order of their time. An event is pending once the file has it, or cannot have it. */
  pending(): readonly AuditEventRequest[];
  /** Resolves once the file has it. @throws NOT_WRITABLE, DISK_FULL */
  append(event: AuditEventRequest): Promise<void>;
  /** @throws NOT_WRITABLE, DISK_FULL */
  confirm(eventIds: readonly string[]): Promise<void>;
  /** Gives events up that the catalog will never take. @throws NOT_WRITABLE, DISK_FULL */
  refuse(eventIds: readonly string[]): Promise<void>;
  /** Waits for what is being written. */
  settled(): Promise<void>;
  remove(): Promise<void>;
}

const suffix = '.jsonl';
const namePattern = /^[A-Za-z0-9][A-Za-z0-9-]{7,127}$/;
/** Hundreds of thousands of events. */
const sizeLimit = 256 * 1024 * 1024;

/** Where the spools of a state directory lie. */
export function spoolDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'audit');
}

/** The correlation ids of runs that left a spool, oldest name first. @throws NOT_READABLE */
export async function listSpools(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw readError(error, `list ${JSON.stringify(directory)}`, { path: directory });
  });
  return names
    .filter((name) => name.endsWith(suffix) && namePattern.test(name.slice(0, -suffix.length)))
    .map((name) => name.slice(0, -suffix.length))
    .sort();
}

/** The path under which a process has a run's spool for itself. */
export function spoolLock(directory: string, correlationId: string): string {
  return `${spoolPath(directory, correlationId)}.lock`;
}

function spoolPath(directory: string, correlationId: string): string {
  return join(directory, `${correlationId}${suffix}`);
}

/** Opens the spool of a run, with what an earlier process left in it. @throws NOT_READABLE */
export async function openSpool(directory: string, correlationId: string): Promise<AuditSpool> {
  if (!namePattern.test(correlationId)) throw new TypeError('a correlation id has letters, digits and -');
  const path = spoolPath(directory, correlationId);
  const text = await readSpool(path);
  const pending = new Map<string, AuditEventRequest>();
  for (const line of text.split('\n')) take(pending, line);
  // A killed process may have left half a line, which must stay the only one that is lost.
  const write = createWriter(path, { directory, ragged: text !== '' && !text.endsWith('\n') });
  return {
    correlationId,
    pending: () => [...pending.values()],
    // Sent only when the file has it: else a killed run could have sent what no file records.
    append: (event) => write({ event }).finally(() => pending.set(eventIdOf(event) ?? '', event)),
    confirm(eventIds) {
      const known = eventIds.filter((id) => pending.delete(id));
      return known.length === 0 ? Promise.resolve() : write({ sent: known });
    },
    refuse(eventIds) {
      const known = eventIds.filter((id) => pending.delete(id));
      return known.length === 0 ? Promise.resolve() : write({ refused: known });
    },
    settled: () => write(undefined),
    async remove() {
      await write(undefined);
      await unlink(path).catch((error: unknown) => {
        if (errnoOf(error) !== 'ENOENT') throw writeError(error, `remove ${JSON.stringify(path)}`, path);
      });
    },
  };
}

async function readSpool(path: string): Promise<string> {
  try {
    const limits = { limit: sizeLimit, missing: 'NOT_FOUND', tooLarge: 'NOT_READABLE' } as const;
    const linksWithin = dirname(path);
    return new TextDecoder().decode(await readFileCapped(path, { ...limits, linksWithin }));
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return '';
    throw error;
  }
}

/** Takes up the event or the confirmations that a line holds. */
function take(pending: Map<string, AuditEventRequest>, line: string): void {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return;
  }
  if (!isMapping(record)) return;
  for (const ids of [record.sent, record.refused])
    if (Array.isArray(ids)) for (const id of ids) pending.delete(String(id));
  if (!isMapping(record.event) || !isMapping(record.event.event_data)) return;
  const event = record.event as unknown as AuditEventRequest;
  const id = eventIdOf(event);
  if (id !== undefined) pending.set(id, event);
}

/** Appends records in their order; those that come while one is being written go into the next write together. */
function createWriter(
  path: string,
  { directory, ragged }: { readonly directory: string; readonly ragged: boolean },
): (record: object | undefined) => Promise<void> {
  let waiting = ragged ? '\n' : '';
  let next: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return (record) => {
    if (record === undefined) return (next ?? last).then(() => undefined);
    waiting += `${JSON.stringify(record)}\n`;
    if (next === undefined) {
      const started = last.then(async () => {
        const text = waiting;
        waiting = '';
        next = undefined;
        try {
          await makeDirectory(directory);
          await appendFile(path, text);
        } catch (error) {
          throw writeError(error, `write ${JSON.stringify(path)}`, path);
        }
      });
      next = started;
      last = started.catch(() => undefined);
    }
    return next;
  };
}
