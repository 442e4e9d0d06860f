import { predicateTypeNames } from '../../../signing/predicate-types.js';
import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { keylessOptions } from '../../options/keyless-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { signingKeyOption, storageOption } from '../../options/signing-options.js';
import type { AttestCommandOptions } from './run-attest.js';

/** `bundles attest`: signed statements about bundles, as cosign makes and reads them. */
export const attestCommand: Command<AttestCommandOptions> = {
  name: 'attest',
  group: 'sign',
  summary: 'attest how bundles were built, or attest a statement in a file',
  description:
    'Make sure that bundles have an attestation signed by a key or by the identity of this job. The default is SLSA v1 provenance of declared bundles: their sources, images and nested bundles, the commit and the builder. An attestation with the same content is kept.',
  arguments: [
    {
      name: '[bundles...]',
      summary:
        'declared bundles, by the digest in the lock (default: all); with --predicate also registry/repository with a tag or a digest',
      complete: 'bundle',
    },
  ],
  options: [
    signingKeyOption,
    ...keylessOptions,
    { flags: '--predicate <file>', summary: 'a JSON object to attest instead of provenance; needs --type' },
    {
      flags: '--type <type>',
      summary: `its predicate type: a URI, or ${predicateTypeNames.join(', ')}`,
    },
    {
      flags: '--builder-id <uri>',
      summary: 'identity of the builder; detected in GitHub Actions and GitLab CI',
      variable: 'BUNDLES_BUILDER_ID',
    },
    {
      flags: '--source-uri <uri>',
      summary: 'where the sources come from, e.g. git+https://git.example/acme/tasks',
      variable: 'BUNDLES_SOURCE_URI',
    },
    {
      flags: '--source-commit <commit>',
      summary: 'the commit that was built',
      variable: 'BUNDLES_SOURCE_COMMIT',
    },
    storageOption,
    ...connectionOptions,
    ...projectOptions,
  ],
  examples: [
    { words: 'attest --key cosign.key', does: 'attest the provenance of every declared bundle' },
    {
      words: 'attest hello-world --key cosign.key --predicate scan.json --type vuln',
      does: 'attest the result of a scan',
    },
    {
      words: 'attest --key cosign.key --builder-id https://tekton.example/pipelines/release',
      does: 'attest provenance outside of GitHub and GitLab',
    },
  ],
  async run(session, words, options) {
    const { runAttest } = await import('./run-attest.js');
    await runAttest(session, { words, options });
  },
};
