import type { Command } from '../../command.js';
import { suiteOptions } from '../../options/suite-options.js';
import type { UpOptions } from './run-up.js';

/** `bundles up`: the same as `with`, until it is stopped. */
export const upCommand: Command<UpOptions> = {
  name: 'up',
  group: 'serve',
  summary: 'keep a registry, a catalog and all workflows ready until interrupted',
  description:
    'Start a registry and a catalog, prepare all workflows, and keep them running until SIGINT or SIGTERM.',
  options: [
    { flags: '--ready-file <file>', summary: 'written once everything is ready, removed at the end' },
    { flags: '--watch', summary: 'build, lint and serve again what changes' },
    ...suiteOptions,
  ],
  examples: [
    { words: 'up', does: 'keep everything ready until Ctrl-C' },
    { words: 'up --watch', does: 'and update what a cluster runs after each edit' },
    { words: 'up --ready-file ready', does: 'write a file once everything is ready' },
  ],
  async run(session, _, options) {
    const { runUp } = await import('./run-up.js');
    await runUp(session, options);
  },
};
