import type { TektonObject } from '../../objects/object.js';
import {
  signatureAnnotation,
  signedForm,
  UnsignableObject,
  verifiedKinds,
} from '../../objects/signed-form.js';
import { child, type Field } from '../../validate/field.js';
import type { Report } from '../../validate/problem.js';

/**
 * Signatures inside an object (`tekton.dev/signature`) that no cluster accepts, whatever the key, and what they leave out.
 * Tekton verifies Tasks and Pipelines alone.
 */
export function findRefusedSignatures(report: Report, object: Field, source: TektonObject): void {
  const annotation = child(child(child(object, 'metadata'), 'annotations'), signatureAnnotation);
  const { value } = annotation;
  if (value === undefined) return;
  const { kind, apiVersion } = source;
  const rule = 'refused-signature';
  if (!verifiedKinds.includes(kind)) {
    report(rule, annotation, `found the signature of a ${kind}, which no cluster verifies`);
    return;
  }
  if (typeof value !== 'string' || !isSignature(value)) {
    report(
      rule,
      annotation,
      'found no signature of ECDSA, Ed25519 or RSA in base64: clusters that verify refuse it',
    );
    return;
  }
  try {
    signedForm(source, '1.14');
  } catch (error) {
    if (!(error instanceof UnsignableObject)) throw error;
    // tkn reads every object as v1beta1, where the field has this name, and writes it back so.
    const isByTkn = apiVersion === 'tekton.dev/v1' && error.path.at(-1) === 'resources';
    const message = isByTkn
      ? 'found resources in a signed v1 object: tkn signs these as v1beta1, has replaced computeResources, and clusters refuse the signature'
      : `${error.message}; the object is signed`;
    report(rule, error, message);
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The length of an Ed25519 signature, the form of an ECDSA one, or at least the shortest of RSA. */
function isSignature(text: string): boolean {
  const joined = text.replaceAll(/[\r\n]/g, '');
  if (!base64.test(joined)) return false;
  const bytes = Buffer.from(joined, 'base64');
  return bytes.length === 64 || bytes.length >= 128 || (bytes[0] === 0x30 && bytes[1] === bytes.length - 2);
}
