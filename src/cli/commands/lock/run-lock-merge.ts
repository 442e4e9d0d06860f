import { mergeLockParts } from '../../../ensure/shards/merge-lock-parts.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Session } from '../../session.js';

export interface LockMergeOptions extends CommonOptions, NetworkOptions {
  readonly config?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly lock?: string;
}

/** Merges the parts of a lock and reports what became of the lock. */
export async function runLockMerge(
  { context }: Session,
  { parts, options }: { readonly parts: readonly string[]; readonly options: LockMergeOptions },
): Promise<void> {
  const result = await mergeLockParts(parts, {
    ...options,
    machine: context,
    signal: context.signal,
    log: (text) => context.stderr.line(text.trimEnd()),
    watch: context.watch,
    hide: context.hide,
    keep: context.keep,
  });
  if (options.output === 'json') context.stdout.json(result);
  else {
    const { lock, action, entries } = result;
    const from = count(result.parts.length, 'part');
    context.stdout.line(`${lock}: ${action}, ${count(entries, 'bundle')} from ${from}`);
  }
}
