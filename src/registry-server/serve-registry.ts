import { randomUUID } from 'node:crypto';
import { type RunningServer, type ServeOptions, serve } from '../http/serve.js';
import { announceRegistry } from './announce.js';
import { createRegistryHandler, type RegistryHandlerOptions } from './handler.js';

export type ServeRegistryOptions = Omit<RegistryHandlerOptions, 'instance'> &
  Pick<ServeOptions, 'host' | 'port' | 'signal'>;

/**
 * Serves the embedded registry over HTTP and leaves the note by which findRunningRegistry finds it, until it is
 * closed. Listens on 127.0.0.1 and a free port by default.
 * @throws ADDRESS_IN_USE, USAGE, NOT_WRITABLE, DISK_FULL
 */
export async function serveRegistry(options: ServeRegistryOptions): Promise<RunningServer> {
  const { host, port, signal, ...handlerOptions } = options;
  const instance = randomUUID();
  const server = await serve(createRegistryHandler({ ...handlerOptions, instance }), {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  });
  let closing: Promise<void> | undefined;
  const note = announceRegistry(options.root, { url: server.url, instance });
  const close = () => {
    signal?.removeEventListener('abort', close);
    closing ??= note.then(({ withdraw }) => withdraw()).finally(() => server.close());
    return closing;
  };
  signal?.addEventListener('abort', close, { once: true });
  try {
    await note;
    signal?.throwIfAborted();
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  return { ...server, close };
}
