import type { Fetch } from '../../../src/http/serve/handler-transport.js';
import { serve } from '../../../src/http/serve/serve.js';
import { createRegistryHandler } from '../../../src/registry-server/handler.js';
import { tempDir } from '../temp-dir.js';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly authorized: boolean;
}

export interface GuardedRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Everything that arrived, tokens included. */
  readonly seen: SeenRequest[];
  /** The embedded registry behind the guard, for a test to look into. */
  readonly inner: Fetch;
  /** Answers instead of the registry while it is set; undefined lets the request through. */
  intercept: ((request: Request) => Response | Promise<Response> | undefined) | undefined;
}

export interface Guard {
  /** What a stranger may do. Default push: no challenge is ever sent. */
  readonly anonymous?: 'push' | 'pull' | 'nothing';
  readonly users?: Readonly<
    Record<string, { readonly password: string; readonly may: 'push' | 'pull' | 'nothing' }>
  >;
  /** As Quay: a repository that does not exist is denied until somebody with the right asks to push. */
  readonly hideMissing?: boolean;
}

/** The embedded registry on a socket, behind token authentication as Quay does it. */
export async function startGuardedRegistry(guard: Guard = {}): Promise<GuardedRegistry> {
  const directory = tempDir();
  const inner = createRegistryHandler({ root: directory.path });
  const seen: SeenRequest[] = [];
  const existing = new Set<string>();
  const registry: Pick<GuardedRegistry, 'intercept'> = { intercept: undefined };
  const server = await serve(async (request) => {
    const url = new URL(request.url);
    seen.push({
      method: request.method,
      path: url.pathname,
      query: url.search,
      authorized: request.headers.has('authorization'),
    });
    const instead = await registry.intercept?.(request);
    if (instead) return instead;
    if (url.pathname === '/token') return grant(request, { guard, existing });
    const refused = refuse(request, { guard, existing });
    return refused ?? inner(request);
  });
  return Object.assign(registry, {
    host: new URL(server.url).host,
    seen,
    inner,
    async [Symbol.asyncDispose]() {
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  });
}

interface State {
  readonly guard: Guard;
  readonly existing: Set<string>;
}

const rank = { nothing: 0, pull: 1, push: 2 } as const;

function rightOf(request: Request, { anonymous = 'push', users = {} }: Guard): keyof typeof rank | 'wrong' {
  const header = request.headers.get('authorization');
  if (!header) return anonymous;
  const [user = '', password] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  const known = users[user];
  return known?.password === password ? (known?.may ?? 'nothing') : 'wrong';
}

function grant(request: Request, { guard, existing }: State): Response {
  const right = rightOf(request, guard);
  if (right === 'wrong') return refusal(401, 'UNAUTHORIZED', 'invalid username/password');
  const granted = new URL(request.url).searchParams.getAll('scope').flatMap((scope) => {
    const [, name = '', actions = ''] = scope.split(':');
    const wanted = actions.split(',').filter((action) => action === 'pull' || action === 'push');
    if (wanted.includes('push') && right === 'push') existing.add(name);
    if (guard.hideMissing && !existing.has(name)) return [];
    return wanted
      .filter((action) => rank[action as 'pull' | 'push'] <= rank[right])
      .map((action) => `${name}:${action}`);
  });
  return Response.json({
    token: Buffer.from(granted.join(' ') || '-').toString('base64'),
  });
}

function refuse(request: Request, { guard }: State): Response | undefined {
  if ((guard.anonymous ?? 'push') === 'push' && !guard.hideMissing) return undefined;
  const { pathname } = new URL(request.url);
  const name = /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(pathname)?.[1];
  const action = request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'push';
  const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
  const granted = Buffer.from(token, 'base64').toString().split(' ');
  if (name !== undefined && granted.includes(`${name}:${action}`)) return undefined;
  if (pathname === '/v2/' && token !== '') return undefined;
  const realm = new URL('/token', request.url).href;
  const scope =
    name === undefined ? '' : `,scope="repository:${name}:${action === 'push' ? 'pull,push' : 'pull'}"`;
  return refusal(401, 'UNAUTHORIZED', 'access to the requested resource is not authorized', {
    'www-authenticate': `Bearer realm="${realm}",service="guarded"${scope}`,
  });
}

function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ errors: [{ code, message, detail: {} }] }, { status, headers });
}
