import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogMode } from '../catalog-server/api/api-context.js';
import { serveCatalog } from '../catalog-server/serve-catalog.js';

/** An embedded workflow catalog on a socket of its own, with `await using` or `stop()`. */
export interface StartedCatalog extends AsyncDisposable {
  /** Without a final slash. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface StartCatalogOptions {
  /** Directory that keeps its state. Default: a temporary one that is removed at the end. */
  readonly root?: string;
  /** Default `strict`: it also checks what the service leaves to its clients. */
  readonly mode?: CatalogMode;
  /** `postgres://…`. Default: PGlite. */
  readonly database?: string;
  /** What clients have to know. Default: nothing. */
  readonly token?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Names by which clients may address it, beyond localhost and this machine's addresses. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
}

/** Starts an embedded catalog on 127.0.0.1. @throws ADDRESS_IN_USE, BUSY, DATABASE_UNAVAILABLE */
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
