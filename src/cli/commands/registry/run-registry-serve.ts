import { registryRoot } from '../../../ensure/create-run.js';
import { isBundlesError } from '../../../errors.js';
import { optionOr } from '../../../open/machine.js';
import { readProject } from '../../../project/read-project.js';
import type { RegistryLogEntry } from '../../../registry-server/handler.js';
import { serveRegistry } from '../../../registry-server/serve-registry.js';
import type { Context } from '../../context.js';
import type { CommonOptions } from '../../options/common-options.js';
import { showAddress } from '../../output/show-address.js';
import type { Session } from '../../session.js';
import { untilAborted } from '../../until-aborted.js';

export interface ServeOptions extends CommonOptions {
  readonly stateDir?: string;
  readonly root?: string;
  readonly host: string;
  readonly port: number;
  readonly config?: string;
  readonly allowHost?: readonly string[];
  readonly htpasswd?: string;
  readonly allowAnonymous?: boolean;
  readonly readOnly?: boolean;
  readonly maxSize?: number;
  readonly maxBlobSize?: number;
  readonly maxUploads?: number;
}

/** Serves the embedded registry until the run is interrupted, which is a success. */
export async function runRegistryServe({ context }: Session, options: ServeOptions): Promise<void> {
  const state = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR') ?? '.bundles';
  const root = options.root ?? registryRoot(state);
  const { host, port, htpasswd, allowAnonymous = false, readOnly = false } = options;
  const { maxSize, maxBlobSize, maxUploads } = options;
  const log = ({ method, path, status, ms, error }: RegistryLogEntry) => {
    if (!options.verbose && status < 500) return;
    const reason = error instanceof Error ? `: ${error.message}` : '';
    context.stderr.line(`${method} ${path} ${status} ${Math.round(ms)} ms${reason}`);
  };
  const server = await serveRegistry({
    root,
    host,
    port,
    allowHosts: [...(options.allowHost ?? []), ...(await clusterHosts(context, options.config))],
    allowAnonymous,
    readOnly,
    limits: { diskBytes: maxSize, blobBytes: maxBlobSize, uploads: maxUploads },
    clock: context.clock,
    log,
    htpasswd,
  });
  try {
    if (options.output === 'json')
      context.stdout.json(
        { version: 1, url: server.url, host: server.host, port: server.port, root, error: null },
        { indent: 0 },
      );
    else context.stdout.line(`serving ${root} at ${showAddress(server)}`);
    await untilAborted(context);
  } finally {
    await server.close();
  }
}

/** The host under which a cluster reaches the registry, if bundles.yaml declares one. */
async function clusterHosts(context: Context, config: string | undefined): Promise<string[]> {
  const file = optionOr(config, context, 'BUNDLES_CONFIG');
  const project = await readProject(file ?? 'bundles.yaml', {}).catch((error: unknown) => {
    if (file !== undefined || !isBundlesError(error, 'CONFIG_NOT_FOUND')) throw error;
  });
  const reference = project?.fallback.kind === 'registry' ? project.fallback.clusterReference : undefined;
  const host = reference?.split('/', 1)[0]?.replace(/:\d+$/, '');
  return host ? [host] : [];
}
