import { dirname, join } from 'node:path';
import { createdFromEpoch } from '../bundle/created-time.js';
import type { AuditTrail } from '../catalog/audit/audit-trail.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Send } from '../http/message.js';
import type { Connection } from '../open/connect.js';
import { contextOf, isCi, type Machine, optionOr, type RunContext } from '../open/machine.js';
import type { NetworkOptions } from '../open/network-options.js';
import type { OpenedCatalog } from '../open/open-catalog.js';
import { openConnection } from '../open/open-connection.js';
import type { SignerOptions } from '../open/open-signer.js';
import { keepProject } from '../open/own-values.js';
import type { AskHidden } from '../open/signing-keys.js';
import type { Project } from '../project/project.js';
import { readProject, readProjectText } from '../project/read-project.js';
import type { RunSigner } from './bundle/sign-bundle.js';
import { createRun, type RunSettings } from './create-run.js';
import { type Confirm, ensureProjects } from './ensure-project.js';
import type { OnEvent } from './events.js';
import { applyProfile } from './profiles.js';
import { type EnsureResult, summarize } from './result.js';
import type { Run, RunShard } from './run.js';

/** Options of `ensure`: the flags of the command by their names, and callbacks. All are optional. */
export interface EnsureOptions extends RunSettings, NetworkOptions, SignerOptions, CallOptions {
  /** One bundles.yaml or several. Default: `BUNDLES_CONFIG`, else `bundles.yaml` in the working directory. */
  readonly config?: string | readonly string[] | undefined;
  /** Instead of the declared repository. Default: `BUNDLES_REPOSITORY`, else as declared. */
  readonly repository?: string | undefined;
  /** Instead of the declared tag. Default: `BUNDLES_TAG`, else as declared. */
  readonly tag?: string | undefined;
  /** Instead of the declared catalog. Default: `BUNDLES_CATALOG`, else as declared. */
  readonly catalog?: string | undefined;
  /** Holds the bearer token of the catalog. Default: the token is in `DATASTORAGE_TOKEN`. */
  readonly catalogTokenFile?: string | undefined;
  /** Sends no request. Default false. */
  readonly offline?: boolean | undefined;
  /** Fails where a project declares no catalog. Default false. */
  readonly requireCatalog?: boolean | undefined;
  /**
   * Makes sure that each bundle on its registry is signed: by `key`, or with `keyless` by the identity of this job. The options
   * of signing are of use with it alone. Default false.
   */
  readonly sign?: boolean | undefined;
  /** Asks a person for the password of the key. Default: the password comes from `COSIGN_PASSWORD` alone. */
  readonly askHidden?: AskHidden | undefined;
  /**
   * `K/N`, from 1: takes only the bundles whose names belong to this shard, and writes `part` instead of the lock. Not with
   * `names` or several projects. Default: all bundles.
   */
  readonly shard?: string | undefined;
  /** Where the part of the lock goes, with `shard`: a file, or `oci:` and a reference with a tag. */
  readonly part?: string | undefined;
  /** Where variables, credentials and the time come from. Default: this process and its user. */
  readonly machine?: Machine | undefined;
  /** Asked once, after all is decided and before anything is published. Default: publishing needs no answer. */
  readonly confirm?: Confirm | undefined;
  /** Receives events while the run works. */
  readonly onEvent?: OnEvent | undefined;
  /** Receives warnings about the network, and with `verbose` the requests. Default: they are dropped. */
  readonly log?: ((text: string) => void) | undefined;
  /** @internal Gets what gives the secrets of the run, so that the writer of all output hides them. */
  readonly hide?: ((secrets: () => Iterable<string>) => void) | undefined;
  /** @internal Gets the names and references that the projects declare, which no secret changes. */
  readonly keep?: ((values: Iterable<string>) => void) | undefined;
  /** @internal Put around everything that is sent, to show what is waited for. */
  readonly watch?: ((send: Send) => Send) | undefined;
  readonly verbose?: boolean | undefined;
  /** No warnings about credentials that were passed over. */
  readonly quiet?: boolean | undefined;
}

/** How long the end of a run may wait for the audit trail. */
const lastMs = 1_000;

/** The main job, with everything that it needs loaded. `on-demand.ts` has its contract. */
export async function ensure(options: EnsureOptions = {}): Promise<EnsureResult> {
  const context = contextOf(options);
  const settings = withVariables(applyProfile(options), context);
  const projects = await readProjects(settings, context);
  if (settings.requireCatalog) requireCatalogs(projects);
  const connection = settings.offline ? undefined : await connectFor(context, settings, projects);
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  const opened: OpenedCatalog[] = [];
  let signer: RunSigner | undefined;
  try {
    signer = await openSignerOf(context, settings, projects);
    const shard = await openShardOf(context, settings, projects, connection);
    const runs: Run[] = [];
    for (const project of projects) {
      const one = await openProjectCatalog(context, settings, project, connection);
      if (one) opened.push(one);
      runs.push(
        createRun(project, settings, {
          clock: context.clock,
          ci: isCi(context),
          variables: context.environment,
          registries: connection,
          onEvent: settings.onEvent,
          catalog: one?.catalog,
          audit: one?.audit,
          sign: signer?.of(project),
          shard,
        }),
      );
    }
    return merge(await ensureProjects(runs, { confirm: settings.confirm, signal }));
  } finally {
    for (const { audit } of opened) if (audit) await closeAudit(audit, settings, context.signal);
    for (const { close } of opened) await close?.();
    await signer?.close();
    await connection?.close();
  }
}

/** The bundles.yaml files of a run. @throws USAGE where one lock is given for several */
export function configFiles(
  { config, lock }: EnsureOptions,
  machine: Pick<Machine, 'environment'>,
): string[] {
  const given = typeof config === 'string' ? [config] : [...(config ?? [])];
  if (lock !== undefined && given.length > 1) {
    throw new BundlesError('USAGE', 'Cannot work on several projects with one --lock', {
      hint: 'Run once for each project',
    });
  }
  return given.length > 0 ? given : [optionOr(undefined, machine, 'BUNDLES_CONFIG') ?? 'bundles.yaml'];
}

/** Where a run over one project, or the first of several, keeps the state of this machine. */
export function stateDirectoryOf(options: EnsureOptions, machine: Pick<Machine, 'environment'>): string {
  const given = optionOr(options.stateDir, machine, 'BUNDLES_STATE_DIR');
  return given ?? join(dirname(configFiles(options, machine)[0] ?? '.'), '.bundles');
}

/** Fills options that the caller left out from the environment. @throws USAGE */
function withVariables(options: EnsureOptions, machine: Machine): EnsureOptions {
  const { SOURCE_DATE_EPOCH: epoch } = machine.environment;
  const { ctime } = options;
  const time = ctime === undefined || ctime === '' ? undefined : ctime;
  return {
    ...options,
    config: configFiles(options, machine),
    stateDir: optionOr(options.stateDir, machine, 'BUNDLES_STATE_DIR'),
    ctime: time ?? (epoch === undefined || epoch === '' ? undefined : createdFromEpoch(epoch)),
  };
}

/** The projects of a run, overridden by its options and variables. @throws CONFIG_NOT_FOUND, CONFIG_INVALID */
export function readProjects(options: EnsureOptions, context: RunContext): Promise<Project[]> {
  const { fallback } = options;
  const overrides = {
    repository: optionOr(options.repository, context, 'BUNDLES_REPOSITORY'),
    tag: optionOr(options.tag, context, 'BUNDLES_TAG'),
    fallback: optionOr(typeof fallback === 'string' ? fallback : undefined, context, 'BUNDLES_FALLBACK'),
    catalog: optionOr(options.catalog, context, 'BUNDLES_CATALOG'),
  };
  const { signal } = context;
  return Promise.all(
    configFiles(options, context).map(async (file) =>
      keepProject(context, await readProject(file, overrides, { signal })),
    ),
  );
}

/** Loaded only where something is to be signed. @throws USAGE, KEY_INVALID, IDENTITY_MISSING, SIGSTORE_FAILED */
async function openSignerOf(
  context: RunContext,
  settings: EnsureOptions,
  projects: readonly Project[],
): Promise<RunSigner | undefined> {
  const { sign, key, keyless, signatureStorage, offline } = settings;
  const { identityToken, fulcioUrl, rekorUrl, rekorVersion, tsaUrl, trustedRoot } = settings;
  if (!sign) {
    const services = [identityToken, fulcioUrl, rekorUrl, rekorVersion, tsaUrl, trustedRoot];
    if ([key, keyless, signatureStorage, ...services].every((one) => one === undefined)) return undefined;
    throw new BundlesError('USAGE', 'Cannot use an option of signing without --sign', {
      hint: 'Pass --sign with --key FILE, or with --keyless',
    });
  }
  if (offline) {
    throw new BundlesError('USAGE', 'Cannot sign with --offline: signatures are stored on the registry', {
      hint: 'Leave out --offline or --sign',
    });
  }
  const { createSigner } = await import('./bundle/sign-bundle.js');
  return createSigner(context, settings, projects);
}

/** Loaded only where the run is over one shard. @throws USAGE, REFERENCE_INVALID */
async function openShardOf(
  context: RunContext,
  settings: EnsureOptions,
  projects: readonly Project[],
  connection: Connection | undefined,
): Promise<RunShard | undefined> {
  if (settings.shard === undefined && settings.part === undefined) return undefined;
  const { openShard } = await import('./shards/open-shard.js');
  return openShard(context, { settings, projects, connection, openConnection, readProjectText });
}

function requireCatalogs(projects: readonly Project[]): void {
  const without = projects.find(({ catalog }) => catalog.kind === 'none');
  if (without === undefined) return;
  throw new BundlesError(
    'USAGE',
    `Cannot register the workflows of ${JSON.stringify(without.file)}: no catalog`,
    {
      hint: 'Declare catalog: in bundles.yaml, or pass --catalog',
    },
  );
}

function connectFor(
  context: RunContext,
  options: EnsureOptions,
  projects: readonly Project[],
): Promise<Connection> {
  const fallsBack = options.fallback !== false && projects.every(({ fallback }) => fallback.kind !== 'none');
  return openConnection(context, {
    options,
    projects,
    patience: fallsBack ? 'brief' : 'full',
    registries: projects.flatMap(({ bundles, workflows, fallback }) => [
      ...bundles.map(({ reference }) => reference.registry),
      ...workflows.flatMap(({ source }) => ('reference' in source ? [source.reference.registry] : [])),
      ...(fallback.kind === 'registry' ? [fallback.registry.split('/')[0] ?? ''] : []),
    ]),
  });
}

/** Loaded only where there is one. */
async function openProjectCatalog(
  context: RunContext,
  options: EnsureOptions,
  project: Project,
  connection: Connection | undefined,
): Promise<OpenedCatalog | undefined> {
  if (project.catalog.kind === 'none') return undefined;
  const { openCatalog } = await import('../open/open-catalog.js');
  const { mode = 'ensure', stateDir: stateDirectory = join(project.directory, '.bundles') } = options;
  return openCatalog(context, { project, mode, options, connection, stateDirectory });
}

function merge(results: readonly EnsureResult[]): EnsureResult {
  const [only, ...more] = results;
  if (only && more.length === 0) return only;
  const all = {
    bundles: results.flatMap((result) => result.bundles),
    workflows: results.flatMap((result) => result.workflows),
  };
  const durationMs = results.reduce((sum, { summary }) => sum + summary.durationMs, 0);
  const error = results.find((result) => result.error !== null)?.error ?? null;
  return { version: 1, ...all, summary: summarize(all, durationMs), part: null, error };
}

/** Sends what can still be sent; what cannot waits for the next run. */
async function closeAudit(audit: AuditTrail, { onEvent }: EnsureOptions, signal: AbortSignal): Promise<void> {
  const report = await audit.close({ withinMs: signal.aborted ? 0 : lastMs });
  const { waiting, error, refused, refusal } = report;
  if (refused > 0) onEvent?.({ type: 'audit-refused', events: refused, error: refusal });
  if (waiting > 0 || error !== undefined) onEvent?.({ type: 'audit-waiting', events: waiting, error });
}
