import type { Answer } from '../http/send/call.js';
import { isToken } from './authorization-value.js';

/** A token and the time (milliseconds since 1970) from which a new one is requested. */
export interface Token {
  readonly value: string;
  readonly refreshAt: number;
  /** What it grants by repository, where it is a JSON Web Token that states so. */
  readonly access: ReadonlyMap<string, readonly string[]> | undefined;
}

export interface TokenAnswerOptions {
  readonly now: number;
  /** Makes the error; it never gets the content of the answer. */
  readonly fail: (why: string, facts?: { readonly cause?: unknown; readonly retryable?: boolean }) => Error;
}

/** Reads a token service's 200: `token` or `access_token`, and for how long it is good. */
export function readTokenAnswer({ body, complete }: Answer, { now, fail }: TokenAnswerOptions): Token {
  if (!complete) throw fail(`its answer is longer than ${longestAnswer} bytes`);
  const answer = parse(Buffer.from(body).toString('utf8'));
  if (answer === undefined) throw fail('its answer is not the JSON of a token');
  const value = isSomething(answer.token) ? answer.token : answer.access_token;
  if (!isSomething(value)) throw fail('its answer contains no token');
  if (!isToken(value)) throw fail('its token is too long or holds characters that no header may hold');
  const lifetime = lifetimeMs(answer, value, now);
  const refreshAt = issuedAt(answer, now) + lifetime - Math.max(5_000, lifetime * 0.1);
  return { value, refreshAt, access: accessOf(claimsOf(value)) };
}

/** Bytes of a token service's answer. */
export const longestAnswer = 128 * 1024;
const shortestLifetimeMs = 60_000;
const longestLifetimeMs = 24 * 3_600_000;
const mostSkewMs = 5 * 60_000;

/** Without `expires_in` it is a minute by the specification; a JWT that states more is believed, less a minute. */
function lifetimeMs(answer: Record<string, unknown>, token: string, now: number): number {
  const given = Number(answer.expires_in ?? Number.NaN) * 1000;
  const ms = Number.isFinite(given) ? given : jwtLifetimeMs(token, now);
  return Math.min(longestLifetimeMs, Math.max(shortestLifetimeMs, ms));
}

/** The claims of a JSON Web Token; its signature is for the registry to check. */
function claimsOf(token: string): Record<string, unknown> | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  return parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

function accessOf(claims: Record<string, unknown> | undefined): Token['access'] {
  if (!Array.isArray(claims?.access)) return undefined;
  const access = new Map<string, readonly string[]>();
  for (const entry of claims.access) {
    const { type, name, actions } = { type: '', name: '', actions: undefined, ...entry };
    if (type !== 'repository' || typeof name !== 'string' || !Array.isArray(actions)) continue;
    access.set(name, [...(access.get(name) ?? []), ...actions.filter((one) => typeof one === 'string')]);
  }
  return access;
}

function jwtLifetimeMs(token: string, now: number): number {
  const expires = Number(claimsOf(token)?.exp ?? Number.NaN);
  return Number.isFinite(expires) ? expires * 1000 - now - 60_000 : 0;
}

function issuedAt(answer: Record<string, unknown>, now: number): number {
  const issued = typeof answer.issued_at === 'string' ? Date.parse(answer.issued_at) : Number.NaN;
  return Math.abs(issued - now) <= mostSkewMs ? Math.min(issued, now) : now;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
