import { join } from 'node:path';
import {
  type AnnouncedServer,
  type FindServerOptions,
  findAnnounced,
} from '../http/serve/server-discovery.js';

/** The embedded catalog that answers for this directory, or undefined. */
export function findRunningCatalog(
  root: string,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  return findAnnounced(catalogAnnouncements(root), '/health/live', options);
}

/** Where a catalog says that it serves a directory. */
export function catalogAnnouncements(root: string): string {
  return join(root, '.serving');
}
