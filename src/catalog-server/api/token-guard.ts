import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from '../problem.js';

/** What needs no token: an orchestrator reads the health, and counters contain nothing that was stored. */
const open: ReadonlySet<string> = new Set(['/health', '/health/ready', '/health/live', '/metrics']);

/** Lets in anyone who sends the token: as a bearer, or as the password of any user, which is what a browser can send. */
export function createTokenGuard(token: string): MiddlewareHandler {
  const wanted = digest(token);
  return async (c, next) => {
    if (open.has(c.req.path)) return next();
    const given = tokenOf(c.req.header('authorization') ?? '');
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return next();
    throw new ProblemError(401, 'unauthorized', 'Unauthorized', 'A token is wanted, or another one', {
      headers: { 'www-authenticate': 'Bearer, Basic realm="bundles catalog", charset="UTF-8"' },
    });
  };
}

function tokenOf(header: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (basic === undefined) return undefined;
  const login = Buffer.from(basic, 'base64').toString('utf8');
  const colon = login.indexOf(':');
  return colon < 0 ? undefined : login.slice(colon + 1);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
