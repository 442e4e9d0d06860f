import { randomUUID } from 'node:crypto';
import { registryRoot } from '../ensure/create-run.js';
import { BundlesError } from '../errors.js';
import { serve } from '../http/serve.js';
import { announceRegistry } from '../registry-server/announce.js';
import { createRegistryHandler, type RegistryLogEntry } from '../registry-server/handler.js';
import { type CommonOptions, optionOr } from './common-options.js';
import type { Session } from './session.js';

export interface ServeOptions extends CommonOptions {
  readonly stateDir?: string;
  readonly root?: string;
  readonly host: string;
  readonly port: number;
}

/** Serves the embedded registry until the run is interrupted, which is a success. */
export async function runRegistryServe({ context }: Session, options: ServeOptions): Promise<void> {
  const state = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR') ?? '.bundles';
  const root = options.root ?? registryRoot(state);
  refuseOpenAddress(options.host);
  const instance = randomUUID();
  const log = ({ method, path, status, ms }: RegistryLogEntry) => {
    if (options.verbose || status >= 500)
      context.stderr.write(`${method} ${path} ${status} ${Math.round(ms)} ms\n`);
  };
  const handler = createRegistryHandler({ root, clock: context.clock, instance, log });
  const server = await serve(handler, { host: options.host, port: options.port });
  const note = await announceRegistry(root, { url: server.url, instance });
  try {
    context.stdout.write(
      options.output === 'json'
        ? `${JSON.stringify({ version: 1, url: server.url, root, error: null })}\n`
        : `serving ${root} at ${server.url}\n`,
    );
    await aborted(context.signal);
  } finally {
    await note.withdraw();
    await server.close();
  }
}

/** The embedded registry asks nobody for a password, so only this machine may reach it. */
function refuseOpenAddress(host: string): void {
  if (host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)) return;
  throw new BundlesError(
    'USAGE',
    `Cannot serve on ${JSON.stringify(host)}: only loopback addresses are served`,
    {
      hint: 'Use 127.0.0.1, ::1 or localhost; the embedded registry has no authentication',
    },
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
