import type { CallOptions } from '../content/store.js';
import type { Content } from '../oci/image.js';
import type { FoundSignature } from './found-signatures.js';
import type { KeylessSigner } from './keyless/keyless-signer.js';
import type { SigningKey } from './keys/private-key.js';
import { statementBundle } from './sigstore-bundle.js';

/** What signs: a key, or the identity of a job by certificates. */
export type Signer = SigningKey | KeylessSigner;

export function isKey(signer: Signer): signer is SigningKey {
  return 'publicKey' in signer;
}

/** Returns a check whether a signature is the signer's own, and valid. */
export async function ownOf(
  signer: Signer,
  options: CallOptions,
): Promise<(found: FoundSignature) => boolean> {
  if (isKey(signer)) return ({ heldBy }) => heldBy(signer.publicKey);
  const own = await signer.identity(options);
  return ({ checkedBy }) => {
    const facts = checkedBy(signer.verifier)?.facts;
    return facts?.identity === own.identity && facts.issuer === own.issuer;
  };
}

/** A statement as a signed bundle. */
export function bundleBy(
  signer: Signer,
  statement: object,
  options: CallOptions,
): Promise<Content> | Content {
  return isKey(signer) ? statementBundle(statement, signer) : signer.signStatement(statement, options);
}

/** The key of a signer that writes the older form. @throws TypeError without one */
export function keyOf(signer: Signer): SigningKey {
  if (isKey(signer)) return signer;
  throw new TypeError('certificates are stored in bundles alone');
}
