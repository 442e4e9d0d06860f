import type { Command } from 'commander';
import { addSuiteOptions } from '../../options/suite-options.js';
import type { Session } from '../../session.js';
import type { WithOptions } from './run-with.js';

/** `bundles with -- COMMAND…`: a command that finds registry and workflows ready. */
export function addWith(program: Command, session: Session): void {
  const command = program
    .command('with')
    .summary('run a command with registry, catalog and workflows ready')
    .description('Start registry and catalog, prepare all workflows, run a command with them, and clean up.')
    .argument('<command...>', 'the command and its words, behind --');
  addSuiteOptions(command).action(async (words: string[], options: WithOptions) => {
    const { runWith } = await import('./run-with.js');
    await runWith(session, { words, options });
  });
}
