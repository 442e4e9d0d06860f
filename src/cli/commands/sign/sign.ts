import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { keylessOptions } from '../../options/keyless-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { signingKeyOption, storageOption } from '../../options/signing-options.js';
import type { SignOptions } from './run-sign.js';

/** `bundles sign`: signatures as cosign makes and reads them. */
export const signCommand: Command<SignOptions> = {
  name: 'sign',
  group: 'sign',
  summary: 'sign bundles by their digest, as cosign does',
  description:
    'Make sure that bundles are signed by a key, or by the identity of this job: read the signatures that are there, and sign only where none by this signer holds. The bundle itself does not change.',
  arguments: [
    {
      name: '[bundles...]',
      summary:
        'declared bundles, by the digest of the lock, or registry/repository with a tag or a digest; all declared ones without any',
      complete: 'bundle',
    },
  ],
  options: [signingKeyOption, ...keylessOptions, storageOption, ...connectionOptions, ...projectOptions],
  examples: [
    { words: 'sign --key cosign.key', does: 'sign every declared bundle' },
    { words: 'sign quay.io/acme/hello:v1.0.0 --key cosign.key', does: 'sign what the tag names now' },
    {
      words: 'sign --keyless --trusted-root trusted_root.json',
      does: 'sign by the identity of a job of GitHub or GitLab',
    },
  ],
  async run(session, words, options) {
    const { runSign } = await import('./run-sign.js');
    await runSign(session, { words, options });
  },
};
