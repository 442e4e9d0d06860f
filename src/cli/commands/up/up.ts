import type { Command } from 'commander';
import { addSuiteOptions } from '../../options/suite-options.js';
import type { Session } from '../../session.js';
import type { UpOptions } from './run-up.js';

/** `bundles up`: the same as `with`, until it is stopped. */
export function addUp(program: Command, session: Session): void {
  const command = program
    .command('up')
    .summary('keep registry, catalog and workflows ready until stopped')
    .description('Start registry and catalog, prepare all workflows, and keep them until SIGINT or SIGTERM.')
    .option('--ready-file <file>', 'written once everything is ready, removed at the end');
  addSuiteOptions(command).action(async (options: UpOptions) => {
    const { runUp } = await import('./run-up.js');
    await runUp(session, options);
  });
}
