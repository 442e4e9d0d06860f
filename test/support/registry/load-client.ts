import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { mediaTypes } from '../../../src/oci/media-types.js';
import { sha256 } from './registry-requests.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** A client that costs little itself, so that a load measures the registry: kept connections, no streams. */
export interface LoadClient {
  send(method: string, path: string, body?: Outgoing): Promise<Answer>;
  /** Pushes a bundle of one layer and its config, as few requests as the registry allows. */
  push(repository: string, tag: string, bundle: LoadBundle): Promise<void>;
  close(): void;
}

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly type: string;
}

export interface LoadBundle {
  readonly manifest: Buffer;
  readonly digest: string;
  /** Config and layer by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

/** A bundle that differs for every `seed`; its layer has `size` bytes. */
export function loadBundle(seed: string, size = 3000): LoadBundle {
  const layer = Buffer.alloc(size, `layer of ${seed} `);
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', seed }));
  const describe = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: describe(mediaTypes.ociConfig, config),
      layers: [describe(mediaTypes.ociLayerGzip, layer)],
    }),
  );
  const blobs = new Map([config, layer].map((bytes) => [sha256(bytes), bytes]));
  return { manifest, digest: sha256(manifest), blobs };
}

export function createLoadClient(url: string, connections: number): LoadClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, noDelay: true, scheduling: 'fifo' });
  const { hostname, port } = new URL(url);
  let wholeBlobsInPost = true;

  const send: LoadClient['send'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        accept: mediaTypes.ociManifest,
        ...(body && { 'content-type': body.type }),
        ...(method === 'POST' || method === 'PUT' ? { 'content-length': body?.bytes.length ?? 0 } : {}),
      };
      const sent = request({ agent, hostname, port, method, path, headers }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes: Buffer.concat(pieces),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body?.bytes);
    });

  const pushBlob = async (repository: string, digest: string, bytes: Buffer) => {
    const body = { bytes, type: 'application/octet-stream' };
    const uploads = `/v2/${repository}/blobs/uploads/`;
    const post = wholeBlobsInPost
      ? await send('POST', `${uploads}?digest=${digest}`, body)
      : await send('POST', uploads);
    if (post.status === 201) return;
    wholeBlobsInPost = false;
    const { pathname, search } = new URL(post.headers.location ?? '', url);
    const put = await send('PUT', `${pathname}${search}${search ? '&' : '?'}digest=${digest}`, body);
    expectStatus(put, 201, `PUT blob of ${repository}`);
  };

  return {
    send,
    async push(repository, tag, { manifest, blobs }) {
      await Promise.all([...blobs].map(([digest, bytes]) => pushBlob(repository, digest, bytes)));
      const put = await send('PUT', `/v2/${repository}/manifests/${tag}`, {
        bytes: manifest,
        type: mediaTypes.ociManifest,
      });
      expectStatus(put, 201, `PUT manifest ${repository}:${tag}`);
    },
    close: () => agent.destroy(),
  };
}

export function expectStatus({ status, bytes }: Answer, wanted: number, what: string): void {
  if (status !== wanted) throw new Error(`${what}: ${status} ${bytes.toString('utf8').slice(0, 300)}`);
}
