import { constants } from 'node:fs';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { errnoOf, writeError } from '../../fs/machine-error.js';
import type { ContextEntry } from './build-context.js';
import { contextBytes, contextFile } from './context-path.js';

const filesAtOnce = 16;

/**
 * Copies what a build sees of its context into an empty directory: without the content where the file system can share it.
 *
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function copyContext(
  directory: string,
  entries: readonly ContextEntry[],
  { target, signal }: { readonly target: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    // An ignored directory has no entry, but files in it may be kept: such directories are created here.
    const made = new Set(['']);
    for (const { kind, path } of entries) {
      signal?.throwIfAborted();
      const above = kind === 'directory' ? path : path.slice(0, Math.max(0, path.lastIndexOf('/')));
      if (made.has(above)) continue;
      await mkdir(contextFile(target, above), { recursive: true });
      made.add(above);
    }
    let next = 0;
    const worker = async () => {
      for (let entry = entries[next++]; entry !== undefined; entry = entries[next++]) {
        signal?.throwIfAborted();
        const place = contextFile(target, entry.path);
        if (entry.kind === 'link') await symlink(contextBytes(entry.target), place);
        if (entry.kind === 'file')
          await copyFile(contextFile(directory, entry.path), place, constants.COPYFILE_FICLONE).catch(
            // What is gone meanwhile is missed by the look at the context that follows each build.
            (error: unknown) => {
              if (errnoOf(error) !== 'ENOENT') throw error;
            },
          );
      }
    };
    await Promise.all(Array.from({ length: filesAtOnce }, worker));
  } catch (error) {
    signal?.throwIfAborted();
    throw writeError(error, `copy a build context to ${JSON.stringify(target)}`, target);
  }
}
