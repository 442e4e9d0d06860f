import { createHash } from 'node:crypto';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileCapped } from '../fs/read-file-capped.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';

/** Which project needs which image: what keeps `images prune` from removing it. */
export interface ImageUse {
  /** The absolute path of the project's file. */
  readonly file: string;
  readonly image: string;
  /** `repository:key-…`. */
  readonly reference: string;
}

/** Notes it beside the build slots, which all projects of this user share, before the image is built. */
export async function noteImageUse(directory: string, use: ImageUse): Promise<void> {
  const file = await realpath(use.file);
  const name = createHash('sha256').update(`${file}\n${use.image}`).digest('hex').slice(0, 24);
  const text = `${JSON.stringify({ version: 1, ...use, file })}\n`;
  await writeFileAtomic(join(directory, `use-${name}.json`), text, { onlyIfChanged: true, durable: false });
}

/** The uses of projects whose file is still there. Files that make no sense count for nothing. */
export async function readImageUses(directory: string): Promise<ImageUse[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) =>
    /^use-[a-f0-9]{24}\.json$/.test(name),
  );
  const uses = await Promise.all(names.slice(0, 10_000).map((name) => readUse(join(directory, name))));
  return uses.filter((use) => use !== undefined);
}

async function readUse(path: string): Promise<ImageUse | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return undefined;
    const bytes = await readFileCapped(path, { limit: 64 * 1024, missing: 'NOT_FOUND' });
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const { file, image, reference } = value as Partial<Record<keyof ImageUse, unknown>>;
    if (typeof file !== 'string' || typeof image !== 'string' || typeof reference !== 'string')
      return undefined;
    return (await stat(file)).isFile() ? { file, image, reference } : undefined;
  } catch {
    return undefined;
  }
}
