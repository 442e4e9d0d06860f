import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readError } from '../fs/machine-error.js';
import { isAbsent } from './blob-files.js';

/** Where a registry keeps uploads that are not finished. */
export function uploadsDirectory(root: string): string {
  return join(root, '.uploads');
}

export interface SweptUploads {
  readonly left: number;
  readonly removed: number;
  readonly bytes: number;
}

/** Removes the uploads to which nobody has written since `before`, in milliseconds since 1970. */
export async function sweepUploads(
  root: string,
  { before, dryRun = false }: { readonly before: number; readonly dryRun?: boolean },
): Promise<SweptUploads> {
  const directory = uploadsDirectory(root);
  const swept = { left: 0, removed: 0, bytes: 0 };
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    const stats = await stat(path).catch(() => undefined);
    if (!stats) continue;
    const isUpload = stats.isFile();
    if (stats.mtimeMs >= before) {
      if (isUpload) swept.left++;
      continue;
    }
    if (!dryRun) await rm(path, { recursive: true, force: true });
    if (!isUpload) continue;
    swept.removed++;
    swept.bytes += stats.size;
  }
  return swept;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw readError(error, `read ${JSON.stringify(directory)}`, { path: directory });
  }
}
