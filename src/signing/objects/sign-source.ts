import { BundlesError } from '../../errors.js';
import type { FieldPath } from '../../tekton/objects/field-path.js';
import { formatPath } from '../../tekton/objects/field-path.js';
import { locateField } from '../../tekton/objects/locate-field.js';
import type { Source, TektonObject } from '../../tekton/objects/object.js';
import type { TektonSide } from '../../tekton/objects/older-fields.js';
import { signatureAnnotation, UnsignableObject, verifiedKinds } from '../../tekton/objects/signed-form.js';
import { decodeSource } from '../../tekton/sources/decode-source.js';
import { type AnnotationEdit, putAnnotations } from '../../tekton/sources/put-annotation.js';
import { readSource } from '../../tekton/sources/read-source.js';
import type { SigningKey } from '../keys/private-key.js';
import { hasObjectSignature, objectSignature } from './object-signature.js';

/** What became of one object. */
export interface SignedObject {
  readonly kind: string;
  readonly name: string;
  /** `held`: a signature by this key was there; `skipped`: a kind that no cluster verifies. */
  readonly action: 'signed' | 'held' | 'skipped';
}

/** A source whose objects are signed, and what was done with each. */
export interface SignedSource {
  readonly bytes: Uint8Array;
  readonly objects: readonly SignedObject[];
}

/**
 * Makes sure that the Tasks and Pipelines of a source carry a signature (Trusted Resources), for clusters with this generation of Tekton. An
 * object with a valid signature by this key does not change; in others only the annotation is written.
 *
 * @throws OBJECT_INVALID with file and line where an object cannot be signed; what `readSources` throws
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { createKeyPair, readSigningKey, signSource } from 'tekton-bundles/signing';
 *
 * const { privatePem } = await createKeyPair('password');
 * const key = await readSigningKey(new TextEncoder().encode(privatePem), 'cosign.key', { password: async () => 'password' });
 * const path = 'pipelines/hello-world.yaml';
 * const { bytes, objects } = signSource({ path, bytes: await readFile(path) }, key, '1.14');
 * console.log(objects.map(({ kind, action }) => `${kind} ${action}`)); // [ 'Pipeline signed' ]
 * console.log(new TextDecoder().decode(bytes).includes('tekton.dev/signature')); // true
 * ```
 */
export function signSource(source: Source, key: SigningKey, side: TektonSide): SignedSource {
  const text = decodeSource(source);
  const { objects } = readSource(source, { tknCompat: false });
  const edits: AnnotationEdit[] = [];
  const signed = objects.map((object): SignedObject => {
    const { kind, name, origin } = object;
    if (!verifiedKinds.includes(kind)) return { kind, name, action: 'skipped' };
    try {
      if (hasObjectSignature(object, key.publicKey, side)) return { kind, name, action: 'held' };
      const value = objectSignature(object, key, side);
      edits.push({ document: origin.document, name: signatureAnnotation, value });
      return { kind, name, action: 'signed' };
    } catch (error) {
      if (!(error instanceof UnsignableObject)) throw error;
      throw unsignable(object, text, `${formatPath(error.path)}: ${error.message}`, error.path);
    }
  });
  if (edits.length === 0) return { bytes: source.bytes, objects: signed };
  const changed = putAnnotations(text, edits, source.path);
  if (changed !== undefined) return { bytes: new TextEncoder().encode(changed), objects: signed };
  // Each try reads the text again.
  const one = edits.slice(0, 20).find((edit) => putAnnotations(text, [edit], source.path) === undefined);
  const object = objects.find(({ origin }) => origin.document === (one ?? edits[0])?.document);
  if (!object) throw new TypeError('an edit is about an object');
  const why = `the annotation ${signatureAnnotation} cannot be written without changing anything else`;
  throw unsignable(object, text, why, ['metadata']);
}

function unsignable(
  { kind, name, origin }: TektonObject,
  text: string,
  why: string,
  path: FieldPath,
): BundlesError {
  const document = text
    .split('\n')
    .slice(origin.line - 1)
    .join('\n');
  const line = origin.line + locateField(document, path).line - 1;
  const subject = `${JSON.stringify(origin.file)}, line ${line}, ${kind} ${JSON.stringify(name)}`;
  return new BundlesError('OBJECT_INVALID', `Cannot sign ${subject}: ${why}`, {
    hint: 'Correct the object; lint names fields that Tekton does not know. Metadata that an anchor shares is written out first',
    details: { ...origin, line, path },
  });
}
