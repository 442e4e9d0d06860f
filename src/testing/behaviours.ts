import type { Fetch } from '../http/serve/handler-transport.js';
import { parseRoute } from '../registry-server/api/route.js';
import { codeOf, refusal, type Stage } from './profile.js';

/** What every profile does: immutable tags, its own error texts, empty repositories that exist. */
export function withErrorTexts(next: Fetch, stage: Stage): Fetch {
  const { texts } = stage;
  const readManifest = async (request: Request, repository: string) => {
    const answer = await next(request);
    if (answer.status !== 404 || (await codeOf(answer)) !== 'NAME_UNKNOWN') return answer;
    if (!(await stage.repositories.exists(repository))) return answer;
    return refusal(404, ['MANIFEST_UNKNOWN', 'manifest unknown']);
  };
  return async (request) => {
    const route = parseRoute(new URL(request.url).pathname);
    if (route?.kind !== 'manifest') return next(request);
    if (request.method !== 'PUT') return readManifest(request, route.repository);
    const { tagOrDigest } = route;
    if (stage.immutableTags && !tagOrDigest.includes(':')) {
      const held = await stage.content(new Request(request.url, { method: 'HEAD' }));
      if (held.status === 200) return texts.tagImmutable(tagOrDigest);
    }
    const answer = await next(request);
    if (answer.status < 400 || (await codeOf(answer)) !== 'MANIFEST_BLOB_UNKNOWN') return answer;
    return texts.unknownBlob(await digestIn(answer));
  };
}

/** An OCI manifest is served only to clients that accept its type. */
export function strictAccept(next: Fetch): Fetch {
  return async (request) => {
    const answer = await next(request);
    const type = answer.headers.get('content-type') ?? '';
    const accept = request.headers.get('accept') ?? '';
    if (answer.status !== 200 || !type.startsWith('application/vnd.oci.image.') || accept.includes(type)) {
      return answer;
    }
    await answer.body?.cancel();
    return refusal(404, ['MANIFEST_UNKNOWN', 'OCI manifest found, but accept header does not support it']);
  };
}

/** There is no referrers API. */
export function withoutReferrers(next: Fetch): Fetch {
  return async (request) =>
    parseRoute(new URL(request.url).pathname)?.kind === 'referrers'
      ? new Response('404 page not found\n', { status: 404, headers: { 'content-type': 'text/plain' } })
      : next(request);
}

/** A POST with the digest and the bytes opens a session and drops the bytes. */
export function ignoresSinglePost(next: Fetch): Fetch {
  return async (request) => {
    const url = new URL(request.url);
    if (request.method !== 'POST' || !url.searchParams.has('digest')) return next(request);
    await request.arrayBuffer();
    return next(
      new Request(url.origin + url.pathname, { method: 'POST', headers: { 'content-length': '0' } }),
    );
  };
}

async function digestIn(answer: Response): Promise<string> {
  return /sha(?:256|512):[a-f0-9]+/.exec(await answer.text())?.[0] ?? 'sha256:unknown';
}
