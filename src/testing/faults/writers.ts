import type { Fetch } from '../../http/serve/handler-transport.js';
import { digestOf } from '../../oci/digest.js';
import { mediaTypes } from '../../oci/media-types.js';
import { parseRoute } from '../../registry-server/api/route.js';
import type { Fault } from '../fault.js';

/** Another writer overwrites the tag at once, but our client still gets 201. */
export function silentRace(): Fault {
  return async (request, next, stage) => {
    const answer = await next(request);
    await putOther(stage.content, request.url);
    return answer;
  };
}

/** Another writer was faster: the tag already holds its content when our request arrives. */
export function rivalFirst(): Fault {
  return async (request, next, stage) => {
    await putOther(stage.content, request.url);
    return next(request);
  };
}

/** A manifest is answered with 201 and thrown away. */
export function dropManifest(): Fault {
  return async (request) => {
    const digest = digestOf(new Uint8Array(await request.arrayBuffer()));
    return new Response(null, { status: 201, headers: { 'docker-content-digest': digest } });
  };
}

/** What a PUT of a manifest stored cannot be seen by the first so many reads after it. */
export function delayedCommit({ reads = 1 }: { readonly reads?: number } = {}): Fault {
  const hidden = new Map<string, number>();
  return async (request, next) => {
    const { pathname } = new URL(request.url);
    if (parseRoute(pathname)?.kind !== 'manifest') return next(request);
    const left = hidden.get(pathname) ?? 0;
    if (request.method === 'PUT') hidden.set(pathname, reads);
    else if (left > 0) {
      hidden.set(pathname, left - 1);
      return next(new Request(request.url.replace(/[^/]*$/, 'not-seen-yet'), request));
    }
    return next(request);
  };
}

/** The replica that takes a manifest has not heard of its blobs yet. */
export function replicaLag(): Fault {
  return async (request, _next, { texts }) => {
    const text = await request.text();
    const digests = text.match(/sha256:[a-f0-9]{64}/g) ?? [];
    return texts.unknownBlob(digests.at(-1) ?? 'sha256:unknown');
  };
}

/** Puts a small unique image where the request is about to write or has written. */
async function putOther(content: Fetch, url: string): Promise<void> {
  const route = parseRoute(new URL(url).pathname);
  if (route?.kind !== 'manifest') return;
  const config = new TextEncoder().encode(
    '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
  );
  const digest = digestOf(config);
  const repository = new URL(`/v2/${route.repository}/`, url).href;
  await content(
    new Request(`${repository}blobs/uploads/?digest=${digest}`, { method: 'POST', body: config }),
  );
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest, size: config.byteLength },
    layers: [],
  });
  const headers = { 'content-type': mediaTypes.ociManifest };
  await content(
    new Request(`${repository}manifests/${route.tagOrDigest}`, { method: 'PUT', headers, body: manifest }),
  );
}
