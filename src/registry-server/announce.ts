import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../fs/make-directory.js';
import { formatIdentity, ownIdentity } from '../fs/process-identity.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import { instancePattern, notesDirectory } from './running-registry.js';

/**
 * Leaves a note in the state directory that a registry serves it at `url`; `instance` is what its handler was
 * given. Each registry has its own note, so that several may serve one directory. A killed process leaves its note
 * behind: findRunningRegistry asks before it believes one.
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function announceRegistry(
  root: string,
  { url, instance }: { readonly url: string; readonly instance: string },
): Promise<{ withdraw(): Promise<void> }> {
  if (!instancePattern.test(instance)) throw new TypeError('instance must be 8 to 64 letters, digits and -');
  const directory = notesDirectory(root);
  const path = join(directory, `${instance}.json`);
  await makeDirectory(directory);
  const process = formatIdentity(await ownIdentity());
  await writeFileAtomic(path, `${JSON.stringify({ url, instance, process })}\n`, { durable: false });
  return { withdraw: () => unlink(path).catch(() => undefined) };
}
