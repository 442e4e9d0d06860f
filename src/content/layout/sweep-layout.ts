import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../async/clock.js';
import { isBundlesError } from '../../errors.js';
import { errnoOf, readError, writeError } from '../../fs/machine-error.js';
import { sweepTemporaryFiles } from '../../fs/temporary-file.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { type Digest, isDigest } from '../../oci/digest.js';
import { createNamedContentReader, type NamedContent } from '../named-content.js';
import type { CallOptions } from '../store.js';
import { createLayoutBlobs } from './layout-blobs.js';
import { isNamedEntry, type LayoutEntry } from './layout-entries.js';
import { readIndexFile } from './layout-files.js';
import { createLayoutIndex } from './layout-index.js';
import { openLayoutStore } from './layout-store.js';

export interface SweepLayoutOptions extends CallOptions {
  readonly clock: Clock;
  /** Content written or used within this time stays: a client may be about to name it. */
  readonly graceMs: number;
  /** Also manifests without a tag which no tagged one names, and which refer to none. Default false. */
  readonly untagged?: boolean;
  /** States what would be removed and removes nothing. Default false. */
  readonly dryRun?: boolean;
}

/** The number of blobs and manifests that were freed, and their bytes. */
export interface SweptLayout {
  /** Files removed, manifests among them. */
  readonly blobs: number;
  /** Manifests taken off the index. */
  readonly manifests: number;
  /** Bytes that are free now; a file that another layout shares frees none. */
  readonly bytes: number;
}

interface Swept {
  blobs: number;
  manifests: number;
  bytes: number;
}

/** Pushes wait while the lock is held, so it is held for a part of the work at a time. */
const filesPerTurn = 200;

/**
 * Removes from a layout what no manifest names. Others may write to it meanwhile: everything is decided again under
 * the lock of the index, and anyone who lists a manifest looks under that same lock whether its content is still there.
 * @throws NOT_FOUND, DIGEST_MISMATCH for a listed manifest that cannot be read: what it names is not known, so nothing is removed
 */
export async function sweepLayout(directory: string, options: SweepLayoutOptions): Promise<SweptLayout> {
  const { clock, graceMs, untagged = false, dryRun = false, signal } = options;
  const before = clock.now() - graceMs;
  const store = openLayoutStore(directory, { clock });
  const read = createNamedContentReader(store);
  const old = await listOldFiles(directory, before);
  const plan = (entries: readonly LayoutEntry[]) => planSweep(entries, { old, untagged, read });
  const first = await plan((await readIndexFile(directory))?.entries ?? []);
  const swept: Swept = { blobs: 0, manifests: 0, bytes: 0 };
  if (dryRun) {
    for (const digest of first.garbage) countFile(swept, old.get(digest));
    return { ...swept, manifests: first.dropped.size };
  }
  await sweepTemporaryFiles(join(directory, '.tmp'), join(directory, 'oci-layout'));
  const blobs = createLayoutBlobs(directory, { durable: true, clock });
  const index = createLayoutIndex(directory, { blobs, clock, durable: true, timeoutMs: 30_000 });
  const candidates = [...first.garbage];
  for (let start = 0; start < candidates.length; start += filesPerTurn) {
    let now = first;
    await index.update(
      async (entries) => {
        now = await plan(entries);
        return now.dropped.size === 0 ? entries : entries.filter(({ digest }) => !now.dropped.has(digest));
      },
      {
        signal,
        async afterwards() {
          swept.manifests += now.dropped.size;
          for (const digest of candidates.slice(start, start + filesPerTurn)) {
            if (now.garbage.has(digest)) countFile(swept, await removeOldFile(directory, digest, before));
          }
        },
      },
    );
  }
  return swept;
}

interface Plan {
  /** Manifests to take off the index. */
  readonly dropped: ReadonlySet<Digest>;
  /** Files to remove. */
  readonly garbage: ReadonlySet<Digest>;
}

async function planSweep(
  entries: readonly LayoutEntry[],
  {
    old,
    untagged,
    read,
  }: {
    readonly old: ReadonlyMap<Digest, OldFile>;
    readonly untagged: boolean;
    readonly read: (manifest: Descriptor) => Promise<NamedContent>;
  },
): Promise<Plan> {
  const kept = new Set<Digest>();
  const keep = async (manifest: Descriptor, listed: boolean): Promise<void> => {
    if (kept.has(manifest.digest)) return;
    // An index may name manifests that were never pushed here.
    const named = await read(manifest).catch((error: unknown) => {
      if (listed || !isBundlesError(error, 'NOT_FOUND')) throw error;
    });
    if (!named) return;
    kept.add(manifest.digest);
    for (const child of named.manifests) await keep(child, false);
    for (const digest of named.digests) kept.add(digest);
  };
  let others: LayoutEntry[] = [];
  for (const entry of entries) {
    if (untagged && !isNamedEntry(entry) && old.has(entry.digest)) others.push(entry);
    else await keep(entry, true);
  }
  // A signature belongs to what it signs, and another may sign the signature.
  for (let found = true; found; ) {
    found = false;
    const left: LayoutEntry[] = [];
    for (const entry of others) {
      const { subject } = await read(entry);
      if (!kept.has(entry.digest) && (subject === undefined || !kept.has(subject))) left.push(entry);
      else {
        await keepListed(entry);
        found = true;
      }
    }
    others = left;
  }
  const dropped = new Set(others.map(({ digest }) => digest).filter((digest) => !kept.has(digest)));
  return { dropped, garbage: new Set([...old.keys()].filter((digest) => !kept.has(digest))) };

  async function keepListed(entry: LayoutEntry): Promise<void> {
    // It may be kept as something named, and not yet for what it names itself.
    kept.delete(entry.digest);
    await keep(entry, true);
  }
}

interface OldFile {
  readonly size: number;
  /** Another name holds the same bytes. */
  readonly shared: boolean;
}

function countFile(swept: Swept, file: OldFile | undefined): void {
  if (!file) return;
  swept.blobs++;
  if (!file.shared) swept.bytes += file.size;
}

async function listOldFiles(directory: string, before: number): Promise<Map<Digest, OldFile>> {
  const old = new Map<Digest, OldFile>();
  for (const algorithm of ['sha256', 'sha512']) {
    const folder = join(directory, 'blobs', algorithm);
    for (const name of await namesIn(folder)) {
      const digest = `${algorithm}:${name}`;
      const file = isDigest(digest) ? await oldFile(join(folder, name), before) : undefined;
      if (file) old.set(digest as Digest, file);
    }
  }
  return old;
}

/** By both times: a link to an old file, or its renaming, changes only the second. */
async function oldFile(path: string, before: number): Promise<OldFile | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile() || Math.max(stats.mtimeMs, stats.ctimeMs) > before) return undefined;
  return { size: stats.size, shared: stats.nlink > 1 };
}

async function removeOldFile(
  directory: string,
  digest: Digest,
  before: number,
): Promise<OldFile | undefined> {
  const path = join(directory, 'blobs', ...digest.split(':'));
  const file = await oldFile(path, before);
  if (!file) return undefined;
  try {
    await unlink(path);
    return file;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw writeError(error, `delete ${digest} from ${JSON.stringify(directory)}`, directory);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw readError(error, `read ${JSON.stringify(directory)}`, { path: directory });
  }
}
