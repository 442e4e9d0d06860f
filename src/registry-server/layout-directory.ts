import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BundlesError } from '../errors.js';
import { errnoOf, readError } from '../fs/machine-error.js';
import { isRepository } from '../oci/repository-name.js';

/**
 * The OCI layout directory of a repository below the registry's root: the name itself, except that a component
 * which is a file or folder of a layout gets a leading underscore. A component never begins with one, so two
 * repositories never share a directory and none lies inside another's content (docs/adr/0002).
 * @throws REFERENCE_INVALID for a name outside the grammar, so the result never leaves the root
 */
export function layoutDirectory(root: string, repository: string): string {
  if (!isRepository(repository)) {
    throw new BundlesError(
      'REFERENCE_INVALID',
      `Cannot find the layout of the repository ${JSON.stringify(repository.slice(0, 300))}: not a repository name`,
      { hint: 'A repository name is lower-case letters and digits, joined by . _ __ - and /' },
    );
  }
  return join(root, ...repository.split('/').map(toFolder));
}

function toFolder(component: string): string {
  return component === 'blobs' || component === 'oci-layout' || component.startsWith('index.json')
    ? `_${component}`
    : component;
}

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
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw readError(error, `read ${JSON.stringify(directory)}`, { path: directory });
  }
}
