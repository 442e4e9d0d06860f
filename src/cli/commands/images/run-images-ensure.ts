import { resolve } from 'node:path';
import type { Engine } from '../../../engine/engine.js';
import { findProgram } from '../../../engine/find-engine.js';
import { chooseClusters, kindClusters, kindEnvironment } from '../../../engine/kind.js';
import { placeOfHost } from '../../../http/place-of-host.js';
import { ensureImages } from '../../../images/ensure-images.js';
import type { ImageEvent, ImageRun, KindClusters } from '../../../images/image-run.js';
import { canonicalRegistry } from '../../../oci/registry-host.js';
import type { Project } from '../../../project/project.js';
import { readProject } from '../../../project/read-project.js';
import type { Context } from '../../context.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import type { Connection } from '../../open/connect.js';
import { openConnection } from '../../open/open-connection.js';
import { type EngineOptions, openEngine, openSlots } from '../../open/open-images.js';
import { type CommonOptions, optionOr } from '../../options/common-options.js';
import type { NetworkOptions } from '../../options/network-options.js';
import { createPaint } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showImageEvent, showImages } from './show-images.js';

export interface ImagesEnsureOptions extends CommonOptions, NetworkOptions, EngineOptions {
  readonly config?: string;
  readonly stateDir?: string;
  /** False for --no-push. */
  readonly push: boolean;
  readonly offline?: boolean;
  readonly export?: string;
  /** False for --no-kind. */
  readonly kind?: string | boolean;
  readonly buildSlots?: number;
  readonly sequential?: boolean;
  /** Milliseconds. */
  readonly buildTimeout: number;
  readonly recoveryTimeout?: number;
  /** Bytes. */
  readonly minDisk?: number;
  readonly minMemory?: number;
}

export interface ImagesEnsureRequest {
  readonly names: readonly string[];
  readonly options: ImagesEnsureOptions;
}

/** Makes sure of the declared images, reports and sets the exit status. */
export async function runImagesEnsure(
  session: Session,
  { names, options }: ImagesEnsureRequest,
): Promise<void> {
  const { context } = session;
  const file = options.config ?? optionOr(undefined, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const project = await readProject(file, {}, { signal: context.signal });
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
    const result = await ensureImages(run, names);
    const paint = createPaint(context, 'stdout', options);
    context.stdout.write(
      options.output === 'json' ? `${JSON.stringify(result, null, 2)}\n` : showImages(result, paint),
    );
    session.exitCode = worstExitCode(result.images.map(({ error }) => (error ? exitCodes[error.code] : 0)));
  } finally {
    await connection?.close();
  }
}

interface RunParts {
  readonly options: ImagesEnsureOptions;
  readonly project: Project;
  readonly engine: Engine;
  readonly connection: Connection | undefined;
}

async function createImageRun(context: Context, parts: RunParts): Promise<ImageRun> {
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
    push: options.push,
    signal: connection ? AbortSignal.any([signal, connection.signal]) : signal,
    registry: connection?.registry,
    isPlainHttp: (registry) =>
      plain.includes(registry) || placeOfHost(new URL(`http://${registry}`).hostname) === 'loopback',
    slots: { ...places, limit: options.sequential ? 1 : options.buildSlots },
    directory: resolve(state, 'images'),
    timeoutMs: options.buildTimeout,
    recoveryMs: options.recoveryTimeout ?? 60_000,
    minDiskBytes: options.minDisk,
    minMemoryBytes: options.minMemory,
    memory: undefined,
    exportDirectory: options.export === undefined ? undefined : resolve(options.export),
    kind: await findKind(context, { options, environment }),
    onEvent: (event) => tell(context, options, event),
  };
}

/** A cluster that is named has to be there. Without a word the only one there is is taken, of several none. */
async function findKind(
  context: Context,
  {
    options,
    environment,
  }: { readonly options: ImagesEnsureOptions; readonly environment: Context['environment'] },
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
    context.stderr.write(
      `warning: there are several kind clusters (${names}); name the one to load into with --kind\n`,
    );
  }
  return clusters.length === 1 ? { program, clusters, always: false } : undefined;
}

function tell({ stderr }: Context, options: CommonOptions, event: ImageEvent): void {
  if (!options.quiet) stderr.write(`${showImageEvent(event)}\n`);
}
