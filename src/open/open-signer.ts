import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import type { Digest } from '../oci/digest.js';
import type { StorageChoice } from '../project/config/signature-storages.js';
import type { CertificateFacts } from '../signing/keyless/certificate-verifier.js';
import type { Signer } from '../signing/signer.js';
import { type KeylessOptions, openKeylessSigner } from './keyless.js';
import type { RunContext } from './machine.js';
import type { NetworkOptions } from './network-options.js';
import { type AskHidden, openSigningKey } from './signing-keys.js';

/** The key or the identity that signs, and how signatures are stored. */
export interface SignerOptions extends KeylessOptions, NetworkOptions {
  /** File of the private key; its password is in `COSIGN_PASSWORD`, or comes from `askHidden`. */
  readonly key?: string | undefined;
  /** How signatures are stored. Default: as bundles.yaml states, else `referrer`. */
  readonly signatureStorage?: StorageChoice | undefined;
}

export interface SigningPlan {
  /** How projects store signatures; the options take precedence. */
  readonly storages: readonly (StorageChoice | undefined)[];
  readonly ask?: AskHidden | undefined;
  /** Sends no request to a service, for a dry run, which then has no keyless signer. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** What signs in a run. */
export interface OpenedSigner {
  /** Undefined in a pull request from a fork, which gets no identity: nothing is signed there; and in a dry run. */
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
  context: RunContext,
  options: SignerOptions,
  { storages, ask, dryRun = false }: SigningPlan,
): Promise<OpenedSigner> {
  const { key: file, keyless = false } = options;
  if ((file !== undefined) === keyless) {
    const why = keyless ? 'both --key and --keyless are given' : 'neither --key nor --keyless is given';
    throw new BundlesError('USAGE', `Cannot sign: ${why}`, {
      hint: 'Pass --key FILE, or --keyless for the identity of this job',
    });
  }
  if (file !== undefined) {
    const signer = await openSigningKey(context, file, { ask });
    return { signer, key: signer.publicKey.fingerprint, identity: null, close: async () => undefined };
  }
  refuseOtherStorage(options, storages);
  const none: OpenedSigner = { signer: undefined, key: null, identity: null, close: async () => undefined };
  if (dryRun) return none;
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
    return none;
  }
}

/** @throws USAGE */
function refuseOtherStorage(
  { signatureStorage: given }: SignerOptions,
  storages: SigningPlan['storages'],
): void {
  const wanted = given === undefined ? storages : [given];
  const other = wanted.find((one) => one !== undefined && one !== 'referrer');
  if (other === undefined) return;
  throw new BundlesError('USAGE', `Cannot store certificates in the form ${JSON.stringify(other)}`, {
    hint: 'Pass --signature-storage referrer: keyless signatures are sigstore bundles',
  });
}

const longestEvent = 32 * 1024 * 1024;

/** Whether this job of GitHub runs for a pull request from a fork, by the event that started it. */
async function isForkedPullRequest({
  environment,
  signal,
}: Pick<RunContext, 'environment' | 'signal'>): Promise<boolean> {
  const { GITHUB_ACTIONS, GITHUB_EVENT_NAME, GITHUB_EVENT_PATH: path } = environment;
  if (GITHUB_ACTIONS !== 'true' || GITHUB_EVENT_NAME !== 'pull_request' || !path) return false;
  try {
    const bytes = await readFileCapped(path, { limit: longestEvent, missing: 'NOT_READABLE', signal });
    const { pull_request: request } = JSON.parse(new TextDecoder().decode(bytes));
    const [head, base] = [request?.head?.repo?.full_name, request?.base?.repo?.full_name];
    return typeof base === 'string' && head !== base;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
