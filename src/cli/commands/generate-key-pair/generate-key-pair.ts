import type { Command } from '../../command.js';
import type { GenerateKeyPairOptions } from './run-generate-key-pair.js';

/** `bundles generate-key-pair`: key files as cosign's. */
export const generateKeyPairCommand: Command<GenerateKeyPairOptions, readonly []> = {
  name: 'generate-key-pair',
  group: 'sign',
  summary: 'generate a key pair for signing and verifying, as cosign does',
  description:
    'Write a new ECDSA P-256 key pair: the private key encrypted with a password, and the public key beside it. cosign reads both.',
  options: [
    {
      flags: '--output-key-prefix <prefix>',
      summary: 'path of both files without .key and .pub',
      default: 'cosign',
    },
  ],
  examples: [
    { words: 'generate-key-pair', does: 'ask for a password and write cosign.key and cosign.pub' },
    { words: 'generate-key-pair --output-key-prefix keys/release', does: 'write keys/release.key and .pub' },
  ],
  async run(session, _, options) {
    const { runGenerateKeyPair } = await import('./run-generate-key-pair.js');
    await runGenerateKeyPair(session, options);
  },
};
