import type { Command } from '../../command.js';
import type { CommonOptions } from '../../options/common-options.js';

/** `bundles version`: the versions that a bug report needs. */
export const versionCommand: Command<CommonOptions, readonly []> = {
  name: 'version',
  group: 'setup',
  summary: 'print the version',
  description: 'Print the version of this program; with --output json also those of Node and the system.',
  examples: [
    { words: 'version', does: 'the version alone, as --version does' },
    { words: 'version --output json', does: 'with the versions of Node and the system' },
  ],
  async run(session, _, options) {
    const { runVersion } = await import('./run-version.js');
    runVersion(session, options);
  },
};
