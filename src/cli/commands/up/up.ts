import type { Command } from '../../command.js';
import { suiteOptions } from '../../options/suite-options.js';
import type { UpOptions } from './run-up.js';

/** `bundles up`: the same as `with`, until it is stopped. */
export const upCommand: Command<UpOptions> = {
  name: 'up',
  group: 'serve',
  summary: 'keep registry, catalog and workflows ready until stopped',
  description: 'Start registry and catalog, prepare all workflows, and keep them until SIGINT or SIGTERM.',
  options: [
    { flags: '--ready-file <file>', summary: 'written once everything is ready, removed at the end' },
    { flags: '--watch', summary: 'build, lint and serve again whatever changes' },
    ...suiteOptions,
  ],
  examples: [
    { words: 'up', does: 'keep everything ready until Ctrl-C' },
    { words: 'up --watch', does: 'and have the next run of a cluster use what was just edited' },
    { words: 'up --ready-file ready', does: 'write a file once everything is ready' },
  ],
  async run(session, _, options) {
    const { runUp } = await import('./run-up.js');
    await runUp(session, options);
  },
};
