import type { Command } from 'commander';
import { addCommonOptions } from '../common-options.js';
import { addRunOptions, type RunOptions } from '../run-options.js';
import type { Session } from '../session.js';

/** `bundles ensure`: the main job. */
export function addEnsure(program: Command, session: Session): void {
  const command = program
    .command('ensure')
    .summary('make sure of every declared bundle: reuse it, publish it, or fall back')
    .description(
      'Build every declared bundle, ask its registry, then reuse, publish or fall back; pin and describe it.',
    );
  addCommonOptions(addRunOptions(command)).action(async (names: string[], options: RunOptions) => {
    const { runProjects } = await import('../run-projects.js');
    await runProjects(session, { mode: 'ensure', names, options });
  });
}
