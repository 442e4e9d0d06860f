import { join, resolve } from 'node:path';
import type { CallOptions } from '../content/store.js';
import type { Engine } from '../engine/engine.js';
import { scopeOf } from '../engine/engines/build-host.js';
import { chooseClusters, kindClusters, kindEnvironment } from '../engine/engines/kind.js';
import type { SlotPlaces } from '../engine/slots/slot-places.js';
import { createRun } from '../ensure/create-run.js';
import type { WorkflowResult } from '../ensure/workflows/workflow-result.js';
import { locationOfHost } from '../http/host-location.js';
import { ensureImages } from '../images/ensure-images.js';
import type { ImageResult, ImagesResult } from '../images/image-result.js';
import type { ImageEvent, ImageRun, KindClusters } from '../images/image-run.js';
import { readSecrets } from '../images/image-secrets.js';
import { type EngineOptions, openEngine, openSlots } from '../images/open-engine.js';
import { canonicalRegistry } from '../oci/registry-host.js';
import type { Connection } from '../open/connect.js';
import { isCi, type Machine, optionOr, type RunContext } from '../open/machine.js';
import type { NetworkOptions } from '../open/network-options.js';
import { openConnection } from '../open/open-connection.js';
import { keepProject } from '../open/own-values.js';
import { findProgram } from '../process/find-program.js';
import type { Project } from '../project/project.js';
import { readProject } from '../project/read-project.js';
import { publishAllowed } from '../publish/policy.js';

/** The options of `ensureImages`: the flags of the command by their names. All may be left out. */
export interface EnsureImagesOptions extends EngineOptions, NetworkOptions, CallOptions {
  /** The bundles.yaml that declares the images. Default: `BUNDLES_CONFIG`, else `bundles.yaml` in the working directory. */
  readonly config?: string | undefined;
  /** Images to work on. Default: all. */
  readonly names?: readonly string[] | undefined;
  /** True also pushes images with `publish: ci` outside a CI job, false pushes nothing. Default: as declared. */
  readonly push?: boolean | undefined;
  /** Sends no request. Default false. */
  readonly offline?: boolean | undefined;
  /** Takes over names in the local store from images that this project did not build. Default false. */
  readonly replace?: boolean | undefined;
  /** A directory that gets each image as NAME.tar, a docker archive. Default: none. */
  readonly export?: string | undefined;
  /**
   * The kind cluster that every image is loaded into; false loads into none. Default: the only cluster there is, if it is
   * `KIND_CLUSTER_NAME` or there is one alone.
   */
  readonly kind?: string | boolean | undefined;
  /** Secrets that bundles.yaml declares, e.g. `id=npm,env=NPM_TOKEN` or `id=npm,src=FILE`. Default: none. */
  readonly secret?: readonly string[] | undefined;
  /** The directory of the logs. Default: `BUNDLES_STATE_DIR`, else `.bundles` beside bundles.yaml. */
  readonly stateDir?: string | undefined;
  /** The most builds at once on this machine, over all processes. Default: one for two processors and 3 GiB of memory. */
  readonly buildSlots?: number | undefined;
  /** Builds the images of this run one after the other. Default false. */
  readonly sequential?: boolean | undefined;
  /** Longest time for one build, in milliseconds. Default one hour. */
  readonly buildTimeoutMs?: number | undefined;
  /** Longest wait for a build slot, in milliseconds. Default: no limit. */
  readonly waitTimeoutMs?: number | undefined;
  /** Longest wait for an engine that crashed, in milliseconds. Default one minute. */
  readonly recoveryTimeoutMs?: number | undefined;
  /** Refuses to build with less disk free, in bytes. Default 2 GiB. */
  readonly minDiskBytes?: number | undefined;
  /** Refuses to build with less memory available, in bytes. Default 1 GiB. */
  readonly minMemoryBytes?: number | undefined;
  /** Source of variables, credentials and the time, also the environment of the engine. Default: this process and its user. */
  readonly machine?: Machine | undefined;
  /** Receives events while the run works. */
  readonly onEvent?: ((event: ImageEvent) => void) | undefined;
  /** Receives warnings about the network and about kind. Default: they are dropped. */
  readonly log?: ((text: string) => void) | undefined;
  /** No warnings. */
  readonly quiet?: boolean | undefined;
  /** @internal Files that the caller writes, left out of build contexts. */
  readonly ownFiles?: readonly string[] | undefined;
}

/** The result of `ensureImages`: the document that `images ensure --output json` prints. */
export interface EnsureImagesResult extends ImagesResult {
  /** Declared workflows that run one of the images, now pinned in the lock and in their documents. */
  readonly workflows: readonly WorkflowResult[];
}

/** The images of a project, with everything that the work needs opened and closed. `images-on-demand.ts` has its contract. */
export async function ensureProjectImages(
  context: RunContext,
  options: EnsureImagesOptions,
): Promise<EnsureImagesResult> {
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const project = keepProject(context, await readProject(file, {}, { signal: context.signal }));
  const engine = await openEngine(context, options);
  const connection = options.offline
    ? undefined
    : await openConnection(context, {
        options,
        projects: [project],
        patience: 'brief',
        registries: project.images.map(({ reference }) => reference.registry),
      });
  try {
    const run = await createImageRun(context, { options, project, engine, connection });
    const { error, ...rest } = await ensureImages(run, options.names);
    return {
      ...rest,
      workflows: await pinWorkflows(context, { project, options, images: rest.images }),
      error,
    };
  } finally {
    await connection?.close();
  }
}

interface PinRequest {
  readonly project: Project;
  readonly options: EnsureImagesOptions;
  readonly images: readonly ImageResult[];
}

/** The workflows that run the images, pinned in lock and documents. */
async function pinWorkflows(
  context: RunContext,
  { project, options, images }: PinRequest,
): Promise<readonly WorkflowResult[]> {
  if (!project.workflows.some(({ source }) => source.kind === 'image')) return [];
  const { pinImages } = await import('./pin-images.js');
  const stateDir = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR');
  const run = createRun(project, { stateDir }, { clock: context.clock, registries: undefined });
  return pinImages(run, images, { signal: context.signal });
}

interface RunParts {
  readonly options: EnsureImagesOptions;
  readonly project: Project;
  readonly engine: Engine;
  readonly connection: Connection | undefined;
}

async function createImageRun(context: RunContext, parts: RunParts): Promise<ImageRun> {
  const { options, project, engine, connection } = parts;
  const places = await openSlots(context, options);
  const state =
    optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR') ?? resolve(project.directory, '.bundles');
  const plain = [
    ...(options.plainHttp ?? []),
    ...[...project.registries].flatMap(([host, { plainHttp }]) => (plainHttp ? [host] : [])),
  ].map(canonicalRegistry);
  const { clock, signal } = context;
  const environment = kindEnvironment(context.environment, engine.name);
  return {
    project,
    engine,
    environment,
    clock,
    replace: options.replace === true,
    push: publishAllowed(project.publish, options.push, isCi(context)),
    signal: connection ? AbortSignal.any([signal, connection.signal]) : signal,
    registry: connection?.registry,
    isPlainHttp: (registry) =>
      plain.includes(registry) || locationOfHost(new URL(`http://${registry}`).hostname) === 'loopback',
    slots: {
      ...places,
      scope: await scopeOf(places.uses),
      limit: options.buildSlots,
      waitTimeoutMs: options.waitTimeoutMs,
    },
    secrets: await readSecrets(options.secret ?? [], {
      environment: context.environment,
      resolve: (path) => resolve(path),
      signal,
    }),
    sequential: options.sequential === true,
    directory: resolve(state, 'images'),
    ownPaths: ownPaths(parts, { state, places }),
    timeoutMs: options.buildTimeoutMs ?? 3_600_000,
    recoveryMs: options.recoveryTimeoutMs ?? 60_000,
    minDiskBytes: options.minDiskBytes,
    minMemoryBytes: options.minMemoryBytes,
    memory: undefined,
    exportDirectory: options.export === undefined ? undefined : resolve(options.export),
    kind: await findKind(context, { options, environment }),
    onEvent: (event) => options.onEvent?.(event),
  };
}

/** What runs of this project write, wherever a build context may lie; also what a run with other options wrote. */
function ownPaths(
  { options, project }: RunParts,
  { state, places }: { readonly state: string; readonly places: SlotPlaces },
): readonly string[] {
  const archives = options.export === undefined ? [] : project.images.map(({ name }) => `${name}.tar`);
  return [
    resolve(project.directory, '.bundles'),
    ...[state, join(state, 'images'), places.directory, places.uses].map((path) => resolve(path)),
    ...(options.ownFiles ?? []).map((path) => resolve(path)),
    ...archives.map((name) => resolve(options.export ?? '', name)),
  ];
}

/** A cluster that is named has to be there. Without a name the only one there is is taken, of several none. */
async function findKind(
  context: RunContext,
  {
    options,
    environment,
  }: { readonly options: EnsureImagesOptions; readonly environment: RunContext['environment'] },
): Promise<KindClusters | undefined> {
  if (options.kind === false) return undefined;
  const wanted = typeof options.kind === 'string' ? options.kind : undefined;
  const program = await findProgram('kind', environment);
  if (program === undefined) {
    if (wanted === undefined) return undefined;
    return { program: 'kind', clusters: chooseClusters(wanted, []), always: true };
  }
  const { signal } = context;
  const found = await kindClusters(program, { environment, signal }).catch(
    (error: unknown): readonly string[] => {
      if (wanted !== undefined) throw error;
      return [];
    },
  );
  if (wanted !== undefined) return { program, clusters: chooseClusters(wanted, found), always: true };
  const own = environment.KIND_CLUSTER_NAME;
  const clusters = own !== undefined && found.includes(own) ? [own] : found;
  if (clusters.length > 1 && !options.quiet) {
    const names = clusters.join(', ');
    context.stderr.line(
      `warning: there are several kind clusters (${names}); name the one to load into with --kind`,
    );
  }
  return clusters.length === 1 ? { program, clusters, always: false } : undefined;
}
