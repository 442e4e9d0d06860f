import type { CallOptions } from '../../content/store.js';
import { BundlesError, toBundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import type { RunContext } from '../../open/machine.js';
import { type AskHidden, openSigningKey } from '../../open/signing-keys.js';
import type { StorageChoice } from '../../project/config/signature-storages.js';
import type { Project } from '../../project/project.js';
import { reportedError } from '../../publish/reported-error.js';
import { signDigest } from '../../signing/sign-digest.js';
import type { SignBundle } from '../run.js';

export interface SignerSettings {
  /** File of the private key. */
  readonly key: string;
  /** Instead of what the project says. */
  readonly storage?: StorageChoice | undefined;
  readonly ask?: AskHidden | undefined;
}

/**
 * Opens the key of a run, and gives for each project what makes sure that a bundle is signed by it. A failure to sign is a result: the
 * bundle stays published and is recorded.
 *
 * @throws KEY_INVALID, before anything is published
 */
export async function createSigner(
  context: RunContext,
  { key: file, storage, ask }: SignerSettings,
): Promise<(project: Pick<Project, 'signing'>) => SignBundle> {
  const key = await openSigningKey(context, file, { ask });
  const { fingerprint } = key.publicKey;
  return ({ signing }) =>
    async ({ name, digest, repository }, options: CallOptions) => {
      try {
        const how = { ...signing, ...(storage ? { storage } : {}), ...options };
        const { action, written } = await signDigest(repository, digest as Digest, key, how);
        return { action, written, key: fingerprint, error: null };
      } catch (error) {
        options.signal?.throwIfAborted();
        return { action: 'failed', written: [], key: fingerprint, error: reportedError(failed(name, error)) };
      }
    };
}

function failed(name: string, error: unknown): BundlesError {
  const cause = toBundlesError(error);
  if (cause.code === 'SIGNATURE_HIDDEN') return cause;
  return new BundlesError('SIGNATURE_FAILED', `Cannot sign ${JSON.stringify(name)}: ${cause.message}`, {
    hint: cause.hint,
    details: { ...cause.details, code: cause.code },
    cause,
  });
}
