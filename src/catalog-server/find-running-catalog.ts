import { join } from 'node:path';
import {
  type AnnouncedServer,
  type FindServerOptions,
  findAnnounced,
} from '../http/serve/server-discovery.js';

/**
 * Finds the embedded catalog that serves a directory; undefined where none answers within 1 s (`timeoutMs`).
 *
 * @example
 * ```ts
 * import { findRunningCatalog } from 'tekton-bundles/server';
 *
 * console.log(await findRunningCatalog('catalog')); // undefined
 * ```
 */
export function findRunningCatalog(
  root: string,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  return findAnnounced(catalogAnnouncements(root), '/health/live', options);
}

/** Where a catalog states that it serves a directory. */
export function catalogAnnouncements(root: string): string {
  return join(root, '.serving');
}
