import { isCi } from '../../open/machine.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import { readYes } from './read-yes.js';

export interface Deletion<Report> {
  /** Finds what can go, and removes it if `remove` is set. */
  readonly run: (remove: boolean) => Promise<Report>;
  readonly isEmpty: (report: Report) => boolean;
  /** Prints a report. Called once for what would go, and once more after a removal. */
  readonly show: (report: Report, removed: boolean) => void;
}

export interface DeletionOptions extends Pick<CommonOptions, 'output'> {
  readonly yes?: boolean;
  /** Only shows, whatever the other options are. */
  readonly dryRun?: boolean;
}

/**
 * The one way in which commands delete. With `--yes` it removes at once. Without, it shows what would go and removes it
 * only after a yes at a terminal; it asks no question in a CI job, beside JSON output, or if there is nothing to remove.
 */
export async function deleteIfConfirmed<Report>(
  context: Context,
  { yes = false, dryRun = false, output }: DeletionOptions,
  { run, isEmpty, show }: Deletion<Report>,
): Promise<Report> {
  const asked = yes && !dryRun;
  const first = await run(asked);
  show(first, asked);
  if (asked || dryRun || output !== 'text' || isEmpty(first) || !(await confirmDeletion(context)))
    return first;
  const second = await run(true);
  show(second, true);
  return second;
}

async function confirmDeletion(context: Context): Promise<boolean> {
  const { stdin, stderr, signal, waits } = context;
  if (!stdin.isTTY || !stderr.isTerminal || isCi(context)) return false;
  const held = waits.hold();
  try {
    stderr.ask('Remove? Anything but yes removes nothing. [y/N] ');
    return await readYes(stdin, signal);
  } finally {
    held.end();
  }
}
