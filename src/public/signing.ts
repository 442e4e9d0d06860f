/** Signatures and attestations of bundles: made, stored as referrers and verified. */

export type { CompanySource } from '../content/referrers-of.js';
export type {
  CallOptions,
  ContentPresence,
  ContentReader,
  ContentWriter,
  Deleter,
  ManifestLister,
  ReadableStore,
  ReferrerLister,
  ResolveOptions,
  Resolver,
  Store,
  TaggedWriter,
  Tagger,
  TagLister,
} from '../content/store.js';
export type { Descriptor } from '../oci/descriptor.js';
export type { Digest } from '../oci/digest.js';
export type { Content } from '../oci/image.js';
export type { Reference } from '../oci/reference.js';
export type { StorageChoice } from '../project/config/signature-storages.js';
export type { Access } from '../registry/connection/connection.js';
export type { PutOptions } from '../registry/put-manifest.js';
export type { RegistryRepository } from '../registry/repository.js';
export type { TagChange } from '../registry/update-tag.js';
export type { Attestation, AttestOptions, AttestResult } from '../signing/attest-digest.js';
export { attestDigest } from '../signing/attest-digest.js';
export type { FoundSignature, SignatureStorage } from '../signing/found-signatures.js';
export type {
  CertificateCheck,
  CertificateFacts,
  CertificateVerifier,
  TrustedIdentity,
} from '../signing/keyless/certificate-verifier.js';
export type { KeylessSigner } from '../signing/keyless/keyless-signer.js';
export type { ReadKeyOptions, SigningKey } from '../signing/keys/private-key.js';
export { createKeyPair, readSigningKey } from '../signing/keys/private-key.js';
export type { KeyAlgorithm, PublicKey } from '../signing/keys/public-key.js';
export { readPublicKey } from '../signing/keys/public-key.js';
export type { SignedObject, SignedSource } from '../signing/objects/sign-source.js';
export { signSource } from '../signing/objects/sign-source.js';
export { formatVerificationPolicy, verificationPolicy } from '../signing/objects/verification-policy.js';
export type { SignOptions, SignResult } from '../signing/sign-digest.js';
export { signDigest } from '../signing/sign-digest.js';
export type { Signer } from '../signing/signer.js';
export type { Statement } from '../signing/sigstore-bundle.js';
export type {
  SignatureReport,
  Trusted,
  TrustedKey,
  VerifiedSignature,
} from '../signing/verify-signatures.js';
export { requireSignature, verifyAttestations, verifySignatures } from '../signing/verify-signatures.js';
export type { Source } from '../tekton/objects/object.js';
export type { TektonSide } from '../tekton/objects/older-fields.js';
