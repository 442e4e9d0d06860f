import type { Command } from 'commander';
import { addCommonOptions, type CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

/** `bundles logout`: removes what `bundles login` keeps. */
export function addLogout(program: Command, session: Session): void {
  const command = program
    .command('logout')
    .summary('remove the credential of a registry')
    .description('Remove the credential of REGISTRY from the file of docker and from the helper it names.')
    .argument('<registry>', 'host of the registry, or a namespace of it, as given to login');
  addCommonOptions(command).action(async (registry: string, options: CommonOptions) => {
    const { runLogout } = await import('./run-logout.js');
    await runLogout(session, { registry, options });
  });
}
