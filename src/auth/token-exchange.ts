import { isBundlesError } from '../errors.js';
import { inWords, parseDiagnostics } from '../http/diagnostics.js';
import type { HttpRequest } from '../http/message.js';
import { isNetworkError } from '../http/network-error.js';
import { redactUrl } from '../http/redact.js';
import { hiding } from '../http/redactor.js';
import type { Answer, Call } from '../http/send/call.js';
import type { Follow } from '../http/send/redirects.js';
import { AuthError, type AuthErrorOptions, isAuthError } from './auth-error.js';
import { basicValue } from './authorization-value.js';
import type { Credential } from './credential.js';
import { resolveRealm } from './realm.js';
import { longestAnswer, readTokenAnswer, type Token, type TokenAnswerOptions } from './token-answer.js';

/** What a token is requested for. */
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

/** Sends a request to a token service and gives its final answer; `follow` judges redirects. */
export type AskTokenService = (call: Call, follow: Follow) => Promise<Answer>;

export interface ExchangeOptions {
  readonly ask: AskTokenService;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Called for each request sent, repeated ones too. */
  readonly onRequest: () => void;
}

/**
 * Asks a token service for a token: by GET with user and password or anonymously, by POST with an identity token.
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
  const answer = await askByPost(query, options, { realm, identity: credential.token });
  if (answer.status === 200) return readTokenAnswer(answer, answerFrom(query, options, realm));
  const { password } = credential;
  if (!noIdentityTokens.has(answer.status) || !password) {
    throw refused(answer, { query, method: 'POST', identity: true });
  }
  return askByGet(query, options, { realm, basic: basicValue(credential.username, password, credential) });
}

const clientId = 'tekton-bundles';
/** How services answer that support only GET. */
const noIdentityTokens: ReadonlySet<number> = new Set([400, 401, 404, 405]);

async function askByGet(
  query: TokenQuery,
  options: ExchangeOptions,
  { realm, basic }: { readonly realm: URL; readonly basic: string | undefined },
): Promise<Token> {
  const headers = basic === undefined ? accept : { ...accept, authorization: basic };
  const answer = await send({ method: 'GET', url: withQuery(realm, query), headers }, { query, options });
  if (answer.status === 200) return readTokenAnswer(answer, answerFrom(query, options, answer.url));
  throw refused(answer, { query, method: 'GET' });
}

/** A POST is never redirected: its body is the secret. */
function askByPost(
  query: TokenQuery,
  options: ExchangeOptions,
  { realm, identity }: { readonly realm: URL; readonly identity: string },
): Promise<Answer> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: identity,
  });
  if (query.service !== undefined) form.set('service', query.service);
  if (query.scopes.length > 0) form.set('scope', query.scopes.join(' '));
  const headers = { ...accept, 'content-type': 'application/x-www-form-urlencoded' };
  const body = new TextEncoder().encode(String(form));
  return send({ method: 'POST', url: realm, headers, body }, { query, options });
}

const accept = { accept: 'application/json', 'accept-encoding': 'identity' };

async function send(
  request: HttpRequest,
  { query, options }: { readonly query: TokenQuery; readonly options: ExchangeOptions },
): Promise<Answer> {
  const { method, url } = request;
  const { ask, signal, onRequest } = options;
  const follow: Follow = (location, from) => {
    if (method !== 'GET' || location === undefined)
      throw failed('it redirects', { query, realm: from, method });
    return resolveRealm(new URL(location, from).href, query);
  };
  try {
    return await ask({ ...request, limit: longestAnswer, onSent: onRequest, signal }, follow);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (isAuthError(cause)) throw cause;
    const known = isNetworkError(cause) ? cause : undefined;
    // The service requested a wait, so the next client must not try again at once.
    if (isBundlesError(cause, 'RATE_LIMITED') || isBundlesError(cause, 'REQUEST_LIMIT')) throw cause;
    const why = known?.text ?? (isBundlesError(cause) ? cause.message : 'it did not answer');
    const retryable = known?.reason !== 'redirect-refused';
    if (known?.reason === 'proxy')
      throw refusedByProxy(why, { query, realm: url, method, proxy: known.proxy, retryable, cause });
    throw failed(why, { query, realm: url, method, retryable, cause });
  }
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
  readonly method: string;
  readonly identity?: boolean;
}

function refused(answer: Answer, { query, method, identity }: Refusal): AuthError {
  const { status, headers, body, url: realm } = answer;
  const { registry, credential } = query;
  const retryAfter = headers['retry-after'];
  const url = redactUrl(realm);
  const facts = { registry, url, method, status, retryAfter, credentialSource: credential?.source };
  const service = `the token service of registry ${JSON.stringify(registry)}`;
  if (status === 429) {
    const message = `Too many requests to ${service}: it answers 429`;
    return new AuthError('rate-limited', message, { ...facts, retryable: true });
  }
  const denies = status === 401 || status === 403 || (identity && noIdentityTokens.has(status));
  const text = Buffer.from(body).toString('utf8');
  const secrets = credential?.kind === 'basic' ? [credential.password] : credential ? [credential.token] : [];
  const words = inWords(
    parseDiagnostics(
      body,
      hiding(() => secrets),
    ),
  );
  const suffix = words === '' ? '' : `, ${words}`;
  if ((status === 403 || status === 405) && /"DENIED"/.test(text)) {
    // Quay makes a missing repository within the token request, and states there that it cannot.
    const reason = /read[- ]?only|"is_readonly"\s*:\s*true/i.test(text) ? 'read-only' : 'denied';
    return new AuthError(reason, `Access is denied by ${service}: it answers ${status}${suffix}`, facts);
  }
  if (denies && credential) {
    const message = `The credential of ${credential.source} is refused by ${service}: it answers ${status}${suffix}`;
    return new AuthError('bad-credential', message, facts);
  }
  if (denies) {
    const message = `No token without a credential from ${service}: it answers ${status}${suffix}`;
    return new AuthError('denied', message, facts);
  }
  if (status === 407) {
    const { proxy } = answer;
    return refusedByProxy(`it answers ${status}`, { query, realm, method, status, proxy });
  }
  const retryable = status >= 500 || status === 408 || status === 425;
  return failed(`it answers ${status}`, { query, realm, method, status, retryable, retryAfter });
}

/** The proxy between us and the token service, whose own fault it is. */
function refusedByProxy(why: string, { query, realm, ...facts }: Failure): AuthError {
  const { registry } = query;
  const proxy = facts.proxy === undefined ? 'the proxy' : `the proxy ${facts.proxy}`;
  const url = redactUrl(realm);
  const message = `No token from the token service ${JSON.stringify(url)} of registry ${JSON.stringify(registry)}: ${proxy} refused the request, ${why}`;
  return new AuthError('proxy', message, { ...facts, registry, url });
}

type Failure = Omit<AuthErrorOptions, 'registry'> & { readonly query: TokenQuery; readonly realm: URL };

function failed(why: string, { query, realm, ...facts }: Failure): AuthError {
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
