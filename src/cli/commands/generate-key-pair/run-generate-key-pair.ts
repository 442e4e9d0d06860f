import { existsSync } from 'node:fs';
import { BundlesError } from '../../../errors.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { passwordVariable } from '../../../open/signing-keys.js';
import { createKeyPair } from '../../../signing/keys/private-key.js';
import { readPublicKey } from '../../../signing/keys/public-key.js';
import type { Context } from '../../context.js';
import { hiddenPrompt } from '../../open/ask-password.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface GenerateKeyPairOptions extends CommonOptions {
  readonly outputKeyPrefix: string;
}

/** Writes a new pair of keys; files that exist stay as they are. */
export async function runGenerateKeyPair(
  { context }: Session,
  { outputKeyPrefix: prefix, output }: GenerateKeyPairOptions,
): Promise<void> {
  const { signal } = context;
  const [privateFile, publicFile] = [`${prefix}.key`, `${prefix}.pub`];
  for (const file of [privateFile, publicFile]) {
    if (!existsSync(file)) continue;
    throw new BundlesError(
      'NOT_WRITABLE',
      `Cannot write ${JSON.stringify(file)}: it exists, and keys are not replaced`,
      {
        hint: 'Name another place with --output-key-prefix, or move the file away',
        details: { path: file },
      },
    );
  }
  const { privatePem, publicPem } = await createKeyPair(await choosePassword(context));
  await writeFileAtomic(privateFile, privatePem, { mode: 0o600, signal });
  await writeFileAtomic(publicFile, publicPem, { signal });
  const { fingerprint } = readPublicKey(Buffer.from(publicPem), publicFile);
  const document = { version: 1, private: privateFile, public: publicFile, fingerprint, error: null };
  if (output === 'json') context.stdout.json(document);
  else {
    context.stdout.lines([
      `private key: ${privateFile} (encrypted)`,
      `public key:  ${publicFile}`,
      `fingerprint: ${fingerprint}`,
    ]);
  }
}

async function choosePassword(context: Context): Promise<string> {
  const given = context.environment[passwordVariable];
  if (given !== undefined) return given;
  const ask = hiddenPrompt(context);
  if (!ask) {
    throw new BundlesError('USAGE', 'Cannot encrypt the private key: there is no password', {
      hint: `Set ${passwordVariable}, or run this at a terminal`,
    });
  }
  const password = await ask('Password for the private key: ');
  if (password === (await ask('The same again: '))) return password;
  throw new BundlesError('USAGE', 'Cannot encrypt the private key: the two passwords differ', {
    hint: 'Run the command again',
  });
}
