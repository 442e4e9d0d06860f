import { join } from 'node:path';
import { type PruneReport, pruneImages } from '../../../images/prune-images.js';
import { optionOr } from '../../../open/machine.js';
import { keepProject } from '../../../open/own-values.js';
import { readLock } from '../../../project/lock/lock-file.js';
import { readProject } from '../../../project/read-project.js';
import { type EngineOptions, openEngine, openSlots } from '../../open/open-images.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count, formatByteSize } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { formatTable } from '../../output/table.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';
import { showHolders } from './run-images-ensure.js';

export interface ImagesPruneOptions extends CommonOptions, EngineOptions {
  readonly config?: string;
  readonly lock?: string;
  readonly yes?: boolean;
  /** Bytes. */
  readonly to?: number;
  /** Milliseconds. */
  readonly grace: number;
  readonly dangling: boolean;
  /** Milliseconds. */
  readonly waitTimeout?: number;
}

/** Shows what can be freed, and frees it where that was asked for. */
export async function runImagesPrune({ context }: Session, options: ImagesPruneOptions): Promise<void> {
  const { clock, signal, stderr, stdout } = context;
  const file = options.config ?? optionOr(undefined, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const project = keepProject(context, await readProject(file, {}, { signal }));
  const lock = await readLock(options.lock ?? join(project.directory, 'bundles.lock'), { signal });
  const wait = context.waits.begin('asking the container engine');
  const engine = await openEngine(context, options);
  const slots = await openSlots(context, options);
  const remove = options.yes === true;
  const text = options.output === 'text';
  const screen = createScreen(context, 'stdout', options);
  const report = await pruneImages({
    project,
    lock,
    engine,
    clock,
    signal,
    slots,
    remove,
    toBytes: options.to,
    graceMs: options.grace,
    dangling: options.dangling,
    waitTimeoutMs: options.waitTimeout,
    onQueuePosition: ({ place, holders, stopped }) => {
      wait.say(`waiting until no build runs, place ${place}`);
      if (!options.quiet)
        stderr.line(`waiting until no build runs, place ${place} (at it: ${showHolders(holders, stopped)})`);
    },
    onShow: (shown) => {
      if (text) stdout.lines(showCandidates(shown, screen));
    },
  });
  wait.end();
  for (const warning of report.warnings) if (!options.quiet) stderr.line(`warning: ${warning}`);
  if (text) stdout.lines(showEnd(report, { remove, screen }));
  else stdout.json({ version: 1, dryRun: !remove, ...report, error: null });
}

function showCandidates({ images }: PruneReport, screen: Screen): string[] {
  const rows = images.map(({ id, names, bytes, why, created }): Text[] => {
    const day = new Date(created * 1000).toISOString().slice(0, 10);
    return [why, [['dim', id.slice(0, 12)]], day, formatByteSize(bytes), names.join(', ') || '(no name)'];
  });
  return formatTable(rows, screen);
}

function showEnd(
  { images, kept, freeBytes }: PruneReport,
  { remove, screen }: { readonly remove: boolean; readonly screen: Screen },
): string[] {
  const free = freeBytes.after === null ? '' : `; ${formatByteSize(freeBytes.after)} are free`;
  const removed = images.filter((image) => image.removed).length;
  const left = images
    .filter((image) => !image.removed)
    .map(({ id, left }) => `left ${id.slice(0, 12)}: ${left}`);
  const next = images.length > 0 ? ' (with --yes they are)' : '';
  const texts = remove
    ? [...left, `removed ${count(removed, 'image')}, ${kept + images.length - removed} stay${free}`]
    : [`would remove ${count(images.length, 'image')}${next}, ${kept} stay${free}`];
  return texts.flatMap((text) => wrap(text, { indent: 0 }, screen));
}
