import { isBundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { parseReference, type Reference } from '../../oci/reference.js';

/** The image of a step as an object names it. */
export type StepImage =
  | {
      /** By a tag alone: what runs may change. */
      readonly form: 'tag';
      /** As written, with the tag `latest` where there is none. */
      readonly name: string;
      readonly reference: Reference & { readonly tag: string };
    }
  | {
      readonly form: 'digest';
      /** As written, without the digest; undefined where no tag is beside it. */
      readonly name: string | undefined;
      readonly digest: Digest;
      readonly reference: Reference;
    }
  /** What it is shows when the step runs. */
  | { readonly form: 'parameter' }
  | { readonly form: 'invalid'; readonly problem: string };

/** Understands the text of an `image` field. */
export function readStepImage(text: string): StepImage {
  if (text.includes('$(')) return { form: 'parameter' };
  let reference: Reference;
  try {
    reference = parseReference(text);
  } catch (error) {
    if (!isBundlesError(error, 'REFERENCE_INVALID')) throw error;
    return { form: 'invalid', problem: error.message };
  }
  const { tag, digest } = reference;
  if (digest !== undefined) {
    const name = tag === undefined ? undefined : text.slice(0, text.lastIndexOf('@'));
    return { form: 'digest', name, digest, reference };
  }
  const name = tag === undefined ? `${text}:latest` : text;
  return { form: 'tag', name, reference: { ...reference, tag: tag ?? 'latest' } };
}
