import type { OptionRow } from '../command.js';

const trustedRoot: OptionRow = {
  flags: '--trusted-root <file>',
  summary: 'trusted root of sigstore (JSON), with --keyless or certificates',
  variable: 'BUNDLES_TRUSTED_ROOT',
};

/** Of everything that signs, instead of a key. */
export const keylessOptions: readonly OptionRow[] = [
  { flags: '--keyless', summary: 'sign with the identity of this job instead of a key' },
  {
    flags: '--identity-token <file>',
    summary: 'file with the OpenID Connect token; detected in jobs of GitHub and GitLab',
    variable: 'BUNDLES_IDENTITY_TOKEN',
  },
  {
    flags: '--fulcio-url <url>',
    summary: 'address of Fulcio, which receives the token',
    usually: 'https://fulcio.sigstore.dev',
    variable: 'BUNDLES_FULCIO_URL',
  },
  {
    flags: '--rekor-url <url>',
    summary: 'transparency log',
    usually: 'that of the public sigstore instance, unless --fulcio-url or --tsa-url is given',
    variable: 'BUNDLES_REKOR_URL',
  },
  {
    flags: '--rekor-version <version>',
    summary: 'version of the Rekor API',
    choices: ['1', '2'],
    usually: '1',
    variable: 'BUNDLES_REKOR_VERSION',
  },
  {
    flags: '--tsa-url <url>',
    summary: 'timestamp authority; required unless Rekor 1 is used',
    variable: 'BUNDLES_TSA_URL',
  },
  trustedRoot,
];

/** Options of commands that demand a signature, instead of a key. */
export const identityOptions: readonly OptionRow[] = [
  {
    flags: '--certificate-identity <identity>',
    summary: 'required signer: the URI of a workflow, or an e-mail address; needs --certificate-oidc-issuer',
  },
  {
    flags: '--certificate-identity-regexp <pattern>',
    summary: 'the same, as a regular expression (RE2) for the whole identity',
  },
  { flags: '--certificate-oidc-issuer <url>', summary: 'issuer that must have certified the identity' },
  trustedRoot,
];
