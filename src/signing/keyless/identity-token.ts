import { BundlesError } from '../../errors.js';
import { askService, jsonOf, readServiceUrl, type ServiceClient, serviceFailed } from './service.js';

/** An OpenID Connect token, which identifies the signer to Fulcio. */
export interface IdentityToken {
  readonly text: string;
  /** What Fulcio wants a signature of, as a proof that the signer has the key: the verified e-mail address, else the subject. */
  readonly subject: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Where the token of a run comes from. */
export type TokenSource =
  | { readonly kind: 'text'; readonly text: string; readonly from: string }
  | { readonly kind: 'github'; readonly url: URL; readonly token: string };

const audience = 'sigstore';
const longestToken = 64 * 1024;

/**
 * The source of the token: the file, else `SIGSTORE_ID_TOKEN` (GitLab's `id_tokens`), else GitHub's service for jobs.
 *
 * @throws IDENTITY_MISSING
 */
export function findTokenSource(
  environment: Variables,
  file?: { readonly name: string; readonly text: string },
): TokenSource {
  if (file) return { kind: 'text', text: file.text, from: JSON.stringify(file.name) };
  const { SIGSTORE_ID_TOKEN: text } = environment;
  if (text) return { kind: 'text', text, from: 'SIGSTORE_ID_TOKEN' };
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = environment;
  if (url && token) {
    const address = URL.canParse(url) ? new URL(url) : undefined;
    // Its query is GitHub's own.
    if (address) readServiceUrl('ACTIONS_ID_TOKEN_REQUEST_URL', `${address.origin}${address.pathname}`);
    if (address) return { kind: 'github', url: address, token };
  }
  throw new BundlesError(
    'IDENTITY_MISSING',
    'Cannot sign without a key: this environment has no identity token',
    {
      hint:
        environment.GITHUB_ACTIONS === 'true'
          ? 'Give the job permissions: {id-token: write}; pull requests from forks never get one'
          : 'In GitLab CI declare id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}} in the job itself; elsewhere pass --identity-token FILE or SIGSTORE_ID_TOKEN',
    },
  );
}

/** @throws IDENTITY_MISSING for what is not a token; SIGSTORE_FAILED */
export async function readIdentityToken(
  source: TokenSource,
  client: ServiceClient,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<IdentityToken> {
  if (source.kind === 'text') return parseToken(source.text, source.from);
  const url = new URL(source.url);
  url.searchParams.set('audience', audience);
  const request = {
    service: "GitHub's token service",
    url,
    headers: { authorization: `Bearer ${source.token}` },
    secrets: [source.token],
  };
  const { value } = jsonOf(request, await askService(client, request, options));
  if (typeof value !== 'string') throw serviceFailed(request, 'its answer contains no token');
  return parseToken(value, "the answer of GitHub's token service");
}

/** Nothing of the token is repeated. */
function parseToken(given: string, from: string): IdentityToken {
  const text = given.trim();
  const invalid = (why: string) =>
    new BundlesError('IDENTITY_MISSING', `Cannot use the identity token of ${from}: ${why}`, {
      hint: 'Expected: a token of OpenID Connect (a JWT) for the audience sigstore',
    });
  if (text.length > longestToken || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) throw invalid('it is not a JWT');
  let claims: Record<string, unknown>;
  try {
    claims = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString());
  } catch {
    throw invalid('its claims are not JSON');
  }
  const { email, email_verified: isVerified, sub } = claims ?? {};
  const verified = isVerified === true || isVerified === 'true';
  if (typeof email === 'string' && email !== '' && !verified)
    throw invalid('its issuer has not verified the e-mail address');
  const subject = typeof email === 'string' && email !== '' ? email : sub;
  if (typeof subject !== 'string' || subject === '') throw invalid('it names no subject');
  return { text, subject };
}
