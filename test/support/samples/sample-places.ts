import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { copyImage } from '../../../src/content/copy-image.js';
import { openSourceLocation, openTargetLocation } from '../../../src/content/open-location.js';
import { createNodeTransport } from '../../../src/http/connect/node-transport.js';
import { type ImageLocation, parseImageLocation } from '../../../src/oci/image-location.js';
import { createRegistryClient } from '../../../src/registry/client.js';
import { tempDir } from '../temp-dir.js';

export interface SamplePlaces extends AsyncDisposable {
  /** A layout and archives of both kinds, plain and gzip-ed, by tag and without one; all hold the same image. */
  readonly all: readonly string[];
  readonly directory: string;
}

/** Copies one image of a registry into all other kinds of places. */
export async function samplePlaces(reference: string): Promise<SamplePlaces> {
  const directory = tempDir('places-');
  const send = createNodeTransport();
  const client = createRegistryClient({ send });
  const repository = (place: Parameters<typeof client.repository>[0]) => client.repository(place);
  const source = await openSourceLocation(parseImageLocation(reference), { repository });
  const copied = async (place: ImageLocation) => {
    const target = await openTargetLocation(place, { repository });
    try {
      const tags = target.tag === undefined ? [] : [target.tag];
      await copyImage({ source: source.store, target: target.store }, source.wanted, { tags });
      await target.finish();
    } finally {
      await target.close();
    }
  };
  const path = (name: string) => join(directory.path, name);
  const written = [
    `oci:${path('layout')}:v1`,
    `oci-archive:${path('oci.tar')}:v1`,
    `docker-archive:${path('docker.tar')}:quay.io/acme/copied:v1`,
  ];
  for (const place of written) await copied(parseImageLocation(place));
  for (const name of ['oci.tar', 'docker.tar'])
    writeFileSync(path(`${name}.gz`), gzipSync(readFileSync(path(name))));
  await send.close();
  return {
    directory: directory.path,
    all: [
      ...written,
      `oci:${path('layout')}`,
      `oci-archive:${path('oci.tar.gz')}`,
      `docker-archive:${path('docker.tar.gz')}:v1`,
    ],
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
