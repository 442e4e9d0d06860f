import { createHash, randomBytes } from 'node:crypto';
import { chmod, lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { getuid } from 'node:process';
import { createLimiter } from '../async/limiter.js';
import { errnoOf } from '../fs/machine-error.js';
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

/**
 * Records the use beside the build slots, which all projects of this user share, before the image is built. In a
 * directory of all users, other users' files can be neither replaced nor trusted to stay, so it uses a free name.
 *
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function noteImageUse(directory: string, use: ImageUse): Promise<void> {
  const file = await realpath(use.file);
  const text = `${JSON.stringify({ version: 1, ...use, file })}\n`;
  const usual = nameOf([String(getuid?.() ?? ''), file, use.image].join('\n'));
  const path = join(
    directory,
    (await isTaken(join(directory, usual))) ? await ownName(directory, text) : usual,
  );
  await writeFileAtomic(path, text, { onlyIfChanged: true, durable: false });
  // Whatever the umask: a use that others cannot read would keep nothing from them.
  await chmod(path, 0o644).catch(() => undefined);
}

/** The name under which the same use is recorded already, or an unguessable new one. */
async function ownName(directory: string, text: string): Promise<string> {
  for (const { path, uid } of await useFiles(directory)) {
    if (uid === getuid?.() && (await readFile(path, 'utf8').catch(() => '')) === text) return basename(path);
  }
  return nameOf(randomBytes(24).toString('hex'));
}

/** True if another user owns the file at the path. */
async function isTaken(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && (!found.isFile() || (getuid !== undefined && found.uid !== getuid()));
}

const nameOf = (text: string) => `use-${createHash('sha256').update(text).digest('hex').slice(0, 24)}.json`;

/** Files that are read of each other user: a user with more hides only their own. */
const mostForeignFiles = 2_000;
const atOnce = 16;

/** The uses of projects whose file is still there, or in a place that this user cannot look into. Files that make no sense count for nothing. */
export async function readImageUses(directory: string): Promise<ImageUse[]> {
  const limiter = createLimiter(atOnce);
  const files = await useFiles(directory);
  const uses = await Promise.all(files.map(({ path }) => limiter.run(() => readUse(path))));
  return uses.filter((use) => use !== undefined);
}

async function useFiles(directory: string): Promise<{ readonly path: string; readonly uid: number }[]> {
  const counts = new Map<number, number>();
  const files: { path: string; uid: number }[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    if (!/^use-[a-f0-9]{24}\.json$/.test(name)) continue;
    const path = join(directory, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isFile()) continue;
    const count = (counts.get(found.uid) ?? 0) + 1;
    counts.set(found.uid, count);
    if (found.uid === 0 || found.uid === getuid?.() || count <= mostForeignFiles)
      files.push({ path, uid: found.uid });
  }
  return files;
}

async function readUse(path: string): Promise<ImageUse | undefined> {
  try {
    const bytes = await readFileCapped(path, { limit: 64 * 1024, missing: 'NOT_FOUND' });
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const { file, image, reference } = value as Partial<Record<keyof ImageUse, unknown>>;
    if (typeof file !== 'string' || typeof image !== 'string' || typeof reference !== 'string')
      return undefined;
    return (await isThere(file)) ? { file, image, reference } : undefined;
  } catch {
    return undefined;
  }
}

/** False only where it is known that no such file exists: a home of another user cannot be looked into. */
async function isThere(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    const errno = errnoOf(error);
    return errno !== undefined && errno !== 'ENOENT' && errno !== 'ENOTDIR';
  }
}
