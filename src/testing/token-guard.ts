import type { Fetch } from '../http/fetch.js';
import { parseRoute } from '../registry-server/route.js';
import { allows, type Right } from './account.js';
import { refusal } from './refusal.js';
import type { Stage } from './stage.js';

export interface TokenService {
  /** Path of the token endpoint. */
  readonly path: string;
  /** `elsewhere`: on the second origin. */
  readonly host: 'here' | 'elsewhere';
  readonly service: string;
  /** Seconds that its answer promises; undefined: it says nothing. */
  readonly expiresIn: number | undefined;
  /** Seconds for which its tokens are good. Default `expiresIn`. */
  readonly lifetime?: number;
  /** From whom a repository that does not exist is hidden by an empty grant. Default `readers`. */
  readonly hidesMissingFrom?: 'everybody' | 'readers' | 'nobody';
  /** Asking for the right to push makes the repository. */
  readonly createsOnPush?: boolean;
  /** Its challenge says what is wrong with a token. Default true. */
  readonly explains?: boolean;
  /** Any scope but pull and push of a repository spoils the request. */
  readonly strictScopes?: boolean;
  /** What the endpoint itself answers where nothing is granted; undefined: a token without any right. */
  readonly nothingGranted?: () => Response;
}

/** Bearer tokens in front of a registry; nobody is asked for one where strangers may push. */
export function tokenGuard(next: Fetch, stage: Stage, service: TokenService): Fetch {
  return async (request) => {
    const url = new URL(request.url);
    if (url.pathname === service.path) return grant(request, stage, service);
    if (stage.accounts.open) return next(request);
    const route = parseRoute(url.pathname);
    const name = route && 'repository' in route ? route.repository : '';
    const action = request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'push';
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
  const { explains = true } = service;
  const errors = {
    missing: '',
    insufficient: ',error="insufficient_scope"',
    unknown: ',error="invalid_token"',
  };
  return refusal(401, ['UNAUTHORIZED', 'access to the requested resource is not authorized'], {
    headers: {
      'www-authenticate': `Bearer realm="${realm}",service="${service.service}"${scope}${explains ? errors[state] : ''}`,
    },
  });
}

async function grant(request: Request, stage: Stage, service: TokenService): Promise<Response> {
  if (request.method !== 'GET') return refusal(405, ['UNSUPPORTED', 'only GET']);
  const right = stage.accounts.rightOf(request.headers.get('authorization'));
  if (right === 'wrong') return refusal(401, ['UNAUTHORIZED', 'Invalid username or password']);
  const scopes = new URL(request.url).searchParams.getAll('scope').flatMap((one) => one.split(' '));
  if (
    service.strictScopes &&
    !scopes.every((scope) => /^repository:[^:]+:(?:pull|push|\*|,)+$/.test(scope))
  ) {
    return refusal(400, ['INVALID_REQUEST', 'Unable to decode repository and actions']);
  }
  const grants = (await Promise.all(scopes.map((scope) => granted(scope, right, { stage, service })))).flat();
  if (grants.length === 0 && scopes.length > 0 && service.nothingGranted) return service.nothingGranted();
  const { expiresIn, lifetime = expiresIn ?? 60 } = service;
  // Whoever is known may ask the registry as a whole who they are.
  const known = request.headers.has('authorization') ? [':pull'] : [];
  const token = stage.tokens.issue({
    grants: [...grants, ...known],
    lifetimeMs: lifetime * 1000,
    jwt: expiresIn === undefined,
  });
  return Response.json(expiresIn === undefined ? { token } : { token, expires_in: expiresIn });
}

async function granted(
  scope: string,
  right: Right,
  { stage, service }: { readonly stage: Stage; readonly service: TokenService },
): Promise<readonly string[]> {
  const [, name = '', actions = ''] = /^repository:([^:]+):(.*)$/.exec(scope) ?? [];
  const wanted = actions.split(',').filter((action) => action === 'pull' || action === 'push');
  const { hidesMissingFrom = 'readers', createsOnPush = false } = service;
  if (createsOnPush && right === 'push' && wanted.includes('push')) stage.repositories.create(name);
  const hidden = hidesMissingFrom === 'everybody' || (hidesMissingFrom === 'readers' && right !== 'push');
  if (hidden && !(await stage.repositories.exists(name))) return [];
  return wanted.filter((action) => allows(right, action)).map((action) => `${name}:${action}`);
}
