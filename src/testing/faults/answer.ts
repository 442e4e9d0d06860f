import type { Fault } from '../fault.js';
import { refusal } from '../refusal.js';

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

/** 429 in the profile's own words, with a Retry-After only where one is given. */
export function rateLimit({ retryAfter }: { readonly retryAfter?: string | undefined } = {}): Fault {
  return async (request, _next, { words }) => {
    await request.body?.cancel();
    const answered = words.tooManyRequests();
    if (retryAfter !== undefined) answered.headers.set('retry-after', retryAfter);
    return answered;
  };
}

/** A login page with status 200 for everything: a captive portal. */
export function captivePortal(): Fault {
  const body = '<!doctype html><title>Welcome</title><form>Log in to this network</form>\n';
  return answer(200, { body, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

/** What a proxy answers that wants to know who we are. */
export function proxyRefusal(): Fault {
  return answer(407, { headers: { 'proxy-authenticate': 'Basic realm="proxy"' } });
}
