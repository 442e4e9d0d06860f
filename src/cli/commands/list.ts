import type { Command } from 'commander';
import { addCommonOptions } from '../common-options.js';
import { addNetworkOptions } from '../network-options.js';
import type { ListOptions } from '../run-list.js';
import type { Session } from '../session.js';

/** `bundles list`: what a bundle holds, by tkn's own arguments. */
export function addList(program: Command, session: Session): void {
  const command = program
    .command('list')
    .summary('list the objects of a bundle, as tkn bundle list does')
    .description('List the objects of a bundle in its registry, or print them.')
    .argument('<reference>', 'registry/repository with a tag or a digest')
    .argument('[kind]', 'only objects of this kind')
    .argument('[name]', 'only the object of this name');
  addCommonOptions(addNetworkOptions(command), { outputs: ['yaml', 'name'] }).action(
    async (reference: string, kind: string | undefined, name: string | undefined, options: ListOptions) => {
      const { runList } = await import('../run-list.js');
      await runList(session, { reference, kind, name, options });
    },
  );
}
