import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import { locationArgument } from '../../options/option-values.js';
import type { Session } from '../../session.js';
import type { InspectOptions } from './run-inspect.js';

/** `bundles inspect`: all there is to know of one bundle. */
export function addInspect(program: Command, session: Session): void {
  const command = program
    .command('inspect')
    .summary('tell all there is to know of a bundle')
    .description(
      'Tell what a bundle holds and says: objects with their params, workspaces, results and images, digests, sizes, annotations, labels, who could have built it, and what a cluster would refuse.',
    )
    .argument('<place>', locationArgument);
  addCommonOptions(addNetworkOptions(command)).action(async (place: string, options: InspectOptions) => {
    const { runInspect } = await import('./run-inspect.js');
    await runInspect(session, { place, options });
  });
}
