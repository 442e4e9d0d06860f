import { join } from 'node:path';
import { createBundleLookup } from '../../../catalog-server/bundle-lookup.js';
import { createJsonLog } from '../../../catalog-server/log.js';
import { serveCatalog } from '../../../catalog-server/serve-catalog.js';
import { registryRoot } from '../../../ensure/create-run.js';
import { BundlesError } from '../../../errors.js';
import type { RunningServer } from '../../../http/serve/serve.js';
import { readTokenFile } from '../../../open/catalog-token.js';
import { optionOr } from '../../../open/machine.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import type { Context } from '../../context.js';
import type { CommonOptions } from '../../options/common-options.js';
import { showAddress } from '../../output/show-address.js';
import type { Session } from '../../session.js';
import { untilAborted } from '../../until-aborted.js';

export interface CatalogServeOptions extends CommonOptions, NetworkOptions {
  readonly stateDir?: string;
  readonly database?: string;
  readonly host: string;
  readonly port: number;
  readonly allowHost?: readonly string[];
  readonly strict?: boolean;
  readonly tokenFile?: string;
  readonly offline?: boolean;
  /** Milliseconds. */
  readonly drain: number;
}

/** Serves the embedded catalog until the run is interrupted, which is a success. Logs to standard error. */
export async function runCatalogServe({ context }: Session, options: CatalogServeOptions): Promise<void> {
  const { clock, stdout, stderr } = context;
  const { host, port, strict = false, quiet = false, drain: drainMs } = options;
  const state = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR') ?? '.bundles';
  const database = optionOr(options.database, context, 'BUNDLES_CATALOG_DATABASE');
  const token = await readToken(context, options.tokenFile);
  const root = join(state, 'catalog');
  const mode = strict ? 'strict' : 'lenient';
  const connection = options.offline
    ? undefined
    : await openConnection(context, {
        options: { ...options, verbose: false },
        patience: 'brief',
        registries: [],
      });
  let server: RunningServer | undefined;
  try {
    server = await serveCatalog({
      root,
      host,
      port,
      allowHosts: options.allowHost,
      mode,
      clock,
      drainMs,
      log: createJsonLog((entry) => stderr.json(entry, { indent: 0 }), { now: () => clock.now(), quiet }),
      // Anonymously: otherwise anyone who registers an image could have this machine's passwords used on it.
      bundles: createBundleLookup({ registry: connection?.anonymous, layouts: registryRoot(state), clock }),
      database,
      token,
    });
    const kind = database === undefined ? 'pglite' : 'postgres';
    if (options.output === 'json')
      stdout.json(
        {
          version: 1,
          url: server.url,
          host: server.host,
          port: server.port,
          root,
          database: kind,
          mode,
          error: null,
        },
        { indent: 0 },
      );
    else stdout.line(`serving ${root} at ${showAddress(server)} (${kind}, ${mode})`);
    await untilAborted(context);
  } finally {
    await server?.close();
    await connection?.close();
  }
}

/** A short token can be guessed. */
const shortestToken = 16;

async function readToken(
  { environment, signal }: Context,
  file: string | undefined,
): Promise<string | undefined> {
  const token =
    file === undefined
      ? environment.BUNDLES_CATALOG_TOKEN?.trim() || undefined
      : await readTokenFile(file, { option: '--token-file', signal });
  if (token === undefined || /^[\x21-\x7e]{16,}$/.test(token)) return token;
  throw new BundlesError(
    'USAGE',
    `Cannot use the token: it has ${token.length} characters, some of which may not stand in a header; wanted at least ${shortestToken}, visible ASCII`,
    { hint: 'Make one, e.g. with: openssl rand -hex 32' },
  );
}
