import type { Keychain } from '../auth/credential.js';
import { BundlesError } from '../errors.js';
import type { Reference } from '../oci/reference.js';
import type { RegistryClient } from '../registry/client.js';
import { isRefused } from './check-registry.js';
import { broken, type CheckOutcome, fine, notConfigured, warning } from './check-result.js';

export interface CredentialQuestion {
  readonly keychain: Keychain;
  /** What the keychain passed over so far. */
  readonly passedOver: () => readonly string[];
  readonly client: RegistryClient;
  readonly reference: Reference;
}

/** Where the credential for a registry stands, and whether the registry takes it. The value is never shown. */
export async function checkCredentials(
  { keychain, passedOver, client, reference }: CredentialQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { registry: host, repository } = reference;
  const found = await keychain.find({ registry: host, repository }, { signal });
  if (!found) {
    const [first] = passedOver();
    if (first !== undefined) {
      const remedy = `Correct what is named, or run: bundles login ${host}`;
      return warning(first, remedy, { host, passedOver: passedOver() });
    }
    const message = `none for ${host}: it is asked as nobody; \`bundles login ${host}\` keeps one`;
    return notConfigured(message, { host, source: null });
  }
  const { source } = found;
  const refused = await isRefused(client, host, signal);
  if (!refused) return fine(`${host}: ${source}`, { host, source, kind: found.kind });
  const error = new BundlesError(refused.code, `Cannot use the credential of ${source}: ${host} refuses it`, {
    hint: `Log in again: bundles login ${host}; or correct ${source}`,
    details: refused.details,
    cause: refused,
  });
  return broken(error, { host, source });
}
