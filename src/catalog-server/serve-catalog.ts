import type { RunningServer } from '../http/serve/serve.js';
import type { ServeCatalogOptions } from './serve-options.js';

/**
 * Serves the embedded workflow catalog over HTTP until it is closed, and announces it for `findRunningCatalog`. It listens on 127.0.0.1 and a
 * free port by default; on addresses that other machines reach only with a token. One process at a time serves a directory.
 *
 * @throws BUSY, ADDRESS_IN_USE, USAGE, DATABASE_UNAVAILABLE, NOT_WRITABLE, DISK_FULL; PACKAGE_MISSING without the database's package
 * @example
 * ```ts
 * import { findRunningCatalog, serveCatalog } from 'tekton-bundles/server';
 *
 * const server = await serveCatalog({ root: 'catalog' });
 * const found = await findRunningCatalog('catalog');
 * console.log(found?.url === server.url); // true
 * await server.close();
 * ```
 */
export async function serveCatalog(options: ServeCatalogOptions): Promise<RunningServer> {
  // Loaded here, since nothing else needs the packages behind it.
  const { startServing } = await import('./start-serving.js');
  return startServing(options);
}
