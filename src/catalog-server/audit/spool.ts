import { type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { syncDirectory } from '../../fs/write-file-atomic.js';

/** Entries that wait on disk, oldest first, until they are taken. One process at a time has it open. */
export interface Spool {
  /** How many entries wait. */
  readonly waiting: number;
  /** Resolves once the disk has all of them. @throws DISK_FULL, NOT_WRITABLE */
  append(entries: readonly unknown[]): Promise<void>;
  /** The oldest entries, as many as one file holds; they wait until they are removed. */
  oldest(): Promise<SpoolSegment | undefined>;
  close(): Promise<void>;
}

export interface SpoolSegment {
  readonly entries: readonly unknown[];
  remove(): Promise<void>;
}

export interface SpoolOptions {
  /** Bytes of all that waits. Default 1 GiB. */
  readonly limitBytes?: number;
}

const segmentBytes = 4 * 1024 * 1024;
const segmentPattern = /^\d{12}\.jsonl$/;

/**
 * Opens the spool of a directory with what an earlier process left there. Files are only ever appended to by the one
 * that began them, so a line that a killed process wrote in part ends its file and was never acknowledged.
 */
export async function openSpool(
  directory: string,
  { limitBytes = 1024 * 1024 * 1024 }: SpoolOptions = {},
): Promise<Spool> {
  await makeDirectory(directory);
  const names = (await readdir(directory)).filter((name) => segmentPattern.test(name)).sort();
  const counts = new Map<string, number>();
  let bytes = 0;
  for (const name of names) {
    const { entries, size } = await readSegment(join(directory, name));
    counts.set(name, entries.length);
    bytes += size;
  }
  let next = Number.parseInt(names.at(-1) ?? '0', 10) + 1;
  let current: { readonly name: string; readonly handle: FileHandle; size: number } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time. What waits together is written together. */
  const queue: { readonly lines: string; readonly count: number; settle(error?: unknown): void }[] = [];
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };
  const endCurrent = async () => {
    const ended = current;
    current = undefined;
    await ended?.handle.close().catch(() => undefined);
  };
  const begin = async () => {
    const name = `${String(next++).padStart(12, '0')}.jsonl`;
    const handle = await open(join(directory, name), 'ax');
    await syncDirectory(directory);
    counts.set(name, 0);
    return { name, handle, size: 0 };
  };
  const flush = async () => {
    const batch = queue.splice(0);
    if (batch.length === 0) return;
    try {
      const text = Buffer.from(batch.map(({ lines }) => lines).join(''));
      if (bytes + text.length > limitBytes) throw spoolFull(directory, limitBytes);
      current ??= await begin();
      await current.handle.appendFile(text);
      await current.handle.datasync();
      bytes += text.length;
      current.size += text.length;
      const added = batch.reduce((sum, { count }) => sum + count, 0);
      counts.set(current.name, (counts.get(current.name) ?? 0) + added);
      if (current.size >= segmentBytes) await endCurrent();
      for (const { settle } of batch) settle();
    } catch (error) {
      // The file may end with a partial line: nothing may be appended to it.
      await endCurrent();
      for (const { settle } of batch) settle(error);
    }
  };

  return {
    get waiting() {
      let sum = queue.reduce((all, { count }) => all + count, 0);
      for (const count of counts.values()) sum += count;
      return sum;
    },
    append(entries) {
      const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      return new Promise((resolve, reject) => {
        const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        queue.push({ lines, count: entries.length, settle });
        void inTurn(flush);
      });
    },
    oldest: () =>
      inTurn(async () => {
        const name = [...counts.keys()][0];
        if (name === undefined) return undefined;
        if (name === current?.name) await endCurrent();
        const path = join(directory, name);
        const { entries, size } = await readSegment(path);
        const remove = () =>
          inTurn(async () => {
            await unlink(path);
            counts.delete(name);
            bytes -= size;
          });
        return { entries, remove };
      }),
    close: () => inTurn(endCurrent),
  };
}

async function readSegment(
  path: string,
): Promise<{ readonly entries: readonly unknown[]; readonly size: number }> {
  const content = await readFileCapped(path, { limit: 1024 * 1024 * 1024, missing: 'NOT_FOUND' });
  const lines = new TextDecoder().decode(content).split('\n').slice(0, -1);
  const entries: unknown[] = [];
  for (const line of lines) {
    try {
      entries.push(JSON.parse(line));
    } catch {
      // Only a disk that lied about its sync leaves such a line before the last.
    }
  }
  return { entries, size: content.length };
}

function spoolFull(directory: string, limit: number): BundlesError {
  return new BundlesError(
    'DISK_FULL',
    `Cannot spool in ${JSON.stringify(directory)}: more than the ${limit} bytes allowed wait there`,
    { hint: 'Bring the database back; what waits is written to it then', details: { directory, limit } },
  );
}
