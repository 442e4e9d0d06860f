import type { Fetch } from '../http/serve/handler-transport.js';
import { digestOf } from '../oci/digest.js';
import { parseRoute } from '../registry-server/api/route.js';
import { ignoresSinglePost, strictAccept, withoutReferrers } from './behaviours.js';
import { basicGuard, tokenGuard } from './guards.js';
import { isRead, type Profile, plainErrorTexts, refusal, type Stage, withHeaders } from './profile.js';
import { createQuay } from './quay.js';

/** CNCF Distribution (docker-registry) 2.8: open unless it has users, a single POST is ignored, no referrers API. */
const distribution: Profile = {
  name: 'distribution',
  anonymous: 'push',
  texts: plainErrorTexts,
  wrap: (next, stage) =>
    basicGuard(strictAccept(withoutReferrers(ignoresSinglePost(next))), stage, {
      challenge: 'realm="Registry Realm"',
    }),
};

/** zot as it comes: OCI media types only. Tekton bundles are of Docker's, so it refuses them. */
const zot: Profile = zotLike('zot', (next) => ociOnly(next));

/** zot with `compat: [docker2s2]`. */
const zotCompat: Profile = zotLike('zot-compat', (next) => next);

function zotLike(name: string, types: (next: Fetch) => Fetch): Profile {
  return {
    name,
    anonymous: 'push',
    texts: plainErrorTexts,
    wrap: (next, stage) => basicGuard(types(smallManifests(next)), stage, { challenge: 'realm="zot"' }),
  };
}

function ociOnly(next: Fetch): Fetch {
  return async (request) => {
    const docker = request.headers.get('content-type')?.startsWith('application/vnd.docker.distribution.');
    if (request.method !== 'PUT' || !docker) return next(request);
    return refusal(415, ['MANIFEST_INVALID', 'manifest invalid']);
  };
}

const manifestLimit = 4 * 1024 * 1024;

function smallManifests(next: Fetch): Fetch {
  return async (request) => {
    const manifest = parseRoute(new URL(request.url).pathname)?.kind === 'manifest';
    const large = Number(request.headers.get('content-length') ?? 0) > manifestLimit;
    if (request.method !== 'PUT' || !manifest || !large) return next(request);
    return new Response(null, { status: 413 });
  };
}

/** Artifactory: a tag that is missing in a virtual repository is a 403. */
const artifactory: Profile = {
  name: 'artifactory',
  anonymous: 'pull',
  texts: {
    ...plainErrorTexts,
    tagImmutable: (tag) =>
      refusal(403, ['DENIED', `manifest ${tag} already exists, overwriting is not permitted`]),
  },
  wrap: (next, stage) => basicGuard(forbidsMissing(next), stage, { challenge: 'realm="Artifactory Realm"' }),
};

function forbidsMissing(next: Fetch): Fetch {
  return async (request) => {
    const answer = await next(request);
    const manifest = parseRoute(new URL(request.url).pathname)?.kind === 'manifest';
    if (answer.status !== 404 || !isRead(request) || !manifest) return answer;
    await answer.body?.cancel();
    return refusal(403, ['DENIED', 'Forbidden']);
  };
}

/** Amazon ECR: user and password that expire, repositories that a push does not create, immutability as TAG_INVALID. */
const ecr: Profile = {
  name: 'ecr',
  anonymous: 'nothing',
  texts: {
    ...plainErrorTexts,
    tooManyRequests: () => refusal(429, ['TOOMANYREQUESTS', 'Rate exceeded']),
    tagImmutable: (tag) =>
      refusal(400, [
        'TAG_INVALID',
        `The image tag '${tag}' already exists in the repository and cannot be overwritten because the repository is immutable.`,
      ]),
  },
  wrap: (next, stage) =>
    basicGuard(onlyWhatExists(next, stage), stage, {
      challenge: `realm="${stage.origin}/",service="ecr.amazonaws.com"`,
    }),
};

function onlyWhatExists(next: Fetch, { repositories }: Stage): Fetch {
  return async (request) => {
    const route = parseRoute(new URL(request.url).pathname);
    if (!route || !('repository' in route) || (await repositories.exists(route.repository)))
      return next(request);
    const { repository } = route;
    return refusal(404, [
      'NAME_UNKNOWN',
      `The repository with name '${repository}' does not exist in the registry`,
    ]);
  };
}

/** GitHub's registry: the token endpoint itself refuses a package that is missing or private; a push creates one. */
const ghcr: Profile = {
  name: 'ghcr',
  anonymous: 'pull',
  texts: plainErrorTexts,
  wrap: (next, stage) =>
    tokenGuard(strictAccept(withoutReferrers(next)), stage, {
      path: '/token',
      host: 'here',
      service: 'ghcr.io',
      expiresIn: 300,
      nothingGranted: () => refusal(403, ['DENIED', 'requested access to the resource is denied']),
    }),
};

/** Docker Hub: tokens come from another host and live five minutes, every response for a manifest states the rate limit. */
const dockerhub: Profile = {
  name: 'dockerhub',
  anonymous: 'pull',
  texts: {
    ...plainErrorTexts,
    tooManyRequests: () =>
      Response.json(
        { message: 'You have reached your unauthenticated pull rate limit.' },
        { status: 429, headers: { 'ratelimit-remaining': '0;w=21600' } },
      ),
  },
  wrap: (next, stage) =>
    tokenGuard(withRateLimit(strictAccept(next)), stage, {
      path: '/token',
      host: 'elsewhere',
      service: 'registry.docker.io',
      expiresIn: 300,
    }),
};

/** GETs count, HEADs do not. */
function withRateLimit(next: Fetch): Fetch {
  let left = 100;
  return async (request) => {
    const answer = await next(request);
    if (parseRoute(new URL(request.url).pathname)?.kind !== 'manifest') return answer;
    if (request.method === 'GET') left--;
    return withHeaders(answer, {
      'ratelimit-limit': '100;w=21600',
      'ratelimit-remaining': `${left};w=21600`,
    });
  };
}

/** GitLab: tokens come from another host and live five minutes; a tag `sha256-…` is taken for the digest. */
const gitlab: Profile = {
  name: 'gitlab',
  anonymous: 'pull',
  texts: {
    ...plainErrorTexts,
    tagImmutable: (tag) => refusal(403, ['DENIED', `tag ${tag} is immutable and cannot be overwritten`]),
  },
  wrap: (next, stage) =>
    tokenGuard(withoutReferrers(digestTags(next)), stage, {
      path: '/jwt/auth',
      host: 'elsewhere',
      service: 'container_registry',
      expiresIn: 300,
    }),
};

function digestTags(next: Fetch): Fetch {
  return async (request) => {
    const url = request.url.replace(/\/manifests\/sha256-([a-f0-9]{64})$/, '/manifests/sha256:$1');
    return next(isRead(request) && url !== request.url ? new Request(url, request) : request);
  };
}

/** Harbor: of two who put one tag at a time the second gets a 201 and is dropped; immutable tags are a 412. */
const harbor: Profile = {
  name: 'harbor',
  anonymous: 'pull',
  texts: {
    ...plainErrorTexts,
    tagImmutable: (tag) =>
      refusal(412, ['PRECONDITION', `Failed to process request due to '${tag}' configured as immutable.`]),
  },
  wrap: (next, stage) =>
    tokenGuard(losesTags(next), stage, {
      path: '/service/token',
      host: 'here',
      service: 'harbor-registry',
      expiresIn: 1800,
    }),
};

function losesTags(next: Fetch): Fetch {
  const underWay = new Map<string, string>();
  return async (request) => {
    const { pathname } = new URL(request.url);
    const route = parseRoute(pathname);
    if (request.method !== 'PUT' || route?.kind !== 'manifest') return next(request);
    const bytes = new Uint8Array(await request.arrayBuffer());
    const digest = digestOf(bytes);
    const first = underWay.get(pathname);
    if (first !== undefined && first !== digest) {
      return new Response(null, { status: 201, headers: { 'docker-content-digest': digest } });
    }
    underWay.set(pathname, digest);
    try {
      return await next(new Request(request.url, { method: 'PUT', headers: request.headers, body: bytes }));
    } finally {
      underWay.delete(pathname);
    }
  };
}

/**
 * The behaviour of well-known registries, by name.
 *
 * @example
 * ```ts
 * import { profiles } from 'tekton-bundles/testing';
 *
 * console.log(Object.keys(profiles).includes('quay')); // true
 * ```
 */
export const profiles = {
  quay: createQuay(),
  ecr,
  ghcr,
  dockerhub,
  harbor,
  gitlab,
  artifactory,
  distribution,
  zot,
  'zot-compat': zotCompat,
} as const satisfies Readonly<Record<string, Profile>>;

/** The registries whose behaviour can be chosen. */
export type ProfileName = keyof typeof profiles;
