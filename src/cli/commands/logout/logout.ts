import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { LogoutOptions } from './run-logout.js';

/** `bundles logout`: removes what `bundles login` keeps. */
export function addLogout(program: Command, session: Session): void {
  const command = program
    .command('logout')
    .summary('remove the credential of a registry')
    .description('Remove the credential of REGISTRY from the file of docker and from the helper it names.')
    .argument('[registry]', 'host of the registry, or a namespace of it, as given to login')
    .option('--catalog <url>', 'instead of a registry: forget the catalog that login --catalog was given');
  addCommonOptions(command).action(async (registry: string | undefined, options: LogoutOptions) => {
    if (options.catalog !== undefined) {
      const { runCatalogLogout } = await import('../login/run-catalog-login.js');
      await runCatalogLogout(session, { registry, url: options.catalog, options });
      return;
    }
    const { runLogout } = await import('./run-logout.js');
    await runLogout(session, { registry, options });
  });
}
