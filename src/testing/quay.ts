import type { Fetch } from '../http/serve/handler-transport.js';
import { digestOf } from '../oci/digest.js';
import { mediaTypes } from '../oci/media-types.js';
import { parseRoute, type Route } from '../registry-server/api/route.js';
import { allows, userAndPassword } from './accounts.js';
import {
  codeOf,
  isRead,
  type Profile,
  plainErrorTexts,
  type RefusalOptions,
  refusal,
  type Stage,
  withHeaders,
} from './profile.js';
import { createLiveTags, type LiveTags, type TagOptions } from './quay-tags.js';

/** Variants of Quay. */
export interface QuayOptions extends TagOptions {
  /** The whole registry is in read-only mode. Default false. */
  readonly readOnly?: boolean;
  /** The quota of every namespace is used up. Default false. */
  readonly quotaExceeded?: boolean;
}

/**
 * Quay as a running one answers: `/v2/` is a page; public repositories need no token; a missing repository is a 401 for every client until a
 * token with the right to push is requested, which creates it as private; tokens are JSON Web Tokens that list what they grant; a digest
 * answers only as long as a tag holds it; a 429 does not state how long to wait.
 *
 * @example
 * ```ts
 * import { createQuay, startFaultyRegistry } from 'tekton-bundles/testing';
 *
 * await using registry = await startFaultyRegistry({ profile: createQuay({ readOnly: true }) });
 * console.log((await fetch(`${registry.url}/v2/acme/hello/manifests/v1`)).status); // 401
 * ```
 */
export function createQuay(options: QuayOptions = {}): Profile {
  return {
    name: 'quay',
    anonymous: 'pull',
    texts: {
      tooManyRequests: () =>
        new Response('<html><head><title>429 Too Many Requests</title></head></html>\n', {
          status: 429,
          headers: { 'content-type': 'text/html' },
        }),
      tagImmutable: plainErrorTexts.tagImmutable,
      unknownBlob: (digest) => invalidManifest(`Unknown blob \`${digest}\``),
    },
    wrap(next, stage) {
      const tags = createLiveTags(stage, options);
      const stored = withUploads(withBlobCheck(next, stage), stage);
      const answered = withCatalog(withReferrers(withManifests(stored, stage, tags), tags), stage);
      return withPlainHeaders(withExactType(withTokens(withWriteChecks(answered, options), stage, options)));
    },
  };
}

/** Only what has to do with tokens names the API's version. */
function withPlainHeaders(next: Fetch): Fetch {
  return async (request) => {
    const answer = await next(request);
    const named = answer.status === 401 || new URL(request.url).pathname === '/v2/';
    if (named || answer.headers.get(versionHeader) === null) return answer;
    return withHeaders(answer, { [versionHeader]: undefined });
  };
}

function withExactType(next: Fetch): Fetch {
  return async (request) => {
    const type = request.headers.get('content-type') ?? '';
    if (request.method !== 'PUT' || !type.includes(';') || routeOf(request)?.kind !== 'manifest') {
      return next(request);
    }
    return invalidManifest('manifest schema version not supported', 415);
  };
}

/** Who may do what; the token endpoint is at `/v2/auth`. */
function withTokens(next: Fetch, stage: Stage, options: QuayOptions): Fetch {
  return async (request) => {
    const url = new URL(request.url);
    if (url.pathname === tokenPath) return issueToken(request, url, stage, options);
    const route = parseRoute(url.pathname);
    const repository = route && 'repository' in route ? route.repository : undefined;
    const action = isRead(request) ? 'pull' : 'push';
    const header = request.headers.get('authorization');
    const token =
      header === null ? undefined : (/^Bearer ((?:[\w+/-]+\.)+[\w+/-]+)$/.exec(header)?.[1] ?? '');
    if (token !== undefined && stage.tokens.check(token, '') === 'unknown') {
      const error = token === '' ? 'Invalid bearer token format' : 'Signature has expired';
      return page(401, JSON.stringify({ error }), challenge(stage, repository, action));
    }
    if (route?.kind === 'version') return page(token === undefined ? 401 : 200, 'true', challenge(stage));
    if (repository === undefined) return next(request);
    const granted = token !== undefined && stage.tokens.check(token, `${repository}:${action}`) === 'good';
    if (granted || (action === 'pull' && (await isReadableByAll(repository, stage)))) return next(request);
    return unauthorized('access to the requested resource is not authorized', {
      headers: challenge(stage, repository, action),
    });
  };
}

async function issueToken(request: Request, url: URL, stage: Stage, options: QuayOptions): Promise<Response> {
  if (request.method !== 'GET') return page(405, '<title>405 Method Not Allowed</title>\n', {});
  const header = request.headers.get('authorization');
  const scopes = url.searchParams.getAll('scope');
  if (stage.accounts.rightOf(header) === 'wrong') {
    return unauthorized(wrongPassword(header ?? ''), { detail: {}, headers: challenge(stage) });
  }
  if (header === null && scopes.length === 0) {
    return unauthorized('access to the requested resource is not authorized', { headers: challenge(stage) });
  }
  const access: Access[] = [];
  for (const scope of scopes) {
    const [, name, actions] = scopeForm.exec(scope) ?? [];
    if (name === undefined || actions === undefined) {
      return refusal(400, ['INVALID_REQUEST', `Unable to decode repository and actions: ${scope}`], {
        detail: {},
      });
    }
    const granted = await grantedActions(name, actions.split(','), header, stage, options);
    if (granted === 'read-only') return readOnlyMode();
    access.push({ type: 'repository', name, actions: granted });
  }
  const [user] = header === null ? ['(anonymous)'] : userAndPassword(header);
  const token = stage.tokens.issue({
    // The right to write includes that to read.
    grants: access.flatMap(({ name, actions }) => [
      ...actions.map((action) => `${name}:${action}`),
      ...(actions.includes('push') ? [`${name}:pull`] : []),
    ]),
    lifetimeMs: 3_600_000,
    claims: { iss: 'quay', aud: url.searchParams.get('service'), sub: user, access, context: {} },
  });
  return Response.json({ token });
}

interface Access {
  readonly type: 'repository';
  readonly name: string;
  readonly actions: readonly string[];
}

async function grantedActions(
  name: string,
  wanted: readonly string[],
  header: string | null,
  stage: Stage,
  { readOnly = false }: QuayOptions,
): Promise<readonly string[] | 'read-only'> {
  const right = stage.accounts.rightOf(header);
  const granted: string[] = [];
  if (wanted.includes('push') && header !== null && right === 'push') {
    if (!(await stage.repositories.exists(name))) {
      if (readOnly) return 'read-only';
      stage.repositories.createPrivate(name);
    }
    granted.push('push');
  }
  const known = header !== null && right !== 'wrong' && allows(right, 'pull');
  const readable = known ? await stage.repositories.exists(name) : await isReadableByAll(name, stage);
  if (wanted.includes('pull') && readable) granted.push('pull');
  return granted;
}

async function isReadableByAll(name: string, { accounts, repositories }: Stage): Promise<boolean> {
  const anonymous = accounts.rightOf(null);
  if (anonymous === 'wrong' || !allows(anonymous, 'pull') || !repositories.isPublic(name)) return false;
  return repositories.exists(name);
}

/** Robots are named `namespace+name`, and Quay has separate messages for them. */
function wrongPassword(header: string): string {
  const [user] = userAndPassword(header);
  return user.includes('+')
    ? `Could not find robot with username: ${user} and supplied password.`
    : 'Invalid Username or Password';
}

function challenge(stage: Stage, repository?: string, action?: 'pull' | 'push'): Record<string, string> {
  const actions = action === 'push' ? 'pull,push' : 'pull';
  const scope = repository === undefined ? '' : `,scope="repository:${repository}:${actions}"`;
  return {
    'www-authenticate': `Bearer realm="${stage.origin}${tokenPath}",service="${new URL(stage.origin).host}"${scope}`,
    [versionHeader]: 'registry/2.0',
  };
}

function withWriteChecks(next: Fetch, { readOnly = false, quotaExceeded = false }: QuayOptions): Fetch {
  return async (request) => {
    if (isRead(request)) return next(request);
    const kind = routeOf(request)?.kind;
    if (readOnly) return readOnlyMode();
    const stores = kind === 'uploads' || (kind === 'manifest' && request.method === 'PUT');
    if (quotaExceeded && stores) {
      return refusal(403, ['DENIED', 'Quota has been exceeded on namespace'], { detail: {} });
    }
    if (kind !== 'blob') return next(request);
    return refusal(405, ['UNSUPPORTED', 'The operation is unsupported.'], { detail: {} });
  };
}

function withCatalog(next: Fetch, { repositories }: Stage): Fetch {
  return async (request) => {
    if (new URL(request.url).pathname !== '/v2/_catalog') return next(request);
    const known = request.headers.has('authorization');
    return Response.json({ repositories: known ? await repositories.names() : [] });
  };
}

function withReferrers(next: Fetch, tags: LiveTags): Fetch {
  return async (request) => {
    const route = routeOf(request);
    if (route?.kind !== 'referrers' || (await tags.holds(route.repository, route.digest)))
      return next(request);
    return invalidManifest();
  };
}

/** Manifests by tag in a type that the client accepts, by digest only while a tag holds them. */
function withManifests(next: Fetch, stage: Stage, tags: LiveTags): Fetch {
  return async (request) => {
    const route = routeOf(request);
    if (route?.kind === 'tags') return tags.withoutExpired(route.repository, await next(request));
    if (route?.kind !== 'manifest') return next(request);
    const { repository, tagOrDigest } = route;
    const byDigest = tagOrDigest.includes(':');
    if (request.method === 'PUT') return putManifest(request, next, route, tags);
    if (byDigest) {
      if (!(await tags.holds(repository, tagOrDigest, request.method === 'DELETE'))) return unknownManifest();
    } else if (tags.hasExpired(repository, tagOrDigest)) {
      const text = `Tag ${tagOrDigest} was deleted or has expired. To pull, revive via time machine`;
      return refusal(404, ['TAG_EXPIRED', text], { detail: {} });
    }
    if (request.method === 'DELETE') return tags.deleting(repository, tagOrDigest, () => next(request));
    const answer = await next(request);
    return byDigest || answer.status !== 200 ? answer : acceptable(request, answer, route, stage);
  };
}

type ManifestRoute = Extract<Route, { kind: 'manifest' }>;

async function putManifest(
  request: Request,
  next: Fetch,
  route: ManifestRoute,
  tags: LiveTags,
): Promise<Response> {
  const { repository, tagOrDigest } = route;
  const answer = await tags.putting(repository, tagOrDigest, () => next(request));
  return answer.headers.has('oci-subject') ? withHeaders(answer, { 'oci-subject': undefined }) : answer;
}

/** To a client that does not accept Docker's type, an image is converted to schema 1, of another digest. */
async function acceptable(
  request: Request,
  answer: Response,
  { repository, tagOrDigest }: ManifestRoute,
  { content }: Stage,
): Promise<Response> {
  const type = answer.headers.get('content-type') ?? '';
  const accepted = (request.headers.get('accept') ?? '').split(',').map((one) => one.split(';')[0]?.trim());
  if (accepted.includes(type)) return answer;
  await answer.body?.cancel();
  if (type !== mediaTypes.dockerManifest) return unknownManifest();
  const held = await content(new Request(request.url));
  const { layers } = (await held.json()) as { readonly layers: readonly { readonly digest: string }[] };
  const converted = Buffer.from(
    JSON.stringify({
      schemaVersion: 1,
      name: repository,
      tag: tagOrDigest,
      architecture: 'amd64',
      fsLayers: layers.map(({ digest }) => ({ blobSum: digest })),
      history: layers.map(() => ({ v1Compatibility: '{}' })),
    }),
  );
  return new Response(request.method === 'HEAD' ? null : converted, {
    headers: {
      'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
      'content-length': String(converted.byteLength),
      'docker-content-digest': digestOf(converted),
    },
  });
}

/** A config that is missing is not named, unlike a layer. */
function withBlobCheck(next: Fetch, { content }: Stage): Fetch {
  return async (request) => {
    const route = routeOf(request);
    if (route?.kind !== 'manifest' || request.method !== 'PUT') return next(request);
    const text = await request.text();
    const answer = await next(
      new Request(request.url, { method: 'PUT', headers: request.headers, body: text }),
    );
    if (answer.status < 400 || !(await answer.clone().text()).includes('Unknown blob')) return answer;
    const { config } = JSON.parse(text) as { readonly config?: { readonly digest?: string } };
    const blob = new URL(`/v2/${route.repository}/blobs/${config?.digest}`, request.url);
    const held = await content(new Request(blob, { method: 'HEAD' }));
    return held.status === 200 ? answer : invalidManifest('Could not load config blob for manifest');
  };
}

function withUploads(next: Fetch, stage: Stage): Fetch {
  return async (request) => {
    const kind = routeOf(request)?.kind;
    const answer = await next(request);
    if (kind !== 'uploads' && kind !== 'upload') return answer;
    if (answer.status >= 400 && (await codeOf(answer)) === 'DIGEST_INVALID') {
      return refusal(400, ['BLOB_UPLOAD_INVALID', 'blob upload invalid'], { detail: {} });
    }
    const location = answer.headers.get('location');
    return location === null
      ? answer
      : withHeaders(answer, { location: new URL(location, stage.origin).href });
  };
}

function readOnlyMode(): Response {
  const message =
    'System is currently read-only. Pulls will succeed but all write operations are currently suspended.';
  const error = { code: 'DENIED', message, detail: {}, is_readonly: true };
  return Response.json({ errors: [error] }, { status: 405 });
}

function invalidManifest(message?: string, status = 400): Response {
  return refusal(status, ['MANIFEST_INVALID', 'manifest invalid'], {
    detail: message === undefined ? {} : { message },
  });
}

function unknownManifest(): Response {
  return refusal(404, ['MANIFEST_UNKNOWN', 'manifest unknown'], { detail: {} });
}

function unauthorized(message: string, options: RefusalOptions): Response {
  return refusal(401, ['UNAUTHORIZED', message], { detail: {}, ...options });
}

function page(status: number, body: string, headers: Readonly<Record<string, string>>): Response {
  return new Response(body, { status, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } });
}

function routeOf(request: Request): Route | undefined {
  return parseRoute(new URL(request.url).pathname);
}

const tokenPath = '/v2/auth';
const versionHeader = 'docker-distribution-api-version';
const scopeForm = /^repository:((?:[\w.-]+\/)*[\w.-]+):((?:push|pull|\*)(?:,(?:push|pull|\*))*)$/;
