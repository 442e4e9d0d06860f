import { join } from 'node:path';
import type { CallOptions } from '../../content/store.js';
import type { Connection } from '../../open/connect.js';
import { contextOf, type Machine, optionOr, type RunContext } from '../../open/machine.js';
import type { NetworkOptions } from '../../open/network-options.js';
import type { OpenedCatalog } from '../../open/open-catalog.js';
import { openConnection } from '../../open/open-connection.js';
import type { Project } from '../../project/project.js';
import { createRun } from '../create-run.js';
import { readProjects } from '../ensure.js';
import type { VerifySettings } from './link.js';
import { verifyProject } from './verify-project.js';
import type { VerifyResult } from './verify-result.js';

/** The options of `verify`: the flags of the command by their names. All may be left out. */
export interface VerifyOptions extends VerifySettings, NetworkOptions, CallOptions {
  /** The bundles.yaml. Default: `BUNDLES_CONFIG`, else `bundles.yaml` in the working directory. */
  readonly config?: string | undefined;
  /** Bundles and workflows to narrow the work to. Default: all. */
  readonly names?: readonly string[] | undefined;
  /** Replaces the declared repository. Default: `BUNDLES_REPOSITORY`, else as declared. */
  readonly repository?: string | undefined;
  /** Replaces the declared tag. Default: `BUNDLES_TAG`, else as declared. */
  readonly tag?: string | undefined;
  /** Replaces the declared catalog. Default: `BUNDLES_CATALOG`, else as declared. */
  readonly catalog?: string | undefined;
  /** File with the bearer token of the catalog. Default: the token is in `DATASTORAGE_TOKEN`. */
  readonly catalogTokenFile?: string | undefined;
  /** Sends no request: only sources, lock and schemas are compared. Default false. */
  readonly offline?: boolean | undefined;
  /** The state of this machine. Default: `BUNDLES_STATE_DIR`, else `.bundles` beside bundles.yaml. */
  readonly stateDir?: string | undefined;
  /** The lock to read. Default: `bundles.lock` beside bundles.yaml. */
  readonly lock?: string | undefined;
  /** Source of variables, credentials and the time. Default: this process and its user. */
  readonly machine?: Machine | undefined;
  /** Receives warnings about the network. Default: they are dropped. */
  readonly log?: ((text: string) => void) | undefined;
}

/** Verification with everything that it needs loaded. `on-demand.ts` has its contract. */
export async function verify(options: VerifyOptions = {}): Promise<VerifyResult> {
  const context = contextOf(options);
  const [project] = await readProjects(options, context);
  if (!project) throw new Error('a project was read');
  const connection = options.offline ? undefined : await connect(context, options, project);
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  const stateDirectory = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR');
  try {
    return await verifyOpened(context, { project, options, connection, stateDirectory }, signal);
  } finally {
    await connection?.close();
  }
}

/** A project and the connection by which it is verified; without one, no request is sent. */
export interface OpenedVerification {
  readonly project: Project;
  readonly options: Pick<VerifyOptions, 'names' | 'lock' | 'frozen' | 'deep' | 'catalogTokenFile'>;
  readonly connection: Connection | undefined;
  /** Default: `.bundles` beside bundles.yaml. */
  readonly stateDirectory: string | undefined;
}

export async function verifyOpened(
  context: RunContext,
  opened: OpenedVerification,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const { project, options, connection, stateDirectory } = opened;
  const { names = [], lock } = options;
  const catalog = await openProjectCatalog(context, opened);
  try {
    const settings = { mode: 'check' as const, names, lock, stateDir: stateDirectory };
    const environment = { clock: context.clock, registries: connection, catalog: catalog?.catalog };
    return await verifyProject(createRun(project, settings, environment), options, { signal });
  } finally {
    await catalog?.close?.();
  }
}

function connect(context: RunContext, options: VerifyOptions, project: Project): Promise<Connection> {
  return openConnection(context, {
    options,
    projects: [project],
    patience: 'full',
    registries: project.bundles.map(({ reference }) => reference.registry),
  });
}

/** Loaded only if the project has a catalog that can be queried. */
async function openProjectCatalog(
  context: RunContext,
  { options, project, connection, stateDirectory = join(project.directory, '.bundles') }: OpenedVerification,
): Promise<OpenedCatalog | undefined> {
  if (project.catalog.kind === 'none' || !connection) return undefined;
  const { openCatalog } = await import('../../open/open-catalog.js');
  return openCatalog(context, { project, mode: 'check', options, connection, stateDirectory });
}
