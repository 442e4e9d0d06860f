import type { Fault } from '../fault.js';
import { refusal } from '../profile.js';

/** The body and the headers of an answer. */
export interface AnswerOptions {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** This answer and nothing else; the profile never sees the request. */
export function answer(status: number, { body = '', headers = {} }: AnswerOptions = {}): Fault {
  return async (request) => {
    await request.body?.cancel();
    return new Response(body === '' ? null : body, { status, headers });
  };
}

/** A refusal in a registry's form. */
export function refuse(status: number, code: string, message: string): Fault {
  return async (request) => {
    await request.body?.cancel();
    return refusal(status, [code, message]);
  };
}

/** 429 as the profile phrases it, with a Retry-After only where one is given. */
export function rateLimit({ retryAfter }: { readonly retryAfter?: string | undefined } = {}): Fault {
  return async (request, _next, { texts }) => {
    await request.body?.cancel();
    const answered = texts.tooManyRequests();
    if (retryAfter !== undefined) answered.headers.set('retry-after', retryAfter);
    return answered;
  };
}

/** A login page with status 200 for everything: a captive portal. */
export function captivePortal(): Fault {
  const body = '<!doctype html><title>Welcome</title><form>Log in to this network</form>\n';
  return answer(200, { body, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

/** What a proxy answers that requires a credential. */
export function proxyRefusal(): Fault {
  return answer(407, { headers: { 'proxy-authenticate': 'Basic realm="proxy"' } });
}

/** Every form in which a `Retry-After` header has been seen, for a server whose clock shows `now` (milliseconds). */
export function retryAfterForms(now: number): Readonly<Record<RetryAfterForm, string>> {
  return {
    seconds: '3',
    date: new Date(now + 5_000).toUTCString(),
    past: new Date(now - 60_000).toUTCString(),
    negative: '-30',
    fraction: '1.5',
    garbage: 'soon',
    empty: '',
    huge: '86400',
    enormous: '99999999999999999999',
  };
}

/** Forms of Retry-After that registries have sent. */
export type RetryAfterForm =
  | 'seconds'
  | 'date'
  | 'past'
  | 'negative'
  | 'fraction'
  | 'garbage'
  | 'empty'
  | 'huge'
  | 'enormous';

/** Every token issued so far is no longer good when the request arrives. */
export function expireTokens(): Fault {
  return async (request, next, { tokens }) => {
    tokens.revokeAll();
    return next(request);
  };
}

/** As ECR states it of a password: 403 and no challenge. */
export function expireCredential(): Fault {
  return async (request) => {
    await request.body?.cancel();
    return refusal(403, ['DENIED', 'Your authorization token has expired. Reauthenticate and try again.']);
  };
}

/** What must never reach a terminal or a CI log as it is: line breaks, colours, titles, directions, workflow commands. */
export const hostileWords =
  'no\r\n::error::injected\n##[set-output]x\u001b[31mred\u001b]0;title\u0007 \u202egnp.exe\u200b \u009b2J\u0000end';

/** A refusal whose code, message and detail hold hostile text, and a warning header besides. */
export function hostileText(status: number, code = 'DENIED'): Fault {
  return async (request) => {
    await request.body?.cancel();
    const headers = { warning: '299 - "::warning::\u009b31m hostile"' };
    return refusal(status, [code, hostileWords], { detail: hostileWords, headers });
  };
}
