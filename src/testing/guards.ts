import type { Fetch } from '../http/serve/handler-transport.js';
import { parseRoute } from '../registry-server/api/route.js';
import { allows, type Right } from './accounts.js';
import { isRead, refusal, type Stage } from './profile.js';

/** The token service of a registry. */
export interface TokenService {
  /** Path of the token endpoint. */
  readonly path: string;
  /** `elsewhere`: on the second origin. */
  readonly host: 'here' | 'elsewhere';
  readonly service: string;
  /** Lifetime of its tokens in seconds, as its response states it. */
  readonly expiresIn: number;
  /** The response of the endpoint itself where nothing is granted; default: a token without any right. */
  readonly nothingGranted?: () => Response;
}

/**
 * Demands bearer tokens in front of a registry, for a profile of your own; not where anonymous clients may push.
 *
 * @example
 * ```ts
 * import { plainErrorTexts, startFaultyRegistry, tokenGuard } from 'tekton-bundles/testing';
 *
 * const service = { path: '/token', host: 'here', service: 'own', expiresIn: 300 } as const;
 * await using registry = await startFaultyRegistry({
 *   users: { robot: { password: 'secret', may: 'push' } },
 *   profile: {
 *     name: 'own',
 *     anonymous: 'nothing',
 *     texts: plainErrorTexts,
 *     wrap: (next, stage) => tokenGuard(next, stage, service),
 *   },
 * });
 * console.log((await fetch(`${registry.url}/v2/`)).status); // 401
 * ```
 */
export function tokenGuard(next: Fetch, stage: Stage, service: TokenService): Fetch {
  return async (request) => {
    const url = new URL(request.url);
    if (url.pathname === service.path) return grant(request, stage, service);
    if (stage.accounts.open) return next(request);
    const route = parseRoute(url.pathname);
    const name = route && 'repository' in route ? route.repository : '';
    const action = isRead(request) ? 'pull' : 'push';
    const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    const state = token === undefined ? 'missing' : stage.tokens.check(token, `${name}:${action}`);
    if (state === 'good') return next(request);
    return challenge({ state, name, action }, stage, service);
  };
}

interface Denied {
  readonly state: 'missing' | 'insufficient' | 'unknown';
  readonly name: string;
  readonly action: 'pull' | 'push';
}

function challenge({ state, name, action }: Denied, stage: Stage, service: TokenService): Response {
  const realm = `${service.host === 'here' ? stage.origin : stage.elsewhere}${service.path}`;
  const scope = name === '' ? '' : `,scope="repository:${name}:${action === 'push' ? 'pull,push' : 'pull'}"`;
  const errors = {
    missing: '',
    insufficient: ',error="insufficient_scope"',
    unknown: ',error="invalid_token"',
  };
  return refusal(401, ['UNAUTHORIZED', 'access to the requested resource is not authorized'], {
    headers: {
      'www-authenticate': `Bearer realm="${realm}",service="${service.service}"${scope}${errors[state]}`,
    },
  });
}

async function grant(request: Request, stage: Stage, service: TokenService): Promise<Response> {
  if (request.method !== 'GET') return refusal(405, ['UNSUPPORTED', 'only GET']);
  const right = stage.accounts.rightOf(request.headers.get('authorization'));
  if (right === 'wrong') return refusal(401, ['UNAUTHORIZED', 'Invalid username or password']);
  const scopes = new URL(request.url).searchParams.getAll('scope').flatMap((one) => one.split(' '));
  const grants = (await Promise.all(scopes.map((scope) => granted(scope, right, stage)))).flat();
  if (grants.length === 0 && scopes.length > 0 && service.nothingGranted) return service.nothingGranted();
  // An account may ask the registry as a whole who it is.
  const known = request.headers.has('authorization') ? [':pull'] : [];
  const token = stage.tokens.issue({
    grants: [...grants, ...known],
    lifetimeMs: service.expiresIn * 1000,
  });
  return Response.json({ token, expires_in: service.expiresIn });
}

/** A missing repository is hidden from accounts that could not create it. */
async function granted(scope: string, right: Right, { repositories }: Stage): Promise<readonly string[]> {
  const [, name = '', actions = ''] = /^repository:([^:]+):(.*)$/.exec(scope) ?? [];
  const wanted = actions.split(',').filter((action) => action === 'pull' || action === 'push');
  if (right !== 'push' && !(await repositories.exists(name))) return [];
  return wanted.filter((action) => allows(right, action)).map((action) => `${name}:${action}`);
}

/** The challenge of a registry with users and passwords. */
export interface BasicGuardOptions {
  /** What its challenge states behind `Basic `. */
  readonly challenge: string;
  /** The response to an account whose right is too small. Default 403 DENIED. */
  readonly tooSmall?: () => Response;
}

/**
 * Demands user and password in front of a registry, for a profile of your own; not where anonymous clients may push.
 *
 * @example
 * ```ts
 * import { basicGuard, plainErrorTexts, startFaultyRegistry } from 'tekton-bundles/testing';
 *
 * await using registry = await startFaultyRegistry({
 *   users: { robot: { password: 'secret', may: 'push' } },
 *   profile: {
 *     name: 'own',
 *     anonymous: 'nothing',
 *     texts: plainErrorTexts,
 *     wrap: (next, stage) => basicGuard(next, stage, { challenge: 'realm="own"' }),
 *   },
 * });
 * console.log((await fetch(`${registry.url}/v2/`)).headers.get('www-authenticate')); // Basic realm="own"
 * ```
 */
export function basicGuard(next: Fetch, { accounts }: Stage, options: BasicGuardOptions): Fetch {
  const {
    challenge,
    tooSmall = () => refusal(403, ['DENIED', 'requested access to the resource is denied']),
  } = options;
  return async (request) => {
    if (accounts.open) return next(request);
    const header = request.headers.get('authorization');
    const wanted = isRead(request) ? 'pull' : 'push';
    const right = header !== null && !/^Basic /i.test(header) ? 'wrong' : accounts.rightOf(header);
    if (right !== 'wrong' && allows(right, wanted)) return next(request);
    if (right !== 'wrong' && header !== null) return tooSmall();
    return refusal(401, ['UNAUTHORIZED', 'authentication required'], {
      headers: { 'www-authenticate': `Basic ${challenge}` },
    });
  };
}
