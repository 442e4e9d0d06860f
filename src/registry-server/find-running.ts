import { join } from 'node:path';
import { type AnnouncedServer, type FindServerOptions, findAnnounced } from '../http/serving-note.js';

/** The embedded registry that answers for this state directory, or undefined. */
export function findRunningRegistry(
  root: string,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  return findAnnounced(notesDirectory(root), '/v2/', options);
}

export function notesDirectory(root: string): string {
  return join(root, '.serving');
}
