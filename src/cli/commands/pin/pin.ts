import type { Command } from 'commander';
import { addCommonOptions, addProjectOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { PinOptions } from './run-pin.js';

/** `bundles pin`: step images by digest. */
export function addPin(program: Command, session: Session): void {
  const command = program
    .command('pin')
    .summary('pin the images of steps by digest')
    .description(
      'Ask what the tags of step images name, and pin them by digest: in the sources, or with pin: true in the built bundle alone.',
    )
    .argument('[names...]', 'bundles to narrow the work to; all without a name')
    .option('--update', 'ask for every tag anew, also for what is pinned')
    .option('-n, --dry-run', 'tell what would change, and leave with 3 if anything would')
    .option('--offline', 'ask nobody: pin what the lock knows');
  addCommonOptions(addNetworkOptions(addProjectOptions(command))).action(
    async (names: string[], options: PinOptions) => {
      const { runPin } = await import('./run-pin.js');
      await runPin(session, { names, options });
    },
  );
}
