import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { LoginOptions } from './run-login.js';

/** `bundles login`: keeps a credential where docker does. */
export const loginCommand: Command<LoginOptions, readonly [registry?: string]> = {
  name: 'login',
  group: 'setup',
  summary: 'check a password with a registry and store it where docker does',
  description:
    'Ask for a password at the terminal, or read it from standard input, verify it with REGISTRY, and store it in the docker configuration or its credential helper.',
  arguments: [
    {
      name: '[registry]',
      complete: 'nothing',
      summary: 'host of the registry, or a namespace of it: quay.io, quay.io/acme',
    },
  ],
  options: [
    {
      flags: '--catalog <url>',
      summary:
        'instead of a registry: send this catalog its token from this machine, even if only a file names it',
    },
    {
      flags: '--trust-config <file>',
      summary:
        'instead of a password: trust the settings for REGISTRY in this bundles.yaml on this machine, also with a credential',
    },
    { flags: '-u, --username <user>', summary: 'user or robot; default: the user who is logged in' },
    {
      flags: '--password-stdin',
      summary: 'read the password or token from standard input instead of asking for it',
    },
    { flags: '--no-verify', summary: 'store it without verifying it' },
    ...connectionOptions,
  ],
  examples: [
    { words: 'login quay.io -u acme+robot', does: 'ask for the password at the terminal' },
    {
      words: 'login quay.io/acme -u acme+robot --password-stdin',
      does: 'read the password from standard input',
    },
  ],
  async run(session, [registry], options) {
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
};
