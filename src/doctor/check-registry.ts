import { type BundlesError, isBundlesError, toBundlesError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import { formatReference, type Reference } from '../oci/reference.js';
import type { RegistryClient } from '../registry/client.js';
import { broken, type CheckOutcome, fine, warning } from './check-result.js';

export interface RegistryQuestion {
  readonly client: RegistryClient;
  readonly reference: Reference & { readonly tag: string };
  /** What the sources give; undefined where they give nothing. */
  readonly digest: Digest | undefined;
  /** Where a credential is. */
  readonly credential: string | undefined;
}

/** Whether a registry answers and what it states of a tag: one HEAD, asking for no right to push. */
export async function checkRegistry(
  { client, reference, digest, credential }: RegistryQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { registry: host, tag } = reference;
  const shown = formatReference(reference);
  try {
    const found = await client.repository(reference).peek(tag, { signal });
    if (!found) return fine(`${host} answers; ${shown} is absent`, { host, verdict: 'absent' });
    const details = { host, digest: found.digest };
    if (digest === undefined)
      return fine(`${host} answers; it has ${shown}`, { ...details, verdict: 'present' });
    if (found.digest === digest)
      return fine(`${host} answers; ${shown} is what the sources give`, { ...details, verdict: 'present' });
    const remedy =
      'npx tekton-bundles check compares the content, npx tekton-bundles diff lists what differs';
    return warning(`${host} answers; ${shown} has other bytes than the sources give`, remedy, {
      ...details,
      verdict: 'different',
    });
  } catch (error) {
    signal.throwIfAborted();
    const details = { host, verdict: isBundlesError(error, 'REGISTRY_DENIED') ? 'denied' : 'unreachable' };
    const known = credential !== undefined && toBundlesError(error).details.reason === 'denied';
    if (!known) return broken(error, details);
    const message = `${host} answers; it does not let ${credential} read ${shown}, or the repository does not exist yet`;
    return warning(
      message,
      'npx tekton-bundles ensure finds out when it requests the right to push',
      details,
    );
  }
}

/** Whether the registry of a fallback answers. */
export async function checkFallbackRegistry(
  question: Omit<RegistryQuestion, 'credential'>,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const look = await checkRegistry({ ...question, credential: undefined }, signal);
  if (look.state !== 'warning') return look;
  // This program may move its tags.
  return fine(look.message, look.details);
}

/** Why a registry did not take a credential that was found. @throws the signal's reason */
export async function credentialFailure(
  client: RegistryClient,
  host: string,
  signal: AbortSignal,
): Promise<BundlesError | undefined> {
  try {
    await client.authenticate(host, { signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return toBundlesError(error);
  }
}
