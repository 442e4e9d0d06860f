import { type Finding, makeFinding } from '../../tekton/lint/findings/finding.js';
import { readSuppressions } from '../../tekton/lint/suppressions.js';
import type { FieldPath } from '../../tekton/objects/field-path.js';
import type { Source, TektonObject } from '../../tekton/objects/object.js';
import { type TektonSide, tektonSides } from '../../tekton/objects/older-fields.js';
import { signatureAnnotation, UnsignableObject, verifiedKinds } from '../../tekton/objects/signed-form.js';
import { decodeSource } from '../../tekton/sources/decode-source.js';
import { placeDocuments } from '../../tekton/sources/place-documents.js';
import type { PublicKey } from '../keys/public-key.js';
import { hasObjectSignature, signatureOf } from './object-signature.js';

export interface SignatureDemand {
  /** A signature by any of them will do. */
  readonly keys: readonly PublicKey[];
  readonly side: TektonSide;
}

const versions: Readonly<Record<TektonSide, string>> = {
  '1.9': 'Tekton before 1.10',
  '1.13': 'Tekton 1.10 to 1.13',
  '1.14': 'Tekton 1.14 and later',
};

/**
 * What a cluster with a policy of these keys would refuse among objects that were read from these sources: Tasks and
 * Pipelines without a signature by one of the keys for that version of Tekton. Comments in the sources hide findings as for
 * every rule.
 */
export function lintSignatures(
  objects: readonly TektonObject[],
  sources: readonly Source[],
  demand: SignatureDemand,
): Finding[] {
  return sources.flatMap((source) => {
    const own = objects.filter(({ origin }) => origin.file === source.path);
    const wrong = own.flatMap((object) => {
      const why = verifiedKinds.includes(object.kind) ? refusal(object, demand) : undefined;
      return why === undefined ? [] : [{ object, why }];
    });
    if (wrong.length === 0) return [];
    const text = decodeSource(source);
    const documents = placeDocuments(text, source.path);
    const suppressions = readSuppressions(text);
    return wrong.flatMap(({ object: { kind, name, origin, ...object }, why }) => {
      const isSigned = signatureOf(object) !== undefined;
      const path: FieldPath = isSigned
        ? ['metadata', 'annotations', signatureAnnotation]
        : ['metadata', 'name'];
      const place = documents[origin.document - 1]?.placeOf(path) ?? { line: origin.line, column: 1 };
      if (suppressions.hides('refused-signature', place.line)) return [];
      const span = { start: place, end: { line: place.line, column: place.column + 1 } };
      const at = { file: source.path, span, path, object: { kind, name } };
      return [makeFinding('refused-signature', why, at)];
    });
  });
}

function refusal(object: TektonObject, { keys, side }: SignatureDemand): string | undefined {
  if (signatureOf(object) === undefined) return 'found no signature, wanted one by a key that is given';
  const holds = (one: TektonSide) => {
    try {
      return keys.some((key) => hasObjectSignature(object, key, one));
    } catch (error) {
      // What no signature covers is reported as it is.
      if (error instanceof UnsignableObject) return false;
      throw error;
    }
  };
  if (holds(side)) return undefined;
  const other = tektonSides.find(holds);
  return other === undefined
    ? 'found a signature by none of the keys that are given, or of other content'
    : `found a signature for ${versions[other]}, wanted one for ${versions[side]}`;
}
