import { dirname, join } from 'node:path';
import { toBundlesError } from '../../../errors.js';
import { readImageUses } from '../../../images/image-uses.js';
import { type PruneReport, pruneImages } from '../../../images/prune-images.js';
import { optionOr } from '../../../open/machine.js';
import { keepProject } from '../../../open/own-values.js';
import type { Lock } from '../../../project/lock/lock.js';
import { readLock } from '../../../project/lock/lock-file.js';
import type { Project } from '../../../project/project.js';
import { readProject } from '../../../project/read-project.js';
import type { Context } from '../../context.js';
import { deleteIfConfirmed } from '../../open/delete-if-confirmed.js';
import { type EngineOptions, openEngine, openSlots } from '../../open/open-images.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count, formatByteSize } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { formatTable } from '../../output/table.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';
import { showHolders } from './show-image-event.js';

export interface ImagesPruneOptions extends CommonOptions, EngineOptions {
  readonly config?: string;
  readonly lock?: string;
  /** Of all projects. */
  readonly host?: boolean;
  readonly yes?: boolean;
  /** Bytes. */
  readonly to?: number;
  /** Milliseconds. */
  readonly grace: number;
  readonly dangling: boolean;
  /** Milliseconds. */
  readonly waitTimeout?: number;
}

/** Shows what can be freed, and frees it if that was confirmed. */
export async function runImagesPrune({ context }: Session, options: ImagesPruneOptions): Promise<void> {
  const { clock, signal, stderr, stdout } = context;
  const project = options.host ? undefined : await readDeclared(context, options);
  const own = options.lock ?? (project && join(project.directory, 'bundles.lock'));
  const lock = own === undefined ? [] : [await readLock(own, { signal })];
  const engine = await openEngine(context, options);
  const slots = await openSlots(context, options);
  const known = project === undefined ? await readLocksOf(await readImageUses(slots.uses), signal) : noLocks;
  const text = options.output === 'text';
  const screen = createScreen(context, 'stdout', options);
  let listed = '';
  /** What was confirmed: nothing else goes, whatever else could go meanwhile. */
  let only: ReadonlySet<string> | undefined;
  const prune = async (remove: boolean): Promise<PruneReport> => {
    const wait = context.waits.begin('asking the container engine');
    const report = await pruneImages({
      project,
      locks: [...lock, ...known.locks],
      engine,
      clock,
      signal,
      slots,
      remove,
      toBytes: options.to,
      graceMs: options.grace,
      dangling: options.dangling,
      only,
      waitTimeoutMs: options.waitTimeout,
      onQueuePosition: ({ place, holders, stopped }) => {
        wait.say(`waiting until no build runs, place ${place}`);
        if (!options.quiet)
          stderr.line(
            `waiting until no build runs, place ${place} (at it: ${showHolders(holders, stopped)})`,
          );
      },
      onShow: (shown) => {
        // Confirmed at a terminal, it is listed again only if it changed meanwhile.
        const lines = showCandidates(shown, screen);
        if (text && lines.join('\n') !== listed) stdout.lines(lines);
        listed = lines.join('\n');
        only = new Set([...shown.images, ...shown.containers].map(({ id }) => id));
      },
    });
    wait.end();
    return { ...report, warnings: [...report.warnings, ...known.warnings] };
  };
  const warned = new Set<string>();
  await deleteIfConfirmed(context, options, {
    run: prune,
    isEmpty: ({ images, containers }) => images.length + containers.length === 0,
    show(report, removed) {
      for (const warning of report.warnings) {
        if (!options.quiet && !warned.has(warning)) stderr.line(`warning: ${warning}`);
        warned.add(warning);
      }
      if (text) stdout.lines(showEnd(report, { remove: removed, screen }));
      else stdout.json({ version: 1, dryRun: !removed, ...report, error: null });
    },
  });
}

async function readDeclared(context: Context, options: ImagesPruneOptions): Promise<Project> {
  const file = options.config ?? optionOr(undefined, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  return keepProject(context, await readProject(file, {}, { signal: context.signal }));
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

function showCandidates({ images, containers }: PruneReport, screen: Screen): string[] {
  const killed = containers.map(({ id, created }): Text[] => {
    const what = 'container of a build that was killed';
    return ['killed', [['dim', id.slice(0, 12)]], dayOf(created), '-', what];
  });
  const rows = images.map(({ id, names, bytes, why, created }): Text[] => {
    const size = bytes === null ? 'unknown' : formatByteSize(bytes);
    return [why, [['dim', id.slice(0, 12)]], dayOf(created), size, names.join(', ') || '(no name)'];
  });
  return formatTable([...killed, ...rows], screen);
}

function dayOf(seconds: number): string {
  return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString().slice(0, 10) : '-';
}

function showEnd(
  { images, containers, kept, bytes, freeBytes }: PruneReport,
  { remove, screen }: { readonly remove: boolean; readonly screen: Screen },
): string[] {
  const free = freeBytes.after === null ? '' : `; ${formatByteSize(freeBytes.after)} are free`;
  const removed = images.filter((image) => image.removed).length;
  const left = [...containers, ...images]
    .filter((one) => !one.removed)
    .map(({ id, left }) => `left ${id.slice(0, 12)}: ${left}`);
  const all = images.length + containers.length;
  const next = all > 0 ? ' (with --yes they are)' : '';
  const what = (number: number, ofContainers: number) =>
    count(number, 'image') + (containers.length > 0 ? ` and ${count(ofContainers, 'container')}` : '');
  const size = bytes === null || bytes === 0 ? '' : `, which frees ${formatByteSize(bytes)}`;
  const gone = containers.filter((one) => one.removed).length;
  const texts = remove
    ? [...left, `removed ${what(removed, gone)}, ${kept + images.length - removed} stay${free}`]
    : [`would remove ${what(images.length, containers.length)}${next}${size}, ${kept} stay${free}`];
  return texts.flatMap((text) => wrap(text, { indent: 0 }, screen));
}
