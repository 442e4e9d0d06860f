import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import { locationArgument } from '../../options/option-values.js';
import type { Session } from '../../session.js';
import type { ListOptions } from './run-list.js';

/** `bundles list`: what a bundle holds, by tkn's own arguments. */
export function addList(program: Command, session: Session): void {
  const command = program
    .command('list')
    .summary('list the objects of a bundle, as tkn bundle list does')
    .description('List the objects of a bundle, or print them.')
    .argument('<place>', locationArgument)
    .argument('[kind]', 'only objects of this kind')
    .argument('[name]', 'only the object of this name');
  addCommonOptions(addNetworkOptions(command), { outputs: ['yaml', 'name'] }).action(
    async (place: string, kind: string | undefined, name: string | undefined, options: ListOptions) => {
      const { runList } = await import('./run-list.js');
      await runList(session, { place, kind, name, options });
    },
  );
}
