import { join } from 'node:path';
import { BundlesError } from '../errors.js';
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
