import type { Command } from 'commander';
import { addCommonOptions, addProjectOptions, collect } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { PromoteOptions } from './run-promote.js';

/** `bundles promote`: pinned bundles to another repository, or home. */
export function addPromote(program: Command, session: Session): void {
  const command = program
    .command('promote')
    .summary('copy pinned bundles to another repository, or home from where they fell back to')
    .description(
      'Copy declared bundles by the digest of the lock, with what belongs to them, to another repository; without --to, those that fell back to their own.',
    )
    .argument('[names...]', 'bundles to narrow the work to; all without a name')
    .option('--to <repository>', 'bundle NAME goes to REPOSITORY/NAME')
    .option(
      '--tag <tag>',
      'tag there, instead of the declared one; may be repeated, the fixed one first',
      collect,
    )
    .option('--force', 'move a tag that looks like a fixed version, and replace signatures')
    .option('--no-keep-old', 'let a tag that moves leave its digest without an anchor')
    .option('--no-referrers', 'leave referrers and signatures behind');
  addCommonOptions(addNetworkOptions(addProjectOptions(command))).action(
    async (names: string[], options: PromoteOptions) => {
      const { runPromote } = await import('./run-promote.js');
      await runPromote(session, { names, options });
    },
  );
}
