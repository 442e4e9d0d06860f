import { randomUUID } from 'node:crypto';
import { systemClock } from '../async/system-clock.js';
import { BundlesError } from '../errors.js';
import { isLoopbackHost } from '../http/host-location.js';
import { type RunningServer, type ServeOptions, serve } from '../http/serve/serve.js';
import { announceServer } from '../http/serve/server-discovery.js';
import { createAuthenticator } from './api/authenticate.js';
import { announcementsDirectory } from './find-running.js';
import { createRegistryHandler, type RegistryHandlerOptions } from './handler.js';
import { completeLimits } from './limits.js';
import { sweepUploads } from './upload-sessions.js';

/** The directory of a registry, where it listens, and its users. */
export interface ServeRegistryOptions
  extends Omit<RegistryHandlerOptions, 'instance' | 'authenticate'>,
    Pick<ServeOptions, 'host' | 'port' | 'signal' | 'allowHosts'> {
  /** File of its users, as `htpasswd -B` writes it. Default: everyone may use it. */
  readonly htpasswd?: string;
  /** Serves other machines without requiring a password. Default false. */
  readonly allowAnonymous?: boolean;
}

/**
 * Serves the embedded registry over HTTP until it is closed. It listens on 127.0.0.1 and a free port by default; on addresses that other
 * machines reach, only with `htpasswd` or `allowAnonymous`. `allowHosts` lists names under which clients may address it, besides
 * localhost and this machine's addresses.
 *
 * @throws ADDRESS_IN_USE, USAGE, CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL
 * @example
 * ```ts
 * import { serveRegistry } from 'tekton-bundles/server';
 *
 * const server = await serveRegistry({ root: 'registry' });
 * console.log((await fetch(`${server.url}/v2/`)).status); // 200
 * await server.close();
 * ```
 */
export async function serveRegistry(options: ServeRegistryOptions): Promise<RunningServer> {
  const { host, port, signal, htpasswd, allowAnonymous = false, allowHosts, ...handlerOptions } = options;
  const { readOnly = false, clock = systemClock } = options;
  if (htpasswd === undefined && !allowAnonymous) refuseOpenAddress(host ?? '127.0.0.1');
  const authentication =
    htpasswd === undefined ? {} : { authenticate: await createAuthenticator(htpasswd, { clock }) };
  const { uploadIdleMs } = completeLimits(options.limits);
  // What killed ones left behind; where nothing can be removed, nothing will be stored either.
  if (!readOnly)
    await sweepUploads(options.root, { before: clock.now() - uploadIdleMs }).catch(() => undefined);
  const instance = randomUUID();
  const server = await serve(createRegistryHandler({ ...handlerOptions, ...authentication, instance }), {
    host,
    port,
    allowHosts,
    onRefusal: ({ method, path, status }) => options.log?.({ method, path, status, ms: 0 }),
  });
  let closing: Promise<void> | undefined;
  const announced = announceRegistry(options.root, { url: server.url, instance }).catch((error: unknown) => {
    if (readOnly) return { withdraw: async () => undefined };
    throw error;
  });
  const close = () => {
    signal?.removeEventListener('abort', close);
    closing ??= announced.then(({ withdraw }) => withdraw()).finally(() => server.close());
    return closing;
  };
  signal?.addEventListener('abort', close, { once: true });
  try {
    await announced;
    signal?.throwIfAborted();
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  return { ...server, close };
}

function refuseOpenAddress(host: string): void {
  if (isLoopbackHost(host)) return;
  throw new BundlesError(
    'USAGE',
    `Cannot serve on ${JSON.stringify(host)}: other machines can reach it, and it would require no password`,
    {
      hint: 'Pass --htpasswd FILE; or --allow-anonymous, where everybody on that network may read and write; or serve on 127.0.0.1',
      details: { host },
    },
  );
}

/**
 * Announces in the state directory that a registry serves it at `url`; `instance` is what its handler was
 * given. Several may serve one directory.
 * @throws NOT_WRITABLE, DISK_FULL
 */
export function announceRegistry(
  root: string,
  serving: { readonly url: string; readonly instance: string },
): Promise<{ withdraw(): Promise<void> }> {
  return announceServer(announcementsDirectory(root), serving);
}
