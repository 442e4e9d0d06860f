import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import type { CertificateVerifier, TrustedIdentity } from '../signing/keyless/certificate-verifier.js';
import { findTokenSource, type TokenSource } from '../signing/keyless/identity-token.js';
import {
  createKeylessSigner,
  type KeylessSigner,
  type SigstoreServices,
} from '../signing/keyless/keyless-signer.js';
import { readServiceUrl } from '../signing/keyless/service.js';
import { optionOr, type RunContext } from './machine.js';
import type { NetworkOptions } from './network-options.js';
import { openConnection } from './open-connection.js';
import { refuseJudged } from './signing-keys.js';

/** The identity that signs without a key, and the services of sigstore. */
export interface KeylessOptions {
  /** Sign by the identity of this job instead of a key. Default false. */
  readonly keyless?: boolean;
  /** File with the OpenID Connect token. Default: `BUNDLES_IDENTITY_TOKEN`, else the token of this job of GitHub or GitLab. */
  readonly identityToken?: string;
  /** Fulcio, which gets the token. Default: `BUNDLES_FULCIO_URL`, else that of the public sigstore. */
  readonly fulcioUrl?: string;
  /** Transparency log. Default: `BUNDLES_REKOR_URL`, else the public one, where no other service is named. */
  readonly rekorUrl?: string;
  /** Generation of the log's interface. Default: `BUNDLES_REKOR_VERSION`, else 1. */
  readonly rekorVersion?: '1' | '2';
  /** Timestamp authority. Default: `BUNDLES_TSA_URL`, else none. */
  readonly tsaUrl?: string;
  /** File of the trusted root in JSON, which is needed. Default: `BUNDLES_TRUSTED_ROOT`. */
  readonly trustedRoot?: string;
}

/** Of everything that demands a signature by an identity. */
export interface IdentityOptions {
  readonly certificateIdentity?: string;
  readonly certificateIdentityRegexp?: string;
  readonly certificateOidcIssuer?: string;
  readonly trustedRoot?: string;
}

/** The public sigstore. */
const publicFulcio = 'https://fulcio.sigstore.dev';
const publicRekor = 'https://rekor.sigstore.dev';
const longestRoot = 8 * 1024 * 1024;
const longestToken = 64 * 1024;

export interface OpenedKeylessSigner {
  readonly signer: KeylessSigner;
  close(): Promise<void>;
}

/**
 * A signer with the identity of this job. It uses a separate connection to its services, so that no setting of a project
 * decides where a token is sent, or how it is protected.
 *
 * @throws USAGE, KEY_INVALID; IDENTITY_MISSING
 */
export async function openKeylessSigner(
  context: RunContext,
  {
    options,
    judged,
  }: { readonly options: KeylessOptions & NetworkOptions; readonly judged?: string | undefined },
): Promise<OpenedKeylessSigner> {
  const services = servicesOf(context, options);
  const source = await tokenSource(context, options);
  const verifier = await openTrustedRoot(context, options.trustedRoot, { judged });
  context.hide?.(() => (source.kind === 'github' ? [source.token] : [source.text.trim()]));
  const connection = await openConnection(context, {
    options: { ...options, quiet: true },
    patience: 'full',
    registries: [],
  });
  const { send } = connection;
  const { clock, hide } = context;
  const signer = createKeylessSigner({ client: { send, clock }, services, source, verifier, hide });
  return { signer, close: () => connection.close() };
}

/** @throws USAGE */
function servicesOf(context: RunContext, options: KeylessOptions): SigstoreServices {
  const given = optionOr(options.fulcioUrl, context, 'BUNDLES_FULCIO_URL');
  const rekor = optionOr(options.rekorUrl, context, 'BUNDLES_REKOR_URL');
  const timestamps = optionOr(options.tsaUrl, context, 'BUNDLES_TSA_URL');
  const version = optionOr(options.rekorVersion, context, 'BUNDLES_REKOR_VERSION') ?? '1';
  if (version !== '1' && version !== '2') {
    throw new BundlesError('USAGE', `Cannot use BUNDLES_REKOR_VERSION ${JSON.stringify(version)}`, {
      hint: 'Write 1 or 2',
    });
  }
  // What a private Fulcio vouches for does not belong into the public log.
  const log = rekor ?? (given === undefined && timestamps === undefined ? publicRekor : undefined);
  const datesItself = log !== undefined && version === '1';
  if (!datesItself && timestamps === undefined) {
    throw new BundlesError('USAGE', 'Cannot sign without a key: nothing would date the signature', {
      hint: 'Pass --tsa-url, or --rekor-url of a Rekor of version 1: a certificate is valid for minutes',
    });
  }
  return {
    fulcio: readServiceUrl('--fulcio-url', given ?? publicFulcio),
    rekor:
      log === undefined
        ? undefined
        : { url: readServiceUrl('--rekor-url', log), version: version === '1' ? 1 : 2 },
    timestamps: timestamps === undefined ? undefined : readServiceUrl('--tsa-url', timestamps),
  };
}

async function tokenSource(context: RunContext, options: KeylessOptions): Promise<TokenSource> {
  const { environment, signal } = context;
  const name = optionOr(options.identityToken, context, 'BUNDLES_IDENTITY_TOKEN');
  if (name === undefined) return findTokenSource(environment);
  const bytes = await readFileCapped(name, {
    limit: longestToken,
    missing: 'IDENTITY_MISSING',
    missingHint: 'Name a file that holds a token of OpenID Connect for the audience sigstore',
    tooLarge: 'IDENTITY_MISSING',
    signal,
  });
  return findTokenSource(environment, { name, text: new TextDecoder().decode(bytes) });
}

/** @throws USAGE, KEY_INVALID, also for a file within the checkout that is judged */
async function openTrustedRoot(
  context: RunContext,
  option: string | undefined,
  { judged }: { readonly judged: string | undefined },
): Promise<CertificateVerifier> {
  const file = optionOr(option, context, 'BUNDLES_TRUSTED_ROOT');
  if (file === undefined) {
    throw new BundlesError('USAGE', 'Cannot work with certificates without a trusted root', {
      hint: 'Give it with --trusted-root: cosign trusted-root create --with-default-services, or gh attestation trusted-root, write that of the public sigstore',
    });
  }
  const bytes = await readFileCapped(file, {
    limit: longestRoot,
    missing: 'KEY_INVALID',
    missingHint: 'Name a trusted root in JSON',
    tooLarge: 'KEY_INVALID',
    signal: context.signal,
  });
  if (judged !== undefined) refuseJudged(file, judged);
  const { createCertificateVerifier } = await import('../signing/keyless/sigstore-verifier.js');
  return createCertificateVerifier(new TextDecoder().decode(bytes), file);
}

/**
 * The identity that options name, undefined where none is named: both who signed and who vouched for that are needed.
 * A regular expression (RE2) has to match the whole identity.
 *
 * @throws USAGE, KEY_INVALID
 */
export async function openTrustedIdentity(
  context: RunContext,
  options: IdentityOptions,
  { judged }: { readonly judged: string | undefined },
): Promise<TrustedIdentity | undefined> {
  const {
    certificateIdentity: exact,
    certificateIdentityRegexp: pattern,
    certificateOidcIssuer: issuer,
  } = options;
  if (exact === undefined && pattern === undefined && issuer === undefined) return undefined;
  if ((exact === undefined) === (pattern === undefined) || issuer === undefined) {
    throw new BundlesError(
      'USAGE',
      'Cannot verify certificates: who signed and who vouches for that are both needed',
      {
        hint: 'Pass --certificate-identity (or --certificate-identity-regexp) and --certificate-oidc-issuer',
      },
    );
  }
  const isIdentity = exact === undefined ? await matcherOf(pattern ?? '') : (text: string) => text === exact;
  const verifier = await openTrustedRoot(context, options.trustedRoot, { judged });
  return {
    verifier,
    shown: `${exact ?? pattern} (${issuer})`,
    accepts: (facts) => isIdentity(facts.identity) && facts.issuer === issuer,
  };
}

async function matcherOf(pattern: string): Promise<(text: string) => boolean> {
  const { RE2JS } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matches(text);
  } catch (cause) {
    throw new BundlesError('USAGE', `Cannot use --certificate-identity-regexp ${JSON.stringify(pattern)}`, {
      hint: 'Write a regular expression as Go reads it (RE2); it has to match the whole identity',
      cause,
    });
  }
}
