import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../async/system-clock.js';
import { BundlesError } from '../errors.js';

import { isLoopbackHost } from '../http/host-location.js';

import { type RunningServer, serve } from '../http/serve/serve.js';
import { announceServer } from '../http/serve/server-discovery.js';
import { version } from '../version.js';
import { isPage } from './api/page-routes.js';
import { createCatalog } from './catalog.js';
import { catalogAnnouncements } from './find-running-catalog.js';
import { lockCatalog } from './lock-catalog.js';
import { openCatalogDatabase } from './open-catalog-database.js';
import type { ServeCatalogOptions } from './serve-options.js';

/** What serveCatalog does, with the packages that it takes. */
export async function startServing(options: ServeCatalogOptions): Promise<RunningServer> {
  const { root, host = '127.0.0.1', port, signal, token, drainMs = 0, clock = systemClock } = options;
  if (token === undefined && !isLoopbackHost(host)) throw openAddress(host);
  signal?.throwIfAborted();
  const ends: (() => Promise<unknown>)[] = [];
  /** The last begun ends first, and each ends whatever became of the others. */
  const endAll = async () => {
    let failure: unknown;
    for (const end of ends.splice(0).reverse()) await end().catch((error: unknown) => (failure ??= error));
    if (failure !== undefined) throw failure;
  };
  try {
    const lock = await lockCatalog(root, { clock, signal });
    ends.push(() => lock.release());
    const database = await openCatalogDatabase({ root, url: options.database });
    ends.push(() => database.close());
    const announcement = { directory: catalogAnnouncements(root), instance: randomUUID() };
    const { mode, log, bundles } = options;
    const kind = options.database === undefined ? 'PGlite' : 'PostgreSQL';
    const catalog = await createCatalog({
      database,
      spool: join(root, 'spool'),
      announcement,
      clock,
      ...(mode === undefined ? {} : { mode }),
      ...(token === undefined ? {} : { token }),
      ...(log === undefined ? {} : { log }),
      ...(bundles === undefined ? {} : { bundles }),
      footer: `bundles ${version} · ${mode ?? 'lenient'} · ${kind}`,
    });
    ends.push(() => catalog.close());
    const server = await serve(catalog.fetch, {
      host,
      port,
      allowHosts: options.allowHosts,
      isPage,
      onError: (error) => log?.('error', 'an answer broke off', { error }),
      onRefusal: ({ method, path, status }) => log?.('warn', 'request refused', { method, path, status }),
    });
    ends.push(() => server.close());
    const announced = await announceServer(announcement.directory, {
      url: server.url,
      instance: announcement.instance,
    });
    ends.push(() => announced.withdraw());
    signal?.throwIfAborted();
    let closing: Promise<void> | undefined;
    const close = () => {
      signal?.removeEventListener('abort', close);
      catalog.announceEnd();
      closing ??= (drainMs > 0 ? clock.sleep(drainMs) : Promise.resolve()).then(endAll);
      return closing;
    };
    signal?.addEventListener('abort', close, { once: true });
    return { ...server, close };
  } catch (error) {
    await endAll().catch(() => undefined);
    throw error;
  }
}
function openAddress(host: string): BundlesError {
  const message = `Cannot serve on ${JSON.stringify(host)}: other machines can reach it, and it would require no token`;
  return new BundlesError('USAGE', message, {
    hint: 'Pass --token-file FILE, or serve on 127.0.0.1',
    details: { host },
  });
}
