import { BundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { isForkedPullRequest } from '../../open/forked-pull-request.js';
import { type KeylessOptions, openKeylessSigner } from '../../open/keyless.js';
import type { NetworkOptions } from '../../open/network-options.js';
import { openSigningKey } from '../../open/signing-keys.js';
import type { StorageChoice } from '../../project/config/signature-storages.js';
import type { CertificateFacts } from '../../signing/keyless/certificate-verifier.js';
import type { Signer } from '../../signing/signer.js';
import type { Context } from '../context.js';
import { hiddenPrompt } from './ask-hidden.js';
import type { SignatureTarget } from './signature-targets.js';

export interface SignerOptions extends KeylessOptions, NetworkOptions {
  readonly key?: string;
  readonly signatureStorage?: StorageChoice;
  readonly quiet?: boolean;
}

/** What signs in a run. */
export interface OpenedSigner {
  /** Undefined in a pull request from a fork, which gets no identity: nothing is signed there. */
  readonly signer: Signer | undefined;
  /** Fingerprint of the public half of a key. */
  readonly key: Digest | null;
  readonly identity: CertificateFacts | null;
  close(): Promise<void>;
}

/**
 * The key, or the identity of this job.
 *
 * @throws USAGE, KEY_INVALID, IDENTITY_MISSING, SIGSTORE_FAILED
 */
export async function openSigner(
  context: Context,
  options: SignerOptions,
  targets: readonly SignatureTarget[],
): Promise<OpenedSigner> {
  const { key: file, keyless = false } = options;
  if ((file !== undefined) === keyless) {
    const why = keyless ? 'both --key and --keyless are given' : 'neither --key nor --keyless is given';
    throw new BundlesError('USAGE', `Cannot sign: ${why}`, {
      hint: 'Give --key FILE, or --keyless for the identity of this job',
    });
  }
  if (file !== undefined) {
    const signer = await openSigningKey(context, file, { ask: hiddenPrompt(context) });
    return { signer, key: signer.publicKey.fingerprint, identity: null, close: async () => undefined };
  }
  refuseOtherStorage(options, targets);
  try {
    const { signer, close } = await openKeylessSigner(context, { options });
    try {
      const identity = await signer.identity({ signal: context.signal });
      return { signer, key: null, identity, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    const isMissing = error instanceof BundlesError && error.code === 'IDENTITY_MISSING';
    if (!isMissing || !(await isForkedPullRequest(context))) throw error;
    context.stderr.line(
      'warning: nothing is signed: a pull request from a fork gets no identity token, whatever its permissions',
    );
    return { signer: undefined, key: null, identity: null, close: async () => undefined };
  }
}

/** @throws USAGE */
function refuseOtherStorage({ signatureStorage }: SignerOptions, targets: readonly SignatureTarget[]): void {
  const storages = targets.map(({ signing }) => signatureStorage ?? signing?.storage ?? 'referrer');
  const other = [signatureStorage ?? 'referrer', ...storages].find((one) => one !== 'referrer');
  if (other === undefined) return;
  throw new BundlesError('USAGE', `Cannot store certificates in the form ${JSON.stringify(other)}`, {
    hint: 'Give --signature-storage referrer: keyless signatures are sigstore bundles',
  });
}
