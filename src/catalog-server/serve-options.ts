import type { Clock } from '../async/clock.js';
import type { ServeOptions } from '../http/serve/serve.js';
import type { BundleLookup } from './bundle-lookup.js';
import type { Log } from './log.js';

/** `lenient` behaves as the service does; `strict` also checks what the service leaves to its clients. */
export type CatalogMode = 'lenient' | 'strict';

/** How the embedded catalog is served. */
export interface ServeCatalogOptions extends Pick<ServeOptions, 'host' | 'port' | 'signal' | 'allowHosts'> {
  /** Directory of its state: the spool, and the data unless `database` names a server. Made when it is not there. */
  readonly root: string;
  /** `postgres://user:password@host:port/database`. Default: PGlite in `root`. */
  readonly database?: string;
  /** Default `lenient`. */
  readonly mode?: CatalogMode;
  /** The token that clients have to send. Default: none. */
  readonly token?: string;
  /** How long it goes on to answer after it reports that it is not ready any more. Default 0. */
  readonly drainMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
  /** @internal Where the pages for people look for bundles. Default: nowhere. */
  readonly bundles?: BundleLookup;
}
