import { createHash } from 'node:crypto';
import type { Fetch } from '../../../src/http/serve/handler-transport.js';
import { mediaTypes } from '../../../src/oci/media-types.js';

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  /** The first error code of the body, if it is an error. */
  readonly code: string | undefined;
}

export interface Registry {
  send(method: string, path: string, options?: SendOptions): Promise<Sent>;
  /** Pushes by POST and PUT and returns the digest. */
  pushBlob(repository: string, content: string | Uint8Array): Promise<string>;
  pushManifest(repository: string, tagOrDigest: string, manifest: object): Promise<Sent>;
}

export interface SendOptions {
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Raw requests to a registry, for tests that look at what crosses the wire. */
export function talkTo(fetch: Fetch, base = 'http://registry.test'): Registry {
  const registry: Registry = {
    async send(method, path, { body, headers = {} } = {}) {
      const response = await fetch(
        new Request(new URL(path, base), {
          method,
          headers,
          ...(body === undefined ? {} : { body, duplex: 'half' }),
        } as never),
      );
      const bytes = Buffer.from(await response.arrayBuffer());
      const text = bytes.toString('utf8');
      return { status: response.status, headers: response.headers, bytes, text, code: errorCode(text) };
    },
    async pushBlob(repository, content) {
      const digest = sha256(content);
      const { headers } = await registry.send('POST', `/v2/${repository}/blobs/uploads/`);
      const location = headers.get('location') ?? '';
      const sign = location.includes('?') ? '&' : '?';
      const put = await registry.send('PUT', `${location}${sign}digest=${digest}`, { body: content });
      if (put.status !== 201) throw new Error(`blob push: ${put.status} ${put.text}`);
      return digest;
    },
    async pushManifest(repository, tagOrDigest, manifest) {
      return await registry.send('PUT', `/v2/${repository}/manifests/${tagOrDigest}`, {
        body: JSON.stringify(manifest),
        headers: { 'content-type': (manifest as { mediaType: string }).mediaType },
      });
    },
  };
  return registry;
}

export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** Pushes config and layer and returns an image manifest over them, not pushed yet. */
export async function pushParts(
  registry: Registry,
  repository: string,
  { layer = 'layer', ...more }: { readonly layer?: string; readonly [key: string]: unknown } = {},
): Promise<{
  schemaVersion: number;
  mediaType: string;
  config: object;
  layers: { digest: string; size: number }[];
}> {
  const config = '{}';
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: {
      mediaType: mediaTypes.ociConfig,
      digest: await registry.pushBlob(repository, config),
      size: config.length,
    },
    layers: [
      {
        mediaType: mediaTypes.ociLayerGzip,
        digest: await registry.pushBlob(repository, layer),
        size: Buffer.byteLength(layer),
      } as { digest: string; size: number },
    ],
    ...more,
  };
}

function errorCode(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { errors?: { code?: string }[] }).errors?.[0]?.code;
  } catch {
    return undefined;
  }
}
