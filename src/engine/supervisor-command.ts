import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BundlesError } from '../errors.js';

/**
 * The arguments with which Node starts the supervisor of a build, before its order: a file beside this one; parts of
 * the library may be in a separate folder. `bundles.mjs`, a single file, replaces this module and starts itself.
 */
export function supervisorCommand(): readonly string[] {
  for (const place of ['./build-supervisor.js', '../build-supervisor.js']) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return [file];
  }
  throw new BundlesError(
    'UNEXPECTED',
    'Cannot find build-supervisor.js beside this program: it is not built',
  );
}
