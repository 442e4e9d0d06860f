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
  summary: 'copy pinned bundles to another repository, or publish what fell back',
  description:
    'Copy declared bundles by the digest in the lock, with signatures and referrers, to another repository. Without --to, publish bundles that fell back.',
  arguments: [{ name: '[names...]', summary: 'bundles to work on; default: all', complete: 'bundle' }],
  options: [
    { flags: '--to <repository>', summary: 'bundle NAME goes to REPOSITORY/NAME' },
    {
      flags: '--tag <tag>',
      summary: 'tag at the destination instead of the declared one; the fixed one first',
      group: 'project',
      repeat: true,
    },
    { flags: '--force', summary: 'move a tag that looks like a fixed version, and replace signatures' },
    { flags: '--no-keep-old', summary: 'do not keep the old digest of a moved tag under another tag' },
    { flags: '--no-referrers', summary: 'do not copy referrers and signatures' },
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
