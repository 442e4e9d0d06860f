import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import type { LeftReference, ReferencedBundles, UpdatedReference } from './find-references.js';
import { updateReferences } from './update-references.js';
import { type Skipped, walkTexts } from './walk-texts.js';

export interface UpdatedFile {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** From the root, with `/`. */
  readonly relativePath: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly references: readonly UpdatedReference[];
}

export interface LeftInFile extends LeftReference {
  readonly path: string;
}

export interface UpdatedFiles {
  /** Those that change, by path. */
  readonly files: readonly UpdatedFile[];
  readonly left: readonly LeftInFile[];
  /** Every file with a reference to a bundle of the lock, by its path from the root, as it is. */
  readonly known: ReadonlyMap<string, Uint8Array>;
  readonly skipped: Readonly<Skipped>;
}

export interface UpdateFilesRequest {
  /** The repository's directory; nothing outside of it is read. */
  readonly root: string;
  /** Files and directories; symbolic links in them are not followed. */
  readonly paths: readonly string[];
  /** Files and directories that have another owner: the lock itself, for example. */
  readonly leaveOut: readonly string[];
  readonly bundles: ReferencedBundles;
  readonly pin: boolean;
}

/** What the references of some files are to become; nothing is written. @throws as walkTexts */
export async function updateFiles(
  { root, paths, leaveOut, bundles, pin }: UpdateFilesRequest,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<UpdatedFiles> {
  const files: UpdatedFile[] = [];
  const left: LeftInFile[] = [];
  const known = new Map<string, Uint8Array>();
  const skipped: Skipped = { links: 0, binary: 0, large: 0 };
  for await (const { path, relativePath, bytes } of walkTexts(paths, { root, leaveOut, signal }, skipped)) {
    const updated = updateReferences(bytes, bundles, { pin, path: relativePath });
    if (updated.known > 0) known.set(relativePath, bytes);
    left.push(...updated.left.map((one) => ({ path: relativePath, ...one })));
    if (updated.updated.length === 0) continue;
    const references = updated.updated;
    files.push({ path, relativePath, before: bytes, after: updated.bytes, references });
  }
  return { files, left, known, skipped };
}

/** Writes them, each in one step. @throws NOT_WRITABLE, DISK_FULL */
export async function writeUpdates(
  files: readonly UpdatedFile[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  // What a crash loses of them, git and the next run have.
  for (const { path, after } of files)
    await writeFileAtomic(path, after, { durable: false, ...(signal ? { signal } : {}) });
}
