import { redactUrl } from '../http/redact.js';
import { requestWithBytes } from '../http/request-bytes.js';
import { type Answer, createAnswer } from './answer.js';
import type { ExchangeRequest } from './exchange-request.js';
import { followLocation } from './location.js';
import { classifyNetworkFailure } from './network-failure.js';
import { RegistryError } from './registry-error.js';
import type { Wire } from './wire.js';

const answerMs = 30_000;
const maxHops = 5;

type Sending = Pick<Parameters<typeof createAnswer>[0], 'deadline' | 'sent' | 'keep'>;

/**
 * The answer of one attempt, after its redirects. A loopback host whose dialect is not known is asked by https first;
 * http is for one that speaks no TLS.
 */
export async function sendOnce(wire: Wire, request: ExchangeRequest, sending: Sending): Promise<Answer> {
  const { host } = wire;
  const guessing = host.scheme === undefined;
  if (!guessing || (await maySpeakTls(wire, sending))) {
    try {
      const answer = await followed(wire, request, { ...sending, guessing });
      host.scheme ??= 'https';
      return answer;
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!guessing || sending.deadline.signal.aborted || !classifyNetworkFailure(error).mayBePlainHttp)
        throw error;
    }
  }
  host.scheme = 'http';
  try {
    return await followed(wire, request, { ...sending, guessing: false });
  } catch (error) {
    host.scheme = undefined;
    throw error;
  }
}

async function maySpeakTls({ host, maySpeakTls: ask }: Wire, { deadline }: Sending): Promise<boolean> {
  if (ask === undefined) return true;
  return deadline.within(host.allow(answerMs), ask(new URL(host.origin), { signal: deadline.signal }));
}

async function followed(
  wire: Wire,
  request: ExchangeRequest,
  { sent, deadline, keep, guessing }: Sending & { readonly guessing: boolean },
): Promise<Answer> {
  const { host } = wire;
  const { method, timeoutMs = answerMs } = request;
  const first = addressOf(wire, request);
  const home = host.origin;
  let url = first;
  let fromRegistry = url.origin === home;
  for (let hop = 0; ; hop++) {
    const headers = headersOf(wire, request, fromRegistry ? sent?.value : undefined);
    const init = { method, headers, redirect: 'manual', signal: deadline.signal } as const;
    const outgoing = request.body ? requestWithBytes(url, init, request.body) : new Request(url, init);
    let counted = true;
    let response: Response;
    wire.budget.take();
    try {
      response = await deadline.within(host.allow(timeoutMs), wire.fetch(outgoing));
    } catch (error) {
      counted = !(guessing && classifyNetworkFailure(error).mayBePlainHttp);
      throw error;
    } finally {
      if (counted) wire.count();
      else wire.budget.giveBack();
    }
    const { redact } = wire.authorizer;
    const answer = createAnswer({ method, url, response, fromRegistry, sent, deadline, keep, redact });
    if (!isRedirect(method, response.status)) return answer;
    await answer.discard();
    if (hop === maxHops) throw tooManyHops(request, first);
    const use = method === 'GET' || method === 'HEAD' ? 'read' : 'upload';
    url = followLocation(response.headers.get('location'), { url, use });
    // Once off the registry's origin, a way back earns no authorization.
    fromRegistry = fromRegistry && url.origin === home;
  }
}

function isRedirect(method: string, status: number): boolean {
  if (method === 'GET' || method === 'HEAD') return [301, 302, 303, 307, 308].includes(status);
  return method !== 'DELETE' && (status === 307 || status === 308);
}

/** Names in lower case; not as Headers, which would be copied into the request's own. */
function headersOf(
  wire: Wire,
  { method, headers, body }: ExchangeRequest,
  authorization: string | undefined,
): Record<string, string> {
  const bodyless = method !== 'POST' && method !== 'PUT';
  return {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': wire.userAgent,
    ...headers,
    ...(body || bodyless ? {} : { 'content-length': '0' }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** Where a request goes first. */
export function addressOf({ host, repository }: Wire, { to }: ExchangeRequest): URL {
  if (typeof to !== 'string') return to;
  return new URL(`${host.origin}/v2/${repository === '' ? '' : `${repository}/`}${to}`);
}

function tooManyHops({ doing, method }: ExchangeRequest, url: URL): RegistryError {
  return new RegistryError('REGISTRY_UNREACHABLE', `${doing}: more than ${maxHops} redirects`, {
    reason: 'redirect-refused',
    method,
    url: redactUrl(url),
  });
}
