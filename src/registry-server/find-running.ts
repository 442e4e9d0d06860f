import { join } from 'node:path';
import {
  type AnnouncedServer,
  type FindServerOptions,
  findAnnounced,
} from '../http/serve/server-discovery.js';

/** The embedded registry that answers for this state directory, or undefined. */
export function findRunningRegistry(
  root: string,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  return findAnnounced(announcementsDirectory(root), '/v2/', options);
}

export function announcementsDirectory(root: string): string {
  return join(root, '.serving');
}
