import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveCatalog } from '../catalog-server/serve-catalog.js';
import type { CatalogMode } from '../catalog-server/serve-options.js';

/** An embedded workflow catalog on its own socket; end it with `await using` or `stop()`. */
export interface StartedCatalog extends AsyncDisposable {
  /** Without a final slash. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Where a catalog for tests keeps its data and listens. */
export interface StartCatalogOptions {
  /** Directory that keeps its state. Default: a temporary one that is removed at the end. */
  readonly root?: string;
  /** Default `strict`: it also checks what the service leaves to its clients. */
  readonly mode?: CatalogMode;
  /** `postgres://…`. Default: PGlite. */
  readonly database?: string;
  /** The token that clients have to send. Default: none. */
  readonly token?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Names under which clients may address it, besides localhost and this machine's addresses. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
}

/**
 * Starts an embedded workflow catalog on a free port of 127.0.0.1, by default with `mode: 'strict'` and its data in a temporary directory.
 *
 * @throws ADDRESS_IN_USE, BUSY, DATABASE_UNAVAILABLE; PACKAGE_MISSING without `@electric-sql/pglite`
 * @example
 * ```ts
 * import { startCatalog } from 'tekton-bundles/testing';
 *
 * await using catalog = await startCatalog();
 * console.log((await fetch(`${catalog.url}/api/v1/workflows`)).status); // 200
 * ```
 */
export async function startCatalog(options: StartCatalogOptions = {}): Promise<StartedCatalog> {
  const { root, mode = 'strict', port = 0, ...others } = options;
  const directory = root ?? (await mkdtemp(join(tmpdir(), 'bundles-catalog-')));
  const removeOwn = async () => {
    if (root === undefined) await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const server = await serveCatalog({ root: directory, mode, port, ...others });
    const stop = () => server.close().finally(removeOwn);
    return { url: server.url, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await removeOwn();
    throw error;
  }
}
