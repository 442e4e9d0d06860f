import type { AddCommand } from '../../command-line.js';
import { addCommonOptions } from '../../options/common-options.js';
import { addRunOptions, type RunOptions } from '../ensure/run-options.js';
import type { RunProjects } from '../ensure/run-projects.js';

/** `bundles check`: what `ensure` would do. */
export const addCheck =
  (runProjects: RunProjects): AddCommand =>
  (program, session) => {
    const command = program
      .command('check')
      .summary('tell what ensure would do, and do nothing')
      .description(
        'Build every declared bundle and ask its registry; print the plan and leave by verdict: 0 nothing to publish, 3 absent, 4 different, 5 denied, 6 unreachable.',
      );
    addCommonOptions(addRunOptions(command)).action(async (names: string[], options: RunOptions) => {
      await runProjects(session, { mode: 'check', names, options });
    });
  };
