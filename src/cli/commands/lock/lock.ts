import type { Command } from '../../command.js';
import { repositoryOption, tagOption } from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import type { LockMergeOptions } from './run-lock-merge.js';

/** `bundles lock merge`: merges the parts of a project's shards into its lock. */
export const lockMergeCommand: Command<LockMergeOptions> = {
  name: 'lock merge',
  group: 'job',
  summary: 'merge the parts that ensure --shard wrote into the lock',
  description:
    'Read the parts of all shards and write the lock that one run over all bundles would have written, or refuse parts that do not belong together.',
  arguments: [
    {
      name: '<parts...>',
      summary: 'files, or oci: and a reference with a tag or a digest; the parts of all shards',
    },
  ],
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml that the shards read',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    repositoryOption,
    tagOption,
    { flags: '--lock <file>', summary: 'lock to write instead of bundles.lock', group: 'project' },
    ...connectionOptions,
  ],
  examples: [
    { words: 'lock merge parts/*.yaml', does: 'write bundles.lock from files' },
    {
      words: 'lock merge oci:quay.io/acme/lock-parts:run-7-1 oci:quay.io/acme/lock-parts:run-7-2',
      does: 'from artifacts on a registry',
    },
  ],
  async run(session, parts, options) {
    const { runLockMerge } = await import('./run-lock-merge.js');
    await runLockMerge(session, { parts, options });
  },
};
