import { join } from 'node:path';

/** The response header of `/v2/` that carries the instance of an embedded registry. */
export const instanceHeader = 'bundles-registry-instance';

export function notesDirectory(root: string): string {
  return join(root, '.serving');
}
