import type { Command } from '../../command.js';
import { type RunOptions, runArguments, runForms, runOptions } from '../ensure/run-options.js';
import type { RunProjects } from '../ensure/run-projects.js';

/** `bundles check`: what `ensure` would do. */
export const checkCommand = (runProjects: RunProjects): Command<RunOptions> => ({
  name: 'check',
  group: 'job',
  summary: 'print what ensure would do, and change nothing',
  description:
    'Build every declared bundle and query its registry; print the plan, and exit with the status of the verdict: 0 nothing to publish, 3 absent, 4 different, 5 denied, 6 unreachable.',
  arguments: runArguments,
  options: runOptions,
  outputs: runForms,
  examples: [
    { words: 'check', does: 'print the plan of ensure' },
    { words: 'check hello-world --output json', does: 'the plan for one bundle, for programs' },
  ],
  async run(session, names, options) {
    await runProjects(session, { mode: 'check', names, options });
  },
});
