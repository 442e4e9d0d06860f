import type { ErrorFamily } from './error-family.js';

export const signatureErrors = {
  page: 'signatures',
  title: 'Signatures and attestations',
  intro: 'A signature or attestation is missing, cannot be made, or would not be found by cosign.',
  errors: {
    SIGNATURE_MISSING: {
      means:
        'No signature of the digest is valid for the given keys or identity. `details.signatures` lists what was found: signatures by other keys, attestations (which never count as signatures), and entries that cannot be read. Nothing was copied.',
      example:
        'Cannot verify "quay.io/acme/hello:v1.0.0": no signature of sha256:2fda… by "cosign.pub"; found none',
      remedy: 'Sign the bundle with the private half of that key, or pass the key that signed it.',
    },
    ATTESTATION_MISSING: {
      means:
        'No attestation of a type that `--type` requires is valid for the given keys or identity. `details.missing` lists the types, `details.signatures` what was found.',
      example:
        'Cannot verify "quay.io/acme/hello:v1.0.0": no attestation https://slsa.dev/provenance/v1 of sha256:2fda… by "cosign.pub"; found none',
      remedy: 'Create it with `npx tekton-bundles attest`, or pass the key that attested it.',
    },
    SIGNATURE_HIDDEN: {
      means:
        'The new signature would hide another one from cosign, or would be hidden itself. Where any sigstore bundle refers to the image, cosign ignores the tags `sha256-….sig` and `sha256-….att`. Nothing was signed.',
      example:
        'Cannot sign "quay.io/acme/hello@sha256:2fda…": a signature as a referrer would hide others from cosign: 1 by other keys at the tag sha256-2fda….sig',
      remedy: 'Pass the other `--signature-storage`, as the hint proposes.',
    },
    SIGNATURE_FAILED: {
      means:
        'The bundle is on its registry and in the lock, but signing it failed. The message holds the reason.',
      example:
        'Cannot sign "hello": Cannot list what refers to "quay.io/acme/hello@sha256:2fda…": GET "https://quay.io/v2/acme/hello/referrers/sha256:2fda…" answered 403, DENIED requested access to the resource is denied',
      remedy: 'Remove the reason and run the command again. Bundles that are already signed are skipped.',
    },
    SIGSTORE_FAILED: {
      means:
        'A service of a keyless signature refused, redirected, or gave an answer that is malformed or does not verify against the trusted root. `details.service` names it: Fulcio, Rekor, the timestamp authority or the token service of the job. Nothing was stored.',
      example: 'Cannot use Fulcio at "https://fulcio.sigstore.dev/api/v2/signingCert": it answers 401',
      remedy:
        'Check `--fulcio-url`, `--rekor-url`, `--tsa-url` and `--trusted-root`: all must belong to one sigstore instance, and that instance must trust the issuer of the token.',
    },
  },
} as const satisfies ErrorFamily;
