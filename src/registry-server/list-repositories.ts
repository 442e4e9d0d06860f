import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readError } from '../fs/machine-error.js';
import { isRepository } from '../oci/repository-name.js';
import { isAbsent } from './blob-files.js';
import { layoutDirectory } from './layout-directory.js';

/** The names of all repositories below a registry's root, sorted; links are not followed. @throws NOT_READABLE */
export async function listRepositories(root: string): Promise<string[]> {
  const names: string[] = [];
  const waiting: string[][] = [[]];
  for (let folders = waiting.pop(); folders !== undefined; folders = waiting.pop()) {
    const entries = await entriesOf(join(root, ...folders));
    // A component of a name never begins with an underscore: see layoutDirectory.
    const name = folders.map((folder) => folder.replace(/^_/, '')).join('/');
    const isLayout = entries.some((entry) => entry.name === 'oci-layout' && entry.isFile());
    if (isLayout && isRepository(name) && layoutDirectory(root, name) === join(root, ...folders))
      names.push(name);
    for (const entry of entries) {
      const isContent = entry.name === 'blobs' || entry.name.startsWith('.');
      if (entry.isDirectory() && !isContent) waiting.push([...folders, entry.name]);
    }
  }
  return names.sort();
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw readError(error, `read ${JSON.stringify(directory)}`, { path: directory });
  }
}
