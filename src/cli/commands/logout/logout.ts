import type { Command } from '../../command.js';
import type { LogoutOptions } from './run-logout.js';

/** `bundles logout`: removes what `bundles login` keeps. */
export const logoutCommand: Command<LogoutOptions, readonly [registry?: string]> = {
  name: 'logout',
  group: 'setup',
  summary: 'remove the credential of a registry',
  description: 'Remove the credential of REGISTRY from the docker configuration and its credential helper.',
  arguments: [
    {
      name: '[registry]',
      complete: 'nothing',
      summary: 'host of the registry, or a namespace of it, as given to login',
    },
  ],
  options: [
    {
      flags: '--catalog <url>',
      summary: 'instead of a registry: remove a catalog that login --catalog stored',
    },
  ],
  examples: [
    { words: 'logout quay.io', does: 'remove the credential of a registry' },
    { words: 'logout quay.io/acme', does: 'remove the credential of a namespace' },
  ],
  async run(session, [registry], options) {
    if (options.catalog !== undefined) {
      const { runCatalogLogout } = await import('../login/run-catalog-login.js');
      await runCatalogLogout(session, { registry, url: options.catalog, options });
      return;
    }
    const { runLogout } = await import('./run-logout.js');
    await runLogout(session, { registry, options });
  },
};
