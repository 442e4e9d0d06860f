import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { DigestOptions } from './run-digest.js';

/** `bundles digest`: one digest, for scripts. */
export const digestCommand: Command<DigestOptions, readonly [word: string]> = {
  name: 'digest',
  group: 'look',
  summary: 'print the digest of a bundle, as crane digest does',
  description: 'Print the digest that a tag names, or that the sources of a declared bundle or a file give.',
  arguments: [
    {
      name: '<bundle>',
      summary: 'a reference, a layout or an archive; the name of a declared bundle; a Tekton file',
      complete: 'bundle',
    },
  ],
  options: [
    { flags: '--full-ref', summary: 'print registry/repository@digest' },
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml that declares the bundle',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    ...connectionOptions,
  ],
  examples: [
    { words: 'digest quay.io/acme/hello:v1.0.0', does: 'the digest that the tag names' },
    { words: 'digest hello-world --full-ref', does: 'what the sources of a declared bundle give, to pin it' },
  ],
  async run(session, [word], options) {
    const { runDigest } = await import('./run-digest.js');
    await runDigest(session, { word, options });
  },
};
