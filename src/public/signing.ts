/** Signatures and attestations of bundles: made, stored as referrers and verified. */

export type { LoadedBundle, LoadedObject } from '../bundle/load-bundle.js';
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
export type { Content, Image } from '../oci/image.js';
export type { ImageConfig } from '../oci/image-config.js';
export type { StringMap } from '../oci/json-view.js';
export type { ImageManifest, ManifestBase } from '../oci/manifest.js';
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
export type { BuildFacts, BuildFactsOptions, SourceCommit } from '../signing/provenance/build-facts.js';
export { readBuildFacts } from '../signing/provenance/build-facts.js';
export type { ProvenanceRequest } from '../signing/provenance/provenance.js';
export { createProvenance, isSameBuild } from '../signing/provenance/provenance.js';
export type { SignOptions, SignResult } from '../signing/sign-digest.js';
export { signDigest } from '../signing/sign-digest.js';
export type { Signer } from '../signing/signer.js';
export type { Statement } from '../signing/sigstore-bundle.js';
export type { StoredTrustedTasks } from '../signing/trusted-tasks/list-image.js';
export { readTrustedTasksImage, trustedTasksImage } from '../signing/trusted-tasks/list-image.js';
export type {
  LockedBundle,
  TrackOptions,
  TrustedTask,
  TrustedTaskRule,
  TrustedTasks,
} from '../signing/trusted-tasks/trusted-tasks.js';
export {
  formatTrustedTaskRules,
  formatTrustedTasks,
  noTrustedTasks,
  parseTrustedTasks,
  trackTasks,
  trustedTaskRules,
} from '../signing/trusted-tasks/trusted-tasks.js';
export type {
  SignatureReport,
  Trusted,
  TrustedKey,
  VerifiedSignature,
} from '../signing/verify-signatures.js';
export { requireSignature, verifyAttestations, verifySignatures } from '../signing/verify-signatures.js';
export type { ObjectOrigin, Source, TektonObject } from '../tekton/objects/object.js';
export type { TektonSide } from '../tekton/objects/older-fields.js';
export type { YamlMap, YamlValue } from '../tekton/yaml/value.js';
