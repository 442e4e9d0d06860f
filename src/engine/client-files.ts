import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a client of podman's service names the secrets that it puts into a context. */
export const clientFile = /^podman-build-secret\d+$/;

/** Such files of a directory that are not among those that were `there` before. */
export async function clientFilesIn(
  directory: string,
  there: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => clientFile.test(name) && !there.has(name));
}

/** Removes what a client that was killed has left. */
export async function removeClientFiles(directory: string, there: ReadonlySet<string>): Promise<void> {
  for (const name of await clientFilesIn(directory, there))
    await unlink(join(directory, name)).catch(() => undefined);
}
