import { createHash } from 'node:crypto';
import type { TektonObject } from '../../tekton/objects/object.js';
import { contentOf } from '../../tekton/objects/object-part.js';
import type { TektonSide } from '../../tekton/objects/older-fields.js';
import { signatureAnnotation, signedForm } from '../../tekton/objects/signed-form.js';
import type { SigningKey } from '../keys/private-key.js';
import type { PublicKey } from '../keys/public-key.js';

/**
 * The value of the annotation `tekton.dev/signature` that a cluster of these versions accepts (Trusted Resources): the key's
 * signature of the object's SHA-256, in base64. With an Ed25519 key the same object gives the same text.
 *
 * @throws UnsignableObject
 */
export function objectSignature(object: TektonObject, key: SigningKey, side: TektonSide): string {
  return key.sign(checksum(object, side)).toString('base64');
}

/** Whether an object has a signature by that key which a cluster of these versions accepts. @throws UnsignableObject */
export function hasObjectSignature(object: TektonObject, key: PublicKey, side: TektonSide): boolean {
  const signature = signatureOf(object);
  return signature !== undefined && key.holds(checksum(object, side), Buffer.from(signature, 'base64'));
}

/** The text of the annotation. */
export function signatureOf(object: Pick<TektonObject, 'json' | 'value'>): string | undefined {
  let value = contentOf(object);
  for (const name of ['metadata', 'annotations', signatureAnnotation]) {
    const child = value instanceof Map ? value.get(name) : undefined;
    if (child === undefined) return undefined;
    value = child;
  }
  return typeof value === 'string' ? value : undefined;
}

function checksum(object: TektonObject, side: TektonSide): Buffer {
  return createHash('sha256').update(signedForm(object, side)).digest();
}
