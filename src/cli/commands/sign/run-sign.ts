import type { SignerOptions } from '../../../open/open-signer.js';
import { signDigest } from '../../../signing/sign-digest.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { findTargets, showSignedTargets, signTargets } from '../../open/sign-targets.js';
import type { ProjectOptions } from '../../options/common-options.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';

export interface SignOptions extends ProjectOptions, SignerOptions {}

/** Makes sure that bundles are signed, and reports each. One failure does not stop the others. */
export async function runSign(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: SignOptions },
): Promise<void> {
  const { context } = session;
  const { signatureStorage: storage } = options;
  const found = await findTargets(context, words, options);
  const signed = await signTargets(context, options, {
    ...found,
    did: 'signed',
    async sign({ signing }, { signer, place, signal }) {
      const { repository, digest } = await place();
      return signDigest(repository, digest, signer, { ...signing, ...(storage && { storage }), signal });
    },
  });
  if (options.output === 'json') context.stdout.json({ version: 1, ...signed, error: null });
  else context.stdout.lines(showSignedTargets(signed, [], createScreen(context, 'stdout', options)));
  session.exitCode = worstExitCode(
    signed.bundles.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])),
  );
}
