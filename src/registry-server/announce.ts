import { announceServer } from '../http/serving-note.js';
import { notesDirectory } from './running-registry.js';

/**
 * Leaves a note in the state directory that a registry serves it at `url`; `instance` is what its handler was
 * given. Several may serve one directory.
 * @throws NOT_WRITABLE, DISK_FULL
 */
export function announceRegistry(
  root: string,
  serving: { readonly url: string; readonly instance: string },
): Promise<{ withdraw(): Promise<void> }> {
  return announceServer(notesDirectory(root), serving);
}
