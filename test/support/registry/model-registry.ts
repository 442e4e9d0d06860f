import type { Fetch } from '../../../src/http/serve/handler-transport.js';
import { digestOf } from '../../../src/oci/digest.js';
import type { Image } from '../../../src/oci/image.js';
import { parseRoute } from '../../../src/registry-server/api/route.js';
import { refusal, withHeaders } from '../../../src/testing/profile.js';

export interface ModelManifest {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The smallest registry that keeps to the specification, in memory and open to inspection. */
export interface ModelRegistry {
  readonly origin: string;
  /** By digest. */
  readonly manifests: Map<string, ModelManifest>;
  /** Digests by `REPOSITORY:TAG`. */
  readonly tags: Map<string, string>;
  /** By digest, whatever the repository. */
  readonly blobs: Map<string, Uint8Array>;
  readonly handle: Fetch;
}

export interface ModelOptions {
  /** A Bearer token is wanted for everything; the token service is at `/token`. */
  readonly guarded: boolean;
  /** A POST with the digest and the bytes stores a blob. */
  readonly singlePost: boolean;
  /** Default `https://registry.example`. */
  readonly origin?: string;
}

export function createModelRegistry(options: ModelOptions): ModelRegistry {
  const { guarded, singlePost, origin = 'https://registry.example' } = options;
  const manifests = new Map<string, ModelManifest>();
  const tags = new Map<string, string>();
  const blobs = new Map<string, Uint8Array>();
  const tokens = new Set<string>();
  let sessions = 0;
  const location = (path: string) => ({ location: `${origin}/v2/${path}` });

  const handle: Fetch = async (request) => {
    const answer = await respond(request);
    return request.method === 'HEAD' ? withHeaders(answer, {}, null) : answer;
  };

  const respond: Fetch = async (request) => {
    const url = new URL(request.url);
    if (url.pathname === '/token') {
      const token = `token-${tokens.size}`;
      tokens.add(token);
      return Response.json({ token, expires_in: 300 });
    }
    const token = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
    if (guarded && !tokens.has(token)) {
      const headers = { 'www-authenticate': `Bearer realm="${origin}/token",service="model"` };
      return refusal(401, ['UNAUTHORIZED', 'authentication required'], { headers });
    }
    const route = parseRoute(url.pathname);
    if (route === undefined) return refusal(404, ['NOT_FOUND', 'there is no such path']);
    const bytes = new Uint8Array(await request.arrayBuffer());
    const digest = url.searchParams.get('digest');
    if (route.kind === 'manifest') return manifest(request, route.repository, route.tagOrDigest, bytes);
    if (route.kind === 'blob') {
      const held = blobs.get(route.digest);
      if (held === undefined) return refusal(404, ['BLOB_UNKNOWN', 'blob unknown']);
      const headers = { 'content-length': String(held.byteLength), 'docker-content-digest': route.digest };
      return new Response(new Uint8Array(held), { headers });
    }
    if (route.kind === 'uploads') {
      if (singlePost && digest !== null) return store(route.repository, digest, bytes);
      const path = `${route.repository}/blobs/uploads/session-${sessions++}`;
      return new Response(null, { status: 202, headers: location(path) });
    }
    if (route.kind === 'upload' && request.method === 'PUT') {
      return store(route.repository, digest ?? '', bytes);
    }
    if (route.kind === 'upload') return new Response(null, { status: 204 });
    if (route.kind === 'version') return Response.json({});
    return refusal(404, ['UNSUPPORTED', 'this model has no such thing']);
  };

  function store(repository: string, digest: string, bytes: Uint8Array): Response {
    if (digestOf(bytes) !== digest) return refusal(400, ['DIGEST_INVALID', 'digest does not match']);
    blobs.set(digest, bytes);
    const headers = { ...location(`${repository}/blobs/${digest}`), 'docker-content-digest': digest };
    return new Response(null, { status: 201, headers });
  }

  function manifest(request: Request, repository: string, name: string, bytes: Uint8Array): Response {
    if (request.method === 'PUT') {
      const text = new TextDecoder().decode(bytes);
      const missing = text.match(/sha256:[a-f0-9]{64}/g)?.find((one) => !blobs.has(one));
      if (missing !== undefined) {
        return refusal(400, ['MANIFEST_BLOB_UNKNOWN', 'blob unknown'], { detail: { digest: missing } });
      }
      const digest = digestOf(bytes);
      manifests.set(digest, { type: request.headers.get('content-type') ?? '', bytes });
      if (!name.includes(':')) tags.set(`${repository}:${name}`, digest);
      const headers = { ...location(`${repository}/manifests/${digest}`), 'docker-content-digest': digest };
      return new Response(null, { status: 201, headers });
    }
    const digest = name.includes(':') ? name : tags.get(`${repository}:${name}`);
    const held = digest === undefined ? undefined : manifests.get(digest);
    if (digest === undefined || held === undefined) {
      return refusal(404, ['MANIFEST_UNKNOWN', 'manifest unknown']);
    }
    const headers = {
      'content-type': held.type,
      'content-length': String(held.bytes.byteLength),
      'docker-content-digest': digest,
    };
    return new Response(new Uint8Array(held.bytes), { headers });
  }

  return { origin, manifests, tags, blobs, handle };
}

/** Puts an image under the tag of the sample project's bundle, as another writer does. */
export function holdImage(
  { blobs, manifests, tags }: ModelRegistry,
  { manifest, config, layers }: Image,
): void {
  for (const { descriptor, bytes } of [config, ...layers]) blobs.set(descriptor.digest, bytes);
  const { digest, mediaType } = manifest.descriptor;
  manifests.set(digest, { type: mediaType, bytes: manifest.bytes });
  tags.set('acme/alpha:v1.0.0', digest);
}
