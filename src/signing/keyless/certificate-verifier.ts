/** Whom a certificate of Fulcio names. */
export interface CertificateFacts {
  /** An e-mail address, or the URI of a workflow. */
  readonly identity: string;
  /** Of OpenID Connect, which vouched for the identity. */
  readonly issuer: string;
}

/** What came of verifying a bundle by its certificate. */
export type CertificateCheck =
  | { readonly facts: CertificateFacts; readonly problem: null }
  | { readonly facts: null; readonly problem: string };

/** Verifies bundles by their certificates, against a trusted root. */
export interface CertificateVerifier {
  /** Certificate, chain, log entries, timestamps and signature; never throws for what a bundle holds. */
  verify(bundle: Uint8Array): CertificateCheck;
  /** What a certificate states, unproven. */
  factsOf(der: Uint8Array): CertificateFacts;
}

/** Who may have signed: an identity, and the issuer that vouched for it. */
export interface TrustedIdentity {
  readonly verifier: CertificateVerifier;
  /** As it was given, for messages. */
  readonly shown: string;
  accepts(facts: CertificateFacts): boolean;
}
