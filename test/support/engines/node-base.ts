import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { openLayoutStore } from '../../../src/content/layout/layout-store.js';
import { packLayer } from '../../../src/images/layer-archive.js';
import type { Descriptor } from '../../../src/oci/descriptor.js';
import { mediaTypes } from '../../../src/oci/media-types.js';
import { contentOf } from '../samples/sample-image.js';

/**
 * Writes a base image with Node and nothing else into a layout: an index of linux/amd64, with the libraries of this Debian
 * that Node needs, and of linux/arm64, with Node alone. It has no shell, no users and no passwords.
 */
export async function writeNodeBase(
  directory: string,
  tag: string,
  nodes: { readonly amd64: string; readonly arm64: string },
): Promise<Descriptor> {
  const store = openLayoutStore(directory);
  const manifests: object[] = [];
  for (const architecture of ['amd64', 'arm64'] as const) {
    const node = nodes[architecture];
    const files = [
      { path: 'usr/local/bin/node', from: node },
      ...(architecture === 'amd64' ? librariesOf(node) : []),
    ];
    const layer = await packLayer(
      [
        { type: 'directory', path: 'tmp' },
        ...files.map(({ path, from }) => ({
          ...{ type: 'file' as const, path, bytes: readFileSync(from), executable: true },
        })),
      ],
      { compress: false },
    );
    const config = {
      ...{ architecture, os: 'linux', config: { Env: ['PATH=/usr/local/bin:/usr/bin'], Cmd: ['node'] } },
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    };
    const described = contentOf(JSON.stringify(config), mediaTypes.ociConfig);
    const document = {
      ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest },
      ...{ config: described.descriptor, layers: [layer.content.descriptor] },
    };
    const manifest = contentOf(JSON.stringify(document), mediaTypes.ociManifest);
    for (const { descriptor, bytes } of [layer.content, described, manifest])
      await store.write(descriptor, bytes);
    manifests.push({ ...manifest.descriptor, platform: { os: 'linux', architecture } });
  }
  const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  const index = contentOf(JSON.stringify(document), mediaTypes.ociIndex);
  await store.writeTagged(index.descriptor, index.bytes, tag);
  return index.descriptor;
}

/** Where the loader looks without a cache, and where a library is here. */
function librariesOf(program: string): { path: string; from: string }[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, path] = /(\/\S+) \(0x/.exec(line) ?? [];
    if (path === undefined) return [];
    const place = path.startsWith('/lib64/') ? path.slice(1) : `lib/x86_64-linux-gnu/${basename(path)}`;
    return [{ path: place, from: realpathSync(path) }];
  });
}
