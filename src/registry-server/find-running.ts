import { type AnnouncedServer, type FindServerOptions, findAnnounced } from '../http/serving-note.js';
import { notesDirectory } from './running-registry.js';

/** The embedded registry that answers for this state directory, or undefined. */
export function findRunningRegistry(
  root: string,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  return findAnnounced(notesDirectory(root), '/v2/', options);
}
