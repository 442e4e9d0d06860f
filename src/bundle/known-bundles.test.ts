import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { sharedPath, testWithShared } from '../../test/support/shared.js';
import { sha256Hex } from '../bytes/sha256.js';
import { buildLayer } from '../tekton/layers/layer.js';
import { readSources } from '../tekton/sources/read-sources.js';
import { buildBundle } from './build-bundle.js';

interface SeedBundle {
  readonly source: string;
  readonly created: string;
  readonly digest: string;
  readonly configDigest: string;
  readonly layerDigest: string;
  readonly diffId: string;
  readonly manifestSize: number;
  readonly digestWhenCreatedIsEpochUtc: string;
}

testWithShared('vectors/seed-bundles.json')('the seed bundles have the digests that were published', () => {
  const { bundles } = JSON.parse(readFileSync(sharedPath('vectors/seed-bundles.json'), 'utf8')) as {
    bundles: SeedBundle[];
  };
  expect(bundles.length).toBe(2);
  for (const seed of bundles) {
    const bytes = readFileSync(sharedPath(`upstream/seed-fixtures/${seed.source}`));
    const { objects } = readSources([{ path: seed.source, bytes }]);
    const bundle = buildBundle(objects);
    expect(bundle.digest).toBe(seed.digestWhenCreatedIsEpochUtc);
    const published = buildBundle(objects, { created: seed.created });
    expect(published).toMatchObject({ digest: seed.digest, configDigest: seed.configDigest });
    expect(published.objects[0]).toMatchObject({ diffId: seed.diffId, layerDigest: seed.layerDigest });
    expect(published.image.manifest.bytes.length).toBe(seed.manifestSize);
  }
});

interface CorpusFile {
  readonly File: string;
  readonly Docs: readonly {
    readonly Name: string;
    readonly ApiVersion: string;
    readonly Kind: string;
    readonly JsonSha: string;
    readonly DiffID: string;
    readonly GzDigest: string;
    readonly GzSize: number;
    readonly TarSize: number;
  }[];
}

testWithShared('vectors/corpus.jsonl')('every layer of the corpus is the one that Go makes', () => {
  const lines = readFileSync(sharedPath('vectors/corpus.jsonl'), 'utf8').trim().split('\n');
  const wrong: string[] = [];
  for (const line of lines) {
    const wanted = JSON.parse(line) as CorpusFile;
    const { objects } = readSources([
      { path: wanted.File, bytes: readFileSync(sharedPath(`corpus/${wanted.File}`)) },
    ]);
    const made = objects.map((object) => {
      const { content, diffId, tarSize } = buildLayer(object);
      return {
        Name: object.name,
        ApiVersion: object.apiVersion,
        Kind: object.kind,
        JsonSha: sha256Hex(object.json),
        DiffID: diffId.slice('sha256:'.length),
        GzDigest: content.descriptor.digest.slice('sha256:'.length),
        GzSize: content.bytes.length,
        TarSize: tarSize,
        Json: '',
      };
    });
    if (JSON.stringify(made) !== JSON.stringify(wanted.Docs)) wrong.push(wanted.File);
  }
  expect(wrong).toEqual([]);
  expect(lines.length).toBe(398);
});
