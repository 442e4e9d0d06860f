import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, writeError } from '../fs/machine-error.js';
import { type CheckOutcome, fine } from './check-result.js';

/** Whether the state directory can be written, or made; nothing is written to find out. @throws NOT_WRITABLE */
export async function checkState(directory: string): Promise<CheckOutcome> {
  const place = await nearest(directory, directory);
  try {
    await access(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writeError(error, `write in the state directory ${JSON.stringify(directory)}`, place);
  }
  const message = place === directory ? `${directory} is writable` : `${directory} can be made`;
  return fine(message, { directory, exists: place === directory });
}

/** The directory itself, or the nearest one above it. */
async function nearest(path: string, wanted: string): Promise<string> {
  const doing = `use the state directory ${JSON.stringify(wanted)}`;
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    const above = dirname(path);
    if (errnoOf(error) === 'ENOENT' && above !== path) return nearest(above, wanted);
    throw writeError(error, doing, path);
  }
  const errno = path === wanted ? 'EEXIST' : 'ENOTDIR';
  throw writeError(Object.assign(new Error(errno), { code: errno }), doing, path);
}
