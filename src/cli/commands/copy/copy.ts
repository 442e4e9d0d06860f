import type { Command } from '../../command.js';
import { identityOptions } from '../../options/keyless-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { trustedKeyOption } from '../../options/signing-options.js';
import type { CopyOptions } from './run-copy.js';

/** `bundles copy`: a bundle from one place to another. */
export const copyCommand: Command<CopyOptions, readonly [source: string, target: string]> = {
  name: 'copy',
  group: 'publish',
  summary: 'copy a bundle and its signatures between registries, layouts and archives',
  description:
    'Copy a bundle by its digest, with referrers and signatures. Blobs are mounted within a registry, and existing content is not sent again.',
  arguments: [
    {
      name: '<source>',
      summary:
        'registry/repository with a tag or a digest, oci:DIRECTORY[:tag], oci-archive:FILE[:tag] or docker-archive:FILE[:tag]',
    },
    { name: '<target>', summary: 'the same; the tag defaults to that of the source' },
  ],
  options: [
    { flags: '--force', summary: 'move a tag that looks like a fixed version, and replace signatures' },
    { flags: '--no-keep-old', summary: 'do not keep the old digest of a moved tag under another tag' },
    { flags: '--no-referrers', summary: 'do not copy referrers and signatures' },
    trustedKeyOption,
    ...identityOptions,
    ...connectionOptions,
  ],
  examples: [
    {
      words: 'copy quay.io/acme/hello:v1.0.0 quay.io/acme/production/hello:v1.0.0',
      does: 'copy to another repository',
    },
    { words: 'copy quay.io/acme/hello:v1.0.0 oci-archive:hello.tar', does: 'copy to a file' },
  ],
  async run(session, [source, target], options) {
    const { runCopy } = await import('./run-copy.js');
    await runCopy(session, { source, target, options });
  },
};
