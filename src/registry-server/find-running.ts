import { type AnnouncedServer, type FindServerOptions, findAnnounced } from '../http/serving-note.js';
import { instanceHeader, notesDirectory } from './running-registry.js';

/** The embedded registry that answers for this state directory, or undefined. */
export function findRunningRegistry(
  root: string,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  // 401: it asks for a password, which its users have.
  const question = { path: '/v2/', header: instanceHeader, statuses: [200, 401] };
  return findAnnounced(notesDirectory(root), question, options);
}
