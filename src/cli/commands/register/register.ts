import type { Command } from '../../command.js';
import {
  catalogOption,
  catalogTokenOption,
  readLockOption,
  repositoryOption,
  stateDirOption,
  tagOption,
} from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import type { RunOptions } from '../ensure/run-options.js';

/** `bundles register`: workflows of bundles that are published already. */
export const registerCommand: Command<RunOptions> = {
  name: 'register',
  group: 'workflows',
  summary: 'register the workflows of published bundles in their catalog',
  description:
    'Make sure that the bundles are on their registry as recorded in the lock, then register their workflows. It publishes nothing and writes no committed file.',
  arguments: [{ name: '[names...]', summary: 'bundles to work on; default: all', complete: 'bundle' }],
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml to work on',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
      repeat: true,
    },
    catalogOption,
    catalogTokenOption,
    repositoryOption,
    tagOption,
    stateDirOption,
    readLockOption,
    ...connectionOptions,
  ],
  examples: [
    { words: 'register', does: 'register every declared workflow' },
    { words: 'register hello-world --catalog embedded', does: 'register one in the catalog of this machine' },
  ],
  async run(session, names, given) {
    const { runProjects } = await import('../ensure/run-projects.js');
    const options = { ...given, push: false, fallback: false, onDifferent: 'fail', frozen: true } as const;
    await runProjects(session, { mode: 'ensure', names, options, purpose: 'register' });
  },
};
