import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { isBundlesError } from '../errors.js';
import type { Fetch } from '../http/serve/handler-transport.js';
import type { RunningServer } from '../http/serve/serve.js';
import { findRunningCatalog } from './find-running-catalog.js';
import { serveCatalog } from './serve-catalog.js';

export interface EmbeddedFetchOptions {
  /** Directory of the catalog's state. */
  readonly root: string;
  readonly clock: Clock;
  /** `postgres://…`. Default: PGlite. */
  readonly database?: string | undefined;
  readonly signal?: AbortSignal;
}

/** The embedded catalog of a directory, for as long as a run needs it. */
export interface EmbeddedFetch {
  /** Sends to the process that serves the directory, else serves it in this one. The host of the request is ignored. */
  readonly fetch: Fetch;
  /** False where nothing was ever registered there. */
  exists(): Promise<boolean>;
  close(): Promise<void>;
}

/** Another run may hold the catalog while it starts or ends; then it is looked for again. */
const mostTries = 8;

/** Nothing is opened before the first request: a run that has nothing to register never pays for it. */
export function createEmbeddedFetch({ root, clock, database, signal }: EmbeddedFetchOptions): EmbeddedFetch {
  let own: RunningServer | undefined;
  let reached: Promise<string> | undefined;

  const reach = async (): Promise<string> => {
    if (own) return own.url;
    for (let attempt = 1; ; attempt++) {
      const running = await findRunningCatalog(root, signal ? { signal } : {});
      if (running) return running.url;
      try {
        own = await serveCatalog({ root, clock, ...(database === undefined ? {} : { database }) });
        return own.url;
      } catch (error) {
        if (!isBundlesError(error, 'BUSY') || attempt === mostTries) throw error;
        await clock.sleep(100 * attempt, signal);
      }
    }
  };
  return {
    async fetch(request) {
      reached ??= reach();
      const found = reached;
      try {
        const { pathname, search } = new URL(request.url);
        return await fetch(new Request(new URL(pathname + search, await found), request));
      } catch (error) {
        // Anyone who served it may have ended: the next request looks again.
        if (reached === found) reached = undefined;
        throw error;
      }
    },
    async exists() {
      if (await stat(join(root, 'data')).catch(() => undefined)) return true;
      return database !== undefined || (await findRunningCatalog(root)) !== undefined;
    },
    async close() {
      await reached?.catch(() => undefined);
      await own?.close();
    },
  };
}
