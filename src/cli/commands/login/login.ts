import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { LoginOptions } from './run-login.js';

/** `bundles login`: keeps a credential where docker does. */
export function addLogin(program: Command, session: Session): void {
  const command = program
    .command('login')
    .summary('prove a password to a registry and keep it where docker does')
    .description(
      'Ask for a password at the terminal, or read it from standard input, prove it to REGISTRY, and keep it in the file of docker or with the helper that this file names.',
    )
    .argument('[registry]', 'host of the registry, or a namespace of it: quay.io, quay.io/acme')
    .option(
      '--catalog <url>',
      'instead of a registry: trust this catalog with its token on this machine, whatever file names it',
    )
    .option(
      '--trust-config <file>',
      'instead of a password: trust what this bundles.yaml says of REGISTRY on this machine, with a credential too',
    )
    .option('-u, --username <user>', 'user or robot; default: who is logged in there already')
    .option('--password-stdin', 'read the password or token from standard input instead of asking for it')
    .option('--no-verify', 'keep it without asking the registry');
  addCommonOptions(addNetworkOptions(command)).action(
    async (registry: string | undefined, options: LoginOptions) => {
      if (options.catalog !== undefined) {
        const { runCatalogLogin } = await import('./run-catalog-login.js');
        await runCatalogLogin(session, { registry, url: options.catalog, options });
        return;
      }
      if (options.trustConfig !== undefined) {
        const { runTrustLogin } = await import('./run-trust-login.js');
        await runTrustLogin(session, { registry, config: options.trustConfig, options });
        return;
      }
      const { runLogin } = await import('./run-login.js');
      await runLogin(session, { registry, options });
    },
  );
}
