import { BundlesError } from '../../../errors.js';
import type { Command, OptionRow } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { keylessOptions } from '../../options/keyless-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { signingKeyOption, storageOption } from '../../options/signing-options.js';
import type { SignOptions } from './run-sign.js';
import type { SignObjectsOptions } from './run-sign-objects.js';

const objectOptions: readonly OptionRow[] = [
  {
    flags: '--objects',
    summary:
      'sign the Tasks and Pipelines in the sources instead of bundles, for clusters that verify them; also takes files and directories',
  },
  {
    flags: '--tekton-version <version>',
    summary: 'with --objects: version of Tekton Pipelines in the cluster, e.g. 1.9',
    usually: '1.14 or later',
  },
  {
    flags: '--policy <file>',
    summary: 'with --objects: also write a VerificationPolicy that requires signatures by this key',
  },
];

/** `bundles sign`: signatures as cosign makes and reads them. */
export const signCommand: Command<SignOptions & SignObjectsOptions & { readonly objects?: boolean }> = {
  name: 'sign',
  group: 'sign',
  summary: 'sign bundles by their digest, as cosign does',
  description:
    'Make sure that bundles are signed by a key, or by the identity of this job. Existing signatures are read first; a bundle that this signer has already signed is not signed again. The bundle itself does not change.',
  arguments: [
    {
      name: '[bundles...]',
      summary:
        'declared bundles, by the digest in the lock (default: all), or registry/repository with a tag or a digest',
      complete: 'bundle',
    },
  ],
  options: [
    signingKeyOption,
    ...keylessOptions,
    storageOption,
    ...objectOptions,
    ...connectionOptions,
    ...projectOptions,
  ],
  examples: [
    { words: 'sign --key cosign.key', does: 'sign every declared bundle' },
    { words: 'sign quay.io/acme/hello:v1.0.0 --key cosign.key', does: 'sign what the tag names now' },
    {
      words: 'sign --keyless --trusted-root trusted_root.json',
      does: 'sign with the identity of a job of GitHub or GitLab',
    },
    {
      words: 'sign --objects --key cosign.key --policy policy.yaml',
      does: 'sign each Task and Pipeline in its source, for Trusted Resources',
    },
  ],
  async run(session, words, options) {
    if (options.objects) {
      const { runSignObjects } = await import('./run-sign-objects.js');
      return runSignObjects(session, { words, options });
    }
    refuseObjectOptions(options);
    const { runSign } = await import('./run-sign.js');
    await runSign(session, { words, options });
  },
};

function refuseObjectOptions({ tektonVersion, policy }: Partial<SignObjectsOptions>): void {
  if (tektonVersion === undefined && policy === undefined) return;
  const option = policy === undefined ? '--tekton-version' : '--policy';
  throw new BundlesError('USAGE', `Cannot use ${option} without --objects`, {
    hint: 'Add --objects to sign Tasks and Pipelines in their sources',
  });
}
