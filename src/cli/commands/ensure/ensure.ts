import type { AddCommand } from '../../command-line.js';
import { addCommonOptions } from '../../options/common-options.js';
import { addRunOptions, type RunOptions } from './run-options.js';
import type { RunProjects } from './run-projects.js';

/** `bundles ensure`: the main job. */
export const addEnsure =
  (runProjects: RunProjects): AddCommand =>
  (program, session) => {
    const command = program
      .command('ensure')
      .summary('make sure of every declared bundle: reuse it, publish it, or fall back')
      .description(
        'Build every declared bundle, ask its registry, then reuse, publish or fall back; pin and describe it.',
      );
    addRunOptions(command)
      .option('-y, --yes', 'publish without asking at a terminal')
      .option('--dry-run', 'print what would be done and do nothing, as check does');
    addCommonOptions(command).action(
      async (names: string[], { dryRun, ...options }: RunOptions & { readonly dryRun?: boolean }) => {
        await runProjects(session, { mode: dryRun ? 'check' : 'ensure', names, options });
      },
    );
  };
