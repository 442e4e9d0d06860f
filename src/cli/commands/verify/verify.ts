import { predicateTypeNames } from '../../../signing/predicate-types.js';
import type { Command } from '../../command.js';
import { catalogOption, projectOptions } from '../../options/common-options.js';
import { identityOptions } from '../../options/keyless-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { trustedKeyOption } from '../../options/signing-options.js';
import type { VerifyOptions } from './run-verify.js';

/** `bundles verify`: whether sources, lock, registry and schemas still agree. */
export const verifyCommand: Command<VerifyOptions> = {
  name: 'verify',
  group: 'job',
  summary: 'check sources, lock, registry and schemas against each other',
  description:
    'Check what each declared bundle depends on: sources, lock, registry, schema. It reports everything that has drifted and writes nothing. With --key or --certificate-identity, it also verifies signatures.',
  arguments: [
    {
      name: '[bundles...]',
      summary:
        'bundles to verify; default: all. With --key or --certificate-identity also registry/repository with a tag or a digest',
      complete: 'bundle',
    },
  ],
  options: [
    trustedKeyOption,
    ...identityOptions,
    {
      flags: '--type <type>',
      summary: `require an attestation of this predicate type instead of a signature; if repeated, one of each: a URI, or ${predicateTypeNames.join(', ')}`,
      repeat: true,
    },
    { flags: '--frozen', summary: 'also report what ensure --frozen would refuse' },
    { flags: '--deep', summary: 'also read every blob and check every pinned image' },
    catalogOption,
    {
      flags: '--catalog-token-file <file>',
      summary: 'file with the bearer token for the catalog',
      group: 'project',
    },
    { flags: '--offline', summary: 'make no network requests; check sources, lock and schemas' },
    ...connectionOptions,
    ...projectOptions,
  ],
  outputs: ['junit', 'codequality'],
  examples: [
    { words: 'verify --deep', does: 'check every declared bundle and read every blob' },
    {
      words: 'verify quay.io/acme/hello:v1.0.0 --key /etc/keys/acme.pub',
      does: 'require a signature by that key',
    },
    {
      words: 'verify hello-world --key /etc/keys/acme.pub --type slsaprovenance1',
      does: 'require provenance that this key attests',
    },
    { words: 'verify --offline', does: 'check sources, lock and schemas without a network' },
  ],
  async run(session, words, options) {
    const { runVerify } = await import('./run-verify.js');
    await runVerify(session, { words, options });
  },
};
