import type { Command } from '../../command.js';
import { suiteOptions } from '../../options/suite-options.js';
import type { WithOptions } from './run-with.js';

/** `bundles with -- COMMAND…`: a command that finds registry and workflows ready. */
export const withCommand: Command<WithOptions> = {
  name: 'with',
  group: 'serve',
  summary: 'run a command with a registry, a catalog and all workflows ready',
  description:
    'Start a registry and a catalog, prepare all workflows, run a command with them, and clean up.',
  arguments: [{ name: '<command...>', summary: 'the command and its arguments, after --' }],
  options: [...suiteOptions],
  examples: [
    { words: 'with -- npm test', does: 'run the tests with registry, catalog and workflows ready' },
    { words: 'with --no-catalog -- npm test', does: 'the same without a catalog' },
  ],
  async run(session, words, options) {
    const { runWith } = await import('./run-with.js');
    await runWith(session, { words, options });
  },
};
