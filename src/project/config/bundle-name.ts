import { isRepository } from '../../oci/repository-name.js';

/** True for one path component of a repository, short enough to be a file name on every system. */
export function isBundleName(text: string): boolean {
  return text.length <= 100 && !text.includes('/') && isRepository(text);
}
