import { join, resolve } from 'node:path';
import type { Engine } from '../../../engine/engine.js';
import { scopeOf } from '../../../engine/engines/build-host.js';
import { chooseClusters, kindClusters, kindEnvironment } from '../../../engine/engines/kind.js';
import type { SlotPlaces } from '../../../engine/slots/slot-places.js';
import { createRun } from '../../../ensure/create-run.js';
import type { WorkflowResult } from '../../../ensure/workflows/workflow-result.js';
import { locationOfHost } from '../../../http/host-location.js';
import { ensureImages } from '../../../images/ensure-images.js';
import type { ImageResult, ImagesResult } from '../../../images/image-result.js';
import type { ImageRun, KindClusters } from '../../../images/image-run.js';
import { readSecrets } from '../../../images/image-secrets.js';
import { canonicalRegistry } from '../../../oci/registry-host.js';
import type { Connection } from '../../../open/connect.js';
import { isCi, optionOr } from '../../../open/machine.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { keepProject } from '../../../open/own-values.js';
import { findProgram } from '../../../process/find-program.js';
import type { Project } from '../../../project/project.js';
import { readProject } from '../../../project/read-project.js';
import { publishAllowed } from '../../../publish/policy.js';
import type { Context } from '../../context.js';
import { exitCodeOf, exitCodes, worstExitCode } from '../../exit-codes.js';
import { type EngineOptions, openEngine, openSlots } from '../../open/open-images.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count, formatDuration, totalsLine } from '../../output/amounts.js';
import { describeError, errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import type { TextWait } from '../../output/waits.js';
import { workflowRows } from '../../output/workflow-rows.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';
import { progressOf, showImageEvent, waitText } from './show-image-event.js';

export interface ImagesEnsureOptions extends CommonOptions, NetworkOptions, EngineOptions {
  readonly config?: string;
  readonly stateDir?: string;
  /** True for --push, false for --no-push. */
  readonly push?: boolean;
  readonly offline?: boolean;
  readonly replace?: boolean;
  readonly secret?: readonly string[];
  readonly export?: string;
  readonly metrics?: string;
  /** False for --no-kind. */
  readonly kind?: string | boolean;
  readonly buildSlots?: number;
  readonly sequential?: boolean;
  /** Milliseconds. */
  readonly buildTimeout: number;
  readonly waitTimeout?: number;
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
  const project = keepProject(context, await readProject(file, {}, { signal: context.signal }));
  const wait = context.waits.begin('asking the container engine');
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
    const run = await createImageRun(context, { options, project, engine, connection, wait });
    const result = await ensureImages(run, names);
    wait.end();
    const screen = createScreen(context, 'stdout', options);
    const workflows = await pinWorkflows(context, { project, options, images: result.images });
    const { error, ...rest } = result;
    if (options.output === 'json') context.stdout.json({ ...rest, workflows, error });
    else {
      const rows = workflowRows(workflows, { verbose: options.verbose === true });
      const lines = showImages(result, screen, options.verbose === true);
      context.stdout.lines([...lines, ...formatRows(rows, screen)]);
    }
    session.exitCode = worstExitCode([
      ...[...result.images, ...workflows].map((one) => (one.error ? exitCodes[one.error.code] : 0)),
      await writeMetrics(context, options, result),
    ]);
  } finally {
    await connection?.close();
  }
}

/** The workflows that run the images, pinned in lock and documents. */
async function pinWorkflows(
  context: Context,
  {
    project,
    options,
    images,
  }: {
    readonly project: Project;
    readonly options: ImagesEnsureOptions;
    readonly images: readonly ImageResult[];
  },
): Promise<readonly WorkflowResult[]> {
  if (!project.workflows.some(({ source }) => source.kind === 'image')) return [];
  const { pinImages } = await import('../../../release/pin-images.js');
  const stateDir = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR');
  const run = createRun(project, { stateDir }, { clock: context.clock, registries: undefined });
  return pinImages(run, images, { signal: context.signal });
}

/** Gives the exit status of that: the result is printed once, whatever happens to its metrics. */
async function writeMetrics(
  context: Context,
  { metrics, verbose }: ImagesEnsureOptions,
  result: ImagesResult,
): Promise<number> {
  if (metrics === undefined) return 0;
  const { formatImageMetrics } = await import('../../../images/image-metrics.js');
  const { openReportFile } = await import('../../output/report-file.js');
  const file = openReportFile(context, resolve(metrics));
  file.writer.lines(formatImageMetrics(result, { finished: context.clock.now() }));
  try {
    await file.save();
    return 0;
  } catch (error) {
    context.stderr.lines(describeError(error, { verbose: verbose === true }));
    return exitCodeOf(error);
  }
}

interface RunParts {
  readonly options: ImagesEnsureOptions;
  readonly project: Project;
  readonly engine: Engine;
  readonly connection: Connection | undefined;
  readonly wait: TextWait;
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
      waitTimeoutMs: options.waitTimeout,
    },
    secrets: await readSecrets(options.secret ?? [], {
      environment: context.environment,
      resolve: (path) => resolve(path),
      signal,
    }),
    sequential: options.sequential === true,
    directory: resolve(state, 'images'),
    ownPaths: ownPaths(parts, { state, places }),
    timeoutMs: options.buildTimeout,
    recoveryMs: options.recoveryTimeout ?? 60_000,
    minDiskBytes: options.minDisk,
    minMemoryBytes: options.minMemory,
    memory: undefined,
    exportDirectory: options.export === undefined ? undefined : resolve(options.export),
    kind: await findKind(context, { options, environment }),
    onEvent(event) {
      const line = options.quiet ? undefined : showImageEvent(event);
      if (line !== undefined) context.stderr.line(line);
      if (event.type !== 'warning') parts.wait.say(waitText(event), progressOf(event));
    },
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
    ...(options.metrics === undefined ? [] : [resolve(options.metrics)]),
    ...archives.map((name) => resolve(options.export ?? '', name)),
  ];
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
    context.stderr.line(
      `warning: there are several kind clusters (${names}); name the one to load into with --kind`,
    );
  }
  return clusters.length === 1 ? { program, clusters, always: false } : undefined;
}

/** The result of `images ensure` for people. */
function showImages({ images, summary }: ImagesResult, screen: Screen, verbose: boolean): string[] {
  const lines = formatRows(
    images.map((image) => rowOf(image, verbose)),
    screen,
  );
  if (summary) {
    const { durationMs, built, reused, failed } = summary;
    const totals = totalsLine({
      what: count(images.length, 'image'),
      durationMs,
      counts: { built, reused, failed },
    });
    lines.push('', ...wrap([['bold', totals]], { indent: 0 }, screen));
  }
  return lines;
}

function rowOf(image: ImageResult, verbose: boolean): Row {
  const { name, outcome, digest, use, exported, loaded, error, durationMs } = image;
  const [text = '', ...more]: Text[] = [
    ...(error ? errorTexts(error) : []),
    ...(error ? lastLines(image).map((line): Text => [['dim', `| ${line}`]]) : []),
    ...(error ? [] : [where(image, durationMs)]),
    ...(use ? [`image: ${use.reference}`, `imagePullPolicy: ${use.imagePullPolicy}`] : []),
    ...(exported ? [`exported to ${exported}`] : []),
    ...(loaded.length > 0 ? [`loaded into ${loaded.join(', ')}`] : []),
  ];
  return {
    mark: outcome === 'failed' ? 'failed' : 'ok',
    name,
    outcome,
    digest: error ? null : digest,
    text,
    more,
    wide: verbose && digest ? [digest] : [],
  };
}

function lastLines({ error }: ImageResult): readonly string[] {
  const lines = error?.details.lastLines;
  return Array.isArray(lines) ? lines.map(String) : [];
}

function where({ outcome, from, pushed, verdict, reason }: ImageResult, durationMs: number): string {
  const words = [
    outcome === 'built' ? `in ${formatDuration(durationMs)}` : undefined,
    from === 'registry' ? 'from its registry' : from === 'store' ? 'from the local store' : undefined,
    pushed ? 'pushed' : undefined,
    verdict && verdict !== 'present' && !pushed ? [verdict, reason].filter(Boolean).join(': ') : undefined,
  ];
  return words.filter((word) => word !== undefined).join(', ');
}
