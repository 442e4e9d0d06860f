import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../http/serve/serve.js';
import { createRegistryHandler } from '../registry-server/handler.js';

/** An embedded registry on a socket of its own, with `await using` or `stop()`. */
export interface StartedRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as references name it. */
  readonly host: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** Where a registry for tests keeps its content and listens. */
export interface StartRegistryOptions {
  /** Directory that keeps the content. Default: a temporary one that is removed at the end. */
  readonly root?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Names by which clients may address it, beyond localhost and this machine's addresses. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
}

/**
 * Starts an embedded registry on a free port of 127.0.0.1. Its content is in a temporary directory that is removed at the end, or in `root`.
 *
 * @throws ADDRESS_IN_USE
 * @example
 * ```ts
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using registry = await startRegistry();
 * console.log(registry.host); // 127.0.0.1:…
 * console.log((await fetch(`${registry.url}/v2/`)).status); // 200
 * ```
 */
export async function startRegistry({
  root,
  port = 0,
  allowHosts,
}: StartRegistryOptions = {}): Promise<StartedRegistry> {
  const directory = root ?? (await mkdtemp(join(tmpdir(), 'bundles-registry-')));
  const server = await serve(createRegistryHandler({ root: directory }), { port, allowHosts });
  const stop = async () => {
    await server.close();
    if (root === undefined) await rm(directory, { recursive: true, force: true });
  };
  return { host: new URL(server.url).host, url: server.url, stop, [Symbol.asyncDispose]: stop };
}
