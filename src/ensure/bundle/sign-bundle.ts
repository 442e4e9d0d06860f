import type { CallOptions } from '../../content/store.js';
import { BundlesError, toBundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import type { RunContext } from '../../open/machine.js';
import { openSigner, type SignerOptions } from '../../open/open-signer.js';
import type { AskHidden } from '../../open/signing-keys.js';
import type { Project } from '../../project/project.js';
import { reportedError } from '../../publish/reported-error.js';
import { signDigest } from '../../signing/sign-digest.js';
import type { BundleSignature } from '../result.js';
import type { SignBundle } from '../run.js';

export interface SignerSettings extends SignerOptions {
  readonly mode?: 'ensure' | 'check' | undefined;
  readonly askHidden?: AskHidden | undefined;
}

/** What signs in a run over projects. */
export interface RunSigner {
  of(project: Pick<Project, 'signing'>): SignBundle;
  close(): Promise<void>;
}

/**
 * Opens the key of a run, or gets the certificate that serves all of it, and gives for each project what makes sure that a
 * bundle is signed. A failure to sign is a result: the bundle stays published and is recorded.
 *
 * @throws USAGE, KEY_INVALID, IDENTITY_MISSING, SIGSTORE_FAILED, before anything is published
 */
export async function createSigner(
  context: RunContext,
  settings: SignerSettings,
  projects: readonly Pick<Project, 'signing'>[],
): Promise<RunSigner> {
  const { signatureStorage: storage, askHidden: ask, mode } = settings;
  const storages = projects.map(({ signing }) => signing.storage);
  const opened = await openSigner(context, settings, { storages, ask, dryRun: mode === 'check' });
  const { signer, key, identity, close } = opened;
  const none: BundleSignature = { action: 'skipped', written: [], key, identity, error: null };
  const of: RunSigner['of'] =
    ({ signing }) =>
    async ({ name, digest, repository }, options: CallOptions) => {
      if (!signer) return none;
      try {
        const how = { ...signing, ...(storage ? { storage } : {}), ...options };
        const { action, written } = await signDigest(repository, digest as Digest, signer, how);
        return { ...none, action, written };
      } catch (error) {
        options.signal?.throwIfAborted();
        return { ...none, action: 'failed', error: reportedError(failed(name, error)) };
      }
    };
  return { of, close };
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
