import { dirname, join } from 'node:path';
import type { CallOptions } from '../content/store.js';
import type { QueuePosition } from '../engine/slots/build-slot.js';
import { toBundlesError } from '../errors.js';
import { type Machine, optionOr, type RunContext } from '../open/machine.js';
import { keepProject } from '../open/own-values.js';
import type { Lock } from '../project/lock/lock.js';
import { readLock } from '../project/lock/lock-file.js';
import { readProject } from '../project/read-project.js';
import { readImageUses } from './image-uses.js';
import { type EngineOptions, openEngine, openSlots } from './open-engine.js';
import { type PruneReport, pruneImages } from './prune-images.js';

/** The options of `pruneImages`: the flags of the command by their names. All may be left out. */
export interface PruneImagesOptions extends EngineOptions, CallOptions {
  /** The bundles.yaml that declares the images. Default: `BUNDLES_CONFIG`, else `bundles.yaml` in the working directory. */
  readonly config?: string | undefined;
  /** A lock that names images too. Default: `bundles.lock` beside bundles.yaml. */
  readonly lock?: string | undefined;
  /**
   * Also what any project built on this machine, and the containers of builds that were killed; bundles.yaml is not read.
   * Default false.
   */
  readonly host?: boolean | undefined;
  /** Removes what is found; without it nothing changes. Default false. */
  readonly remove?: boolean | undefined;
  /** Stops when so many bytes are free; the oldest are removed first. Default: removes all that is found. */
  readonly toBytes?: number | undefined;
  /** Keeps what is younger, in milliseconds. Default one hour. */
  readonly graceMs?: number | undefined;
  /** Also layers without a name. Default true. */
  readonly dangling?: boolean | undefined;
  /** Longest wait until no build runs, in milliseconds, with `remove`. Default: no limit. */
  readonly waitTimeoutMs?: number | undefined;
  /** Source of variables and the time, also the environment of the engine. Default: this process and its user. */
  readonly machine?: Machine | undefined;
  /** Called while the removal waits for builds, when its place in the queue changes. */
  readonly onQueuePosition?: ((place: QueuePosition) => void) | undefined;
}

/** The result of `pruneImages`: the document that `images prune --output json` prints. */
export interface PruneImagesResult extends PruneReport {
  readonly version: 1;
  /** Whether nothing was removed, because `remove` was not set. */
  readonly dryRun: boolean;
  readonly error: null;
}

/** One look for what can go, or one removal. */
export interface PruneRound {
  readonly remove: boolean;
  /** Ids beyond which nothing may go. Default: any. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Called before anything is removed. */
  readonly onShow?: (report: PruneReport) => void;
}

/** What is needed to prune, opened once for several rounds. @throws CONFIG_NOT_FOUND, CONFIG_INVALID, LOCK_INVALID, ENGINE_NOT_FOUND, SLOTS_UNSAFE */
export async function openPrune(
  context: RunContext,
  options: PruneImagesOptions,
): Promise<(round: PruneRound) => Promise<PruneImagesResult>> {
  const { clock, signal } = context;
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const project = options.host ? undefined : keepProject(context, await readProject(file, {}, { signal }));
  const own = options.lock ?? (project && join(project.directory, 'bundles.lock'));
  const lock = own === undefined ? [] : [await readLock(own, { signal })];
  const engine = await openEngine(context, options);
  const slots = await openSlots(context, options);
  const known = project === undefined ? await readLocksOf(await readImageUses(slots.uses), signal) : noLocks;
  const { toBytes, graceMs = 3_600_000, dangling = true, waitTimeoutMs, onQueuePosition } = options;
  return async (round) => {
    const report = await pruneImages({
      ...{
        project,
        engine,
        clock,
        signal,
        slots,
        toBytes,
        graceMs,
        dangling,
        waitTimeoutMs,
        onQueuePosition,
      },
      ...round,
      locks: [...lock, ...known.locks],
    });
    const warnings = [...report.warnings, ...known.warnings];
    return { version: 1, dryRun: !round.remove, ...report, warnings, error: null };
  };
}

interface KnownLocks {
  readonly locks: readonly Lock[];
  readonly warnings: readonly string[];
}

const noLocks: KnownLocks = { locks: [], warnings: [] };

/** The locks beside the projects that note what they need here. One that cannot be read is named, and stops nothing. */
async function readLocksOf(
  uses: readonly { readonly file: string }[],
  signal: AbortSignal,
): Promise<KnownLocks> {
  const locks: Lock[] = [];
  const warnings: string[] = [];
  for (const file of new Set(uses.map((use) => join(dirname(use.file), 'bundles.lock')))) {
    try {
      locks.push(await readLock(file, { signal }));
    } catch (error) {
      signal.throwIfAborted();
      warnings.push(`the images that ${file} names are not known: ${toBundlesError(error).message}`);
    }
  }
  return { locks, warnings };
}
