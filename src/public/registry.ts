/** Registries: a client, the credentials of this machine, references and digests. */

export type { Clock } from '../async/clock.js';
export type { Credential, Keychain } from '../auth/credential.js';
export type { CredentialPlace, PlacesOptions } from '../auth/credential-places.js';
export type { KeychainOptions } from '../auth/keychain.js';
export { createKeychain } from '../auth/keychain.js';
export type { ByteSource } from '../bytes/byte-source.js';
export type { BlobLedger } from '../content/blob-ledger.js';
export type { TagPlan, TagStore } from '../content/move-tag.js';
export type { CompanySource } from '../content/referrers-of.js';
export type {
  BlobMounter,
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
  TagPeeker,
} from '../content/store.js';
export type { BundlesErrorOptions, ErrorCode } from '../errors.js';
export { BundlesError } from '../errors.js';
export type { HostSettings, TlsSettings } from '../http/connect/agents.js';
export type { NodeTransportOptions, Transport } from '../http/connect/node-transport.js';
export { createNodeTransport } from '../http/connect/node-transport.js';
export type { ProxyOptions, ProxyServer, ProxySettings } from '../http/connect/proxy-settings.js';
export { readProxySettings } from '../http/connect/proxy-settings.js';
export type { Diagnostic } from '../http/diagnostics.js';
export type { FailureFacts, FailureReason, NetworkReason } from '../http/failure.js';
export type { HeaderFields, HttpRequest, HttpResponse, Send } from '../http/message.js';
export type { ObserveOptions, WireExchange } from '../http/observe.js';
export { observeSend } from '../http/observe.js';
export type { Fetch } from '../http/serve/handler-transport.js';
export { sendTo } from '../http/serve/handler-transport.js';
export type { Descriptor } from '../oci/descriptor.js';
export type { Digest } from '../oci/digest.js';
export { digestOf, parseDigest } from '../oci/digest.js';
export type { Content, Image } from '../oci/image.js';
export type { Reference } from '../oci/reference.js';
export { formatReference, parseReference } from '../oci/reference.js';
export type { RegistryClient, RepositoryOptions } from '../registry/client.js';
export { createRegistryClient } from '../registry/client.js';
export type { Access } from '../registry/connection/connection.js';
export type { RegistryClientOptions, RegistryReport } from '../registry/connection/pipelines.js';
export type { RequestBudget, RequestBudgetOptions } from '../registry/connection/request-budget.js';
export { createRequestBudget } from '../registry/connection/request-budget.js';
export type { PushOptions, PushReport } from '../registry/push-image.js';
export { pushImage } from '../registry/push-image.js';
export type { PutOptions } from '../registry/put-manifest.js';
export type { RegistryErrorOptions } from '../registry/registry-error.js';
export { isRegistryError, RegistryError } from '../registry/registry-error.js';
export type { RegistryRepository } from '../registry/repository.js';
export type { TagChange } from '../registry/update-tag.js';
export type { CopiedBundle, CopiedTag, CopyBundleRequest } from '../release/copy-bundle.js';
export { copyBundle } from '../release/copy-bundle.js';
export type {
  CertificateCheck,
  CertificateFacts,
  CertificateVerifier,
  TrustedIdentity,
} from '../signing/keyless/certificate-verifier.js';
export type { KeyAlgorithm, PublicKey } from '../signing/keys/public-key.js';
export type { Trusted, TrustedKey } from '../signing/verify-signatures.js';
