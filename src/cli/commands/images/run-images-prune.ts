import type { EngineOptions } from '../../../images/open-engine.js';
import { openPrune } from '../../../images/open-prune.js';
import type { PruneReport } from '../../../images/prune-images.js';
import { deleteIfConfirmed } from '../../open/delete-if-confirmed.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count, formatByteSize } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { formatTable } from '../../output/table.js';
import { createScreen } from '../../output/terminal.js';
import type { TextWait } from '../../output/waits.js';
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
  const { stderr, stdout } = context;
  const text = options.output === 'text';
  const screen = createScreen(context, 'stdout', options);
  let wait: TextWait | undefined;
  const prune = await openPrune(context, {
    ...options,
    toBytes: options.to,
    graceMs: options.grace,
    waitTimeoutMs: options.waitTimeout,
    onQueuePosition: ({ place, holders, stopped }) => {
      wait?.say(`waiting until no build runs, place ${place}`);
      if (!options.quiet)
        stderr.line(`waiting until no build runs, place ${place} (at it: ${showHolders(holders, stopped)})`);
    },
  });
  let listed = '';
  /** What was confirmed: nothing else goes, whatever else could go meanwhile. */
  let only: ReadonlySet<string> | undefined;
  const warned = new Set<string>();
  await deleteIfConfirmed(context, options, {
    async run(remove) {
      wait = context.waits.begin('asking the container engine');
      const report = await prune({
        remove,
        only,
        onShow: (shown) => {
          // Confirmed at a terminal, it is listed again only if it changed meanwhile.
          const lines = showCandidates(shown, screen);
          if (text && lines.join('\n') !== listed) stdout.lines(lines);
          listed = lines.join('\n');
          only = new Set([...shown.images, ...shown.containers].map(({ id }) => id));
        },
      });
      wait.end();
      return report;
    },
    isEmpty: ({ images, containers }) => images.length + containers.length === 0,
    show(report, removed) {
      for (const warning of report.warnings) {
        if (!options.quiet && !warned.has(warning)) stderr.line(`warning: ${warning}`);
        warned.add(warning);
      }
      if (text) stdout.lines(showEnd(report, { remove: removed, screen }));
      else stdout.json(report);
    },
  });
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
