import { isBundlesError } from '../errors.js';
import { redactUrl } from '../http/redact.js';
import { AuthError, type AuthErrorOptions } from './auth-error.js';
import { basicValue } from './authorization-value.js';
import type { Credential } from './credential.js';
import { readTextCapped } from './read-text-capped.js';
import { resolveRealm } from './realm.js';
import { readTokenAnswer, type Token, type TokenAnswerOptions } from './token-answer.js';

/** What a token is asked for. */
export interface TokenQuery {
  /** Scheme, host and port of the registry. */
  readonly origin: string;
  readonly registry: string;
  /** As the challenge names it; checked here. */
  readonly realm: string;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Exclude<Credential, { readonly kind: 'registry-token' }> | undefined;
}

/** A Fetch that may try again by itself, and says so before each further attempt. */
export type TokenFetch = (request: Request, onRepeat: () => void) => Promise<Response>;

export interface ExchangeOptions {
  readonly fetch: TokenFetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** Called for each request sent, repeated ones too. */
  readonly onRequest: () => void;
}

/**
 * Asks a token service for a token: by GET with user and password or as nobody, by POST with an identity token.
 *
 * @throws AuthError
 */
export async function exchangeToken(query: TokenQuery, options: ExchangeOptions): Promise<Token> {
  const realm = resolveRealm(query.realm, query);
  const { credential } = query;
  if (credential?.kind !== 'identity-token') {
    const basic = credential && basicValue(credential.username, credential.password, credential);
    return askByGet(query, options, { realm, basic });
  }
  const response = await askByPost(query, options, { realm, identity: credential.token });
  if (response.status === 200) return readTokenAnswer(response, answerFrom(query, options, realm));
  const { password } = credential;
  if (!noIdentityTokens.has(response.status) || !password) {
    throw await refused(response, { query, realm, method: 'POST', identity: true });
  }
  await response.body?.cancel();
  return askByGet(query, options, { realm, basic: basicValue(credential.username, password, credential) });
}

const clientId = 'tekton-bundles';
const mostHops = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** How services answer that know GET alone. */
const noIdentityTokens: ReadonlySet<number> = new Set([400, 401, 404, 405]);

async function askByGet(
  query: TokenQuery,
  options: ExchangeOptions,
  { realm, basic }: { readonly realm: URL; readonly basic: string | undefined },
): Promise<Token> {
  let url = withQuery(realm, query);
  let authorization = basic;
  for (let hop = 0; ; hop++) {
    const headers = headersOf(options, authorization);
    const request = new Request(url, { headers, redirect: 'manual', signal: options.signal });
    const response = await send(request, { query, options, realm: url });
    if (!redirects.has(response.status)) {
      if (response.status === 200) return readTokenAnswer(response, answerFrom(query, options, url));
      throw await refused(response, { query, realm: url, method: 'GET' });
    }
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (hop === mostHops || location === null)
      throw failed('it redirects without end', { query, realm: url });
    const next = resolveRealm(new URL(location, url).href, query);
    // Once off its origin a credential never comes back.
    if (next.origin !== url.origin) authorization = undefined;
    url = next;
  }
}

/** A POST is never redirected: its body is the secret. */
async function askByPost(
  query: TokenQuery,
  options: ExchangeOptions,
  { realm, identity }: { readonly realm: URL; readonly identity: string },
): Promise<Response> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: identity,
  });
  if (query.service !== undefined) form.set('service', query.service);
  if (query.scopes.length > 0) form.set('scope', query.scopes.join(' '));
  const headers = headersOf(options, undefined);
  headers.set('content-type', 'application/x-www-form-urlencoded');
  const { signal } = options;
  const request = new Request(realm, {
    method: 'POST',
    headers,
    body: String(form),
    redirect: 'manual',
    signal,
  });
  return send(request, { query, options, realm });
}

async function send(
  request: Request,
  {
    query,
    options,
    realm,
  }: { readonly query: TokenQuery; readonly options: ExchangeOptions; readonly realm: URL },
): Promise<Response> {
  options.onRequest();
  try {
    return await options.fetch(request, options.onRequest);
  } catch (cause) {
    if (options.signal.aborted) throw options.signal.reason;
    // Told to wait: that is no silence, and nobody should try again at once.
    if (isBundlesError(cause, 'RATE_LIMITED') || isBundlesError(cause, 'REQUEST_LIMIT')) throw cause;
    const why = isBundlesError(cause) ? cause.message : 'it did not answer';
    throw failed(why, { query, realm, method: request.method, retryable: true, cause });
  }
}

function headersOf({ userAgent }: ExchangeOptions, authorization: string | undefined): Headers {
  const headers = new Headers({
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': userAgent,
  });
  if (authorization !== undefined) headers.set('authorization', authorization);
  return headers;
}

/** By string, not by URLSearchParams: that would rewrite what the realm itself holds. */
function withQuery(realm: URL, { service, scopes, credential }: TokenQuery): URL {
  const pairs: string[] = [];
  if (service !== undefined) pairs.push(`service=${encodeURIComponent(service)}`);
  for (const scope of scopes) pairs.push(`scope=${encodeURIComponent(scope)}`);
  pairs.push(`client_id=${clientId}`);
  if (credential) pairs.push(`account=${encodeURIComponent(credential.username)}`);
  const joint = realm.search === '' ? '?' : '&';
  return new URL(`${realm.origin}${realm.pathname}${realm.search}${joint}${pairs.join('&')}`);
}

function answerFrom(query: TokenQuery, { now }: ExchangeOptions, realm: URL) {
  const fail: TokenAnswerOptions['fail'] = (why, facts) =>
    failed(why, { query, realm, status: 200, ...facts });
  return { now: now(), fail };
}

interface Refusal {
  readonly query: TokenQuery;
  readonly realm: URL;
  readonly method: string;
  readonly identity?: boolean;
}

async function refused(response: Response, { query, realm, method, identity }: Refusal): Promise<AuthError> {
  const { status } = response;
  const { registry, credential } = query;
  const said = await readTextCapped(response, 64 * 1024).catch(() => undefined);
  const retryAfter = response.headers.get('retry-after') ?? undefined;
  const url = redactUrl(realm);
  const facts = { registry, url, method, status, retryAfter, credentialSource: credential?.source };
  const service = `the token service of registry ${JSON.stringify(registry)}`;
  if (status === 429) {
    return new AuthError('rate-limited', `Too many requests to ${service}: it answers 429`, {
      ...facts,
      retryable: true,
    });
  }
  const denies = status === 401 || status === 403 || (identity && noIdentityTokens.has(status));
  if (status === 403 && /"DENIED"/.test(said ?? '')) {
    return new AuthError('denied', `Access is denied by ${service}: it answers 403`, facts);
  }
  if (denies && credential) {
    const message = `The credential of ${credential.source} is refused by ${service}: it answers ${status}`;
    return new AuthError('bad-credential', message, facts);
  }
  if (denies)
    return new AuthError(
      'denied',
      `No token without a credential from ${service}: it answers ${status}`,
      facts,
    );
  const retryable = status >= 500 || status === 408 || status === 425;
  return failed(`it answers ${status}`, { query, realm, method, status, retryable, retryAfter });
}

function failed(
  why: string,
  {
    query,
    realm,
    ...facts
  }: Omit<AuthErrorOptions, 'registry'> & { readonly query: TokenQuery; readonly realm: URL },
): AuthError {
  const url = redactUrl(realm);
  const message = `No token from the token service ${JSON.stringify(url)} of registry ${JSON.stringify(query.registry)}: ${why}`;
  return new AuthError('token-endpoint', message, {
    method: 'GET',
    ...facts,
    registry: query.registry,
    credentialSource: query.credential?.source,
    url,
  });
}
