import { BundlesError } from '../errors.js';
import { signaturePredicate } from './sigstore-bundle.js';

/** SLSA provenance, version 1. */
export const provenancePredicate = 'https://slsa.dev/provenance/v1';

const spdx = ['https://spdx.dev/Document/v2.3', 'https://spdx.dev/Document'];
const slsa02 = ['https://slsa.dev/provenance/v0.2'];

/** cosign's names of predicate types; the first of each list is written, all of them are accepted. */
const named: Readonly<Record<string, readonly string[]>> = {
  slsaprovenance1: [provenancePredicate],
  slsaprovenance: slsa02,
  slsaprovenance02: slsa02,
  spdx,
  spdxjson: spdx,
  cyclonedx: ['https://cyclonedx.org/bom'],
  vuln: ['https://cosign.sigstore.dev/attestation/vuln/v1'],
  openvex: ['https://openvex.dev/ns'],
  link: ['https://in-toto.io/Link/v1'],
  custom: ['https://cosign.sigstore.dev/attestation/v1'],
};

export const predicateTypeNames: readonly string[] = Object.keys(named);

/**
 * The predicate types that a word represents: one of cosign's names, or any other URI.
 *
 * @throws USAGE, also for the type of signatures, which attests nothing
 */
export function readPredicateTypes(word: string): readonly [string, ...string[]] {
  const [first, ...others] = Object.hasOwn(named, word) ? (named[word] ?? []) : [];
  if (first !== undefined) return [first, ...others];
  if (
    /^[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,500}$/i.test(word) &&
    URL.canParse(word) &&
    word !== signaturePredicate
  )
    return [word];
  throw new BundlesError('USAGE', `Cannot use the predicate type ${JSON.stringify(word.slice(0, 200))}`, {
    hint: `Give a URI, or one of ${predicateTypeNames.join(', ')}`,
  });
}
