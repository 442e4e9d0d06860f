import type { RunningServer } from '../http/serve/serve.js';
import type { ServeCatalogOptions } from './serve-options.js';

/**
 * Serves the embedded catalog over HTTP and announces it, so that findRunningCatalog finds it, until it is closed.
 * Listens on 127.0.0.1 and a free port by default; on addresses that other machines reach only with a token. One
 * process at a time serves a directory.
 * @throws BUSY, ADDRESS_IN_USE, USAGE, DATABASE_UNAVAILABLE, NOT_WRITABLE, DISK_FULL
 */
export async function serveCatalog(options: ServeCatalogOptions): Promise<RunningServer> {
  // Loaded here, since nothing else needs the packages behind it.
  const { startServing } = await import('./start-serving.js');
  return startServing(options);
}
