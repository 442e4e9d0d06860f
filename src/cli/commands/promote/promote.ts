import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { identityOptions } from '../../options/keyless-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { trustedKeyOption } from '../../options/signing-options.js';
import type { PromoteOptions } from './run-promote.js';

/** `bundles promote`: pinned bundles to another repository, or home. */
export const promoteCommand: Command<PromoteOptions> = {
  name: 'promote',
  group: 'publish',
  summary: 'copy pinned bundles to another repository, or from the fallback registry to their own',
  description:
    'Copy declared bundles by the digest of the lock, with what belongs to them, to another repository; without --to, those that fell back to their own.',
  arguments: [
    { name: '[names...]', summary: 'bundles to work on; all if none is named', complete: 'bundle' },
  ],
  options: [
    { flags: '--to <repository>', summary: 'bundle NAME goes to REPOSITORY/NAME' },
    {
      flags: '--tag <tag>',
      summary: 'tag there, instead of the declared one, the fixed one first',
      group: 'project',
      repeat: true,
    },
    { flags: '--force', summary: 'move a tag that looks like a fixed version, and replace signatures' },
    { flags: '--no-keep-old', summary: 'let a tag that moves leave its digest without an anchor' },
    { flags: '--no-referrers', summary: 'leave referrers and signatures behind' },
    trustedKeyOption,
    ...identityOptions,
    ...connectionOptions,
    ...projectOptions,
  ],
  examples: [
    { words: 'promote --to quay.io/acme/production', does: 'copy every pinned bundle to another repository' },
    { words: 'promote', does: 'publish what fell back, now that the registry answers' },
  ],
  async run(session, names, options) {
    const { runPromote } = await import('./run-promote.js');
    await runPromote(session, { names, options });
  },
};
