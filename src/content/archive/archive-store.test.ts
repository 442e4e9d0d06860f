import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  fillStore,
  type GivenImage,
  readableContract,
} from '../../../test/support/registry/readable-contract.js';
import { storeContract } from '../../../test/support/registry/store-contract.js';
import { contentOf, sampleImage } from '../../../test/support/samples/sample-image.js';
import { type TempDir, tempDir } from '../../../test/support/temp-dir.js';
import { digestOf } from '../../oci/digest.js';
import { mediaTypes } from '../../oci/media-types.js';
import { openLayoutStore } from '../layout/layout-store.js';
import { createMemoryStore } from '../memory-store.js';
import { readContent } from '../read-content.js';
import { type ArchiveKind, openArchiveStore } from './archive-store.js';
import { createArchiveWriter } from './archive-writer.js';

let root: TempDir;
let number = 0;
beforeAll(() => {
  root = tempDir('archives-');
});
afterAll(() => root[Symbol.asyncDispose]());
const fresh = (name = 'x.tar') => {
  const directory = join(root.path, String(number++));
  mkdirSync(directory);
  return join(directory, name);
};

async function written(
  images: readonly GivenImage[],
  kind: ArchiveKind,
  options: { readonly repository?: string } = {},
): Promise<string> {
  const path = fresh();
  const writer = await createArchiveWriter(path, { kind, ...options });
  await fillStore(writer.store, images);
  await writer.finish();
  await writer.close();
  return path;
}

function zipped(path: string): string {
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
  return `${path}.gz`;
}

readableContract('memory store', async (images) => {
  const store = createMemoryStore();
  await fillStore(store, images);
  return store;
});
readableContract('layout store', async (images) => {
  const store = openLayoutStore(fresh('layout'), { durable: false });
  await fillStore(store, images);
  return store;
});
for (const kind of ['oci-archive', 'docker-archive'] as const) {
  readableContract(kind, async (images) => openArchiveStore(await written(images, kind), { kind }));
  readableContract(`gzip-ed ${kind}`, async (images) =>
    openArchiveStore(zipped(await written(images, kind, { repository: 'quay.io/acme/x' })), { kind }),
  );
}
storeContract('archive writer', async () => {
  const writer = await createArchiveWriter(fresh(), { kind: 'oci-archive' });
  return { store: writer.store, close: writer.close };
});

const image = sampleImage('archived');

test('two archives of one image are byte-equal, whatever the order of writing, and leave nothing else', async () => {
  for (const kind of ['oci-archive', 'docker-archive'] as const) {
    const given = [
      { image, tags: ['v1'] },
      { image: sampleImage('other'), tags: ['v2'] },
    ];
    const repository = 'quay.io/acme/x';
    const one = await written(given, kind, { repository });
    const other = await written(given.toReversed(), kind, { repository });
    expect(digestOf(readFileSync(one))).toBe(digestOf(readFileSync(other)));
    expect(readdirSync(join(one, '..'))).toEqual(['x.tar']);
  }
});

test('an archive that is not finished leaves nothing, and a finished one replaces what was there', async () => {
  const path = fresh();
  writeFileSync(path, 'before');
  const writer = await createArchiveWriter(path, { kind: 'oci-archive' });
  await fillStore(writer.store, [{ image, tags: ['v1'] }]);
  await writer.close();
  expect([readFileSync(path, 'utf8'), readdirSync(join(path, '..'))]).toEqual(['before', ['x.tar']]);
  const again = await createArchiveWriter(path, { kind: 'oci-archive' });
  await fillStore(again.store, [{ image, tags: ['v1'] }]);
  await again.finish();
  await again.close();
  expect(await (await openArchiveStore(path, { kind: 'oci-archive' })).tags()).toEqual(['v1']);
});

test('whole names are found as they are, by tag where that is clear, and in the short form', async () => {
  const path = await written([{ image, tags: ['v1'] }], 'docker-archive', {
    repository: 'docker.io/library/busybox',
  });
  for (const kind of ['oci-archive', 'docker-archive'] as const) {
    const store = await openArchiveStore(path, { kind });
    for (const name of ['v1', 'busybox:v1', 'docker.io/library/busybox:v1']) {
      expect((await store.resolve(name)).digest).toBe(image.manifest.descriptor.digest);
    }
    await expect(store.resolve('other:v1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test('an archive of docker save without a manifest gets one that names its config and layers', async () => {
  const layers = image.layers.map(
    ({ bytes }, index) => [`layer${index}/layer.tar`, gunzipSync(bytes)] as const,
  );
  const path = await tarOf([
    ['config.json', image.config.bytes],
    ...layers,
    [
      'manifest.json',
      json([{ Config: 'config.json', RepoTags: ['acme/x:v1'], Layers: layers.map(([name]) => name) }]),
    ],
    ['repositories', '{}'],
  ]);
  const store = await openArchiveStore(path, { kind: 'docker-archive' });
  const descriptor = await store.resolve('v1');
  const manifest = JSON.parse(new TextDecoder().decode(await readContent(store, descriptor)));
  expect(manifest).toEqual({
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, ...sized(image.config.bytes) },
    layers: layers.map(([, bytes]) => ({ mediaType: mediaTypes.dockerLayer, ...sized(bytes) })),
  });
  expect(await store.resolve('docker.io/acme/x:v1')).toEqual(descriptor);
});

const index = json({ schemaVersion: 2, manifests: [] });
const mark = '{"imageLayoutVersion":"1.0.0"}';
type File = readonly [
  name: string,
  content: Uint8Array | string,
  type?: 'file' | 'symlink' | 'link' | 'fifo',
];

test.each<[string, ArchiveKind, readonly File[], RegExp, string?]>([
  [
    'a link as its index',
    'oci-archive',
    [
      ['oci-layout', mark],
      ['index.json', '', 'symlink'],
    ],
    /"index.json" is a link/,
  ],
  [
    'a hard link as its manifest.json',
    'docker-archive',
    [
      ['x', 'x'],
      ['manifest.json', '', 'link'],
    ],
    /is a link/,
  ],
  [
    'a link as a layer',
    'docker-archive',
    [
      ['manifest.json', json([{ Config: 'c', Layers: ['l'] }])],
      ['c', '{}'],
      ['l', '', 'symlink'],
    ],
    /"l" is a link, a file is wanted/,
  ],
  ['links alone', 'oci-archive', [['index.json', '', 'symlink']], /contains no file/],
  [
    'a link and a file of one name',
    'oci-archive',
    [
      ['index.json', '', 'symlink'],
      ['index.json', index],
    ],
    /is in it twice/,
  ],
  ['a pipe', 'oci-archive', [['x', '', 'fifo']], /is not a file/],
  ['a name that climbs', 'oci-archive', [['blobs/../../etc/passwd', 'x']], /leads out of it/],
  ['an absolute name', 'oci-archive', [['/etc/passwd', 'x']], /leads out of it/],
  ['a name with a backslash', 'oci-archive', [['a\\b', 'x']], /not a plain path/],
  [
    'a name twice',
    'oci-archive',
    [
      ['index.json', index],
      ['./index.json', index],
    ],
    /is in it twice/,
  ],
  ['no index', 'oci-archive', [['oci-layout', mark]], /holds oci-layout and index.json/],
  ['the other kind', 'oci-archive', [['manifest.json', '[]']], /write docker-archive:/],
  [
    'the other kind',
    'docker-archive',
    [
      ['oci-layout', mark],
      ['index.json', index],
    ],
    /write oci-archive:/,
  ],
  [
    'another layout version',
    'oci-archive',
    [
      ['oci-layout', '{}'],
      ['index.json', index],
    ],
    /1\.0\.0/,
    'LAYOUT_INVALID',
  ],
  [
    'an index that is none',
    'oci-archive',
    [
      ['oci-layout', mark],
      ['index.json', '[]'],
    ],
    /JSON object/,
    'LAYOUT_INVALID',
  ],
  ['a manifest.json that is none', 'docker-archive', [['manifest.json', '{']], /not JSON/],
  ['an empty manifest.json', 'docker-archive', [['manifest.json', '[]']], /not a list of 1 to 1000/],
  [
    'a manifest.json of strangers',
    'docker-archive',
    [['manifest.json', '[null]']],
    /image 1 of its manifest.json/,
  ],
  [
    'a config that is missing',
    'docker-archive',
    [['manifest.json', json([{ Config: '../c', Layers: [] }])]],
    /"..\/c" is not in it/,
  ],
  [
    'a large index',
    'oci-archive',
    [
      ['oci-layout', mark],
      ['index.json', ' '.repeat(17 << 20)],
    ],
    /at most/,
  ],
])('openArchiveStore() refuses %s in an %s', async (_, kind, files, message, code = 'ARCHIVE_INVALID') => {
  for (const path of [await tarOf(files), zipped(await tarOf(files))]) {
    const opened = openArchiveStore(path, { kind });
    await expect(opened).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  }
});

test('openArchiveStore() refuses what is not an archive at all', async () => {
  const whole = readFileSync(await written([{ image, tags: ['v1'] }], 'oci-archive'));
  const cases: [Uint8Array | string, string][] = [
    ['', 'ARCHIVE_INVALID'],
    ['hello', 'ARCHIVE_INVALID'],
    ['x'.repeat(5000), 'ARCHIVE_INVALID'],
    [whole.subarray(0, 1500), 'ARCHIVE_INVALID'],
    [gzipSync(whole).subarray(0, 100), 'ARCHIVE_INVALID'],
    [gzipSync('hello'), 'ARCHIVE_INVALID'],
  ];
  for (const [bytes, code] of cases) {
    const path = fresh();
    writeFileSync(path, bytes);
    await expect(openArchiveStore(path, { kind: 'oci-archive' })).rejects.toMatchObject({ code });
  }
  const directory = join(fresh(), '..');
  await expect(openArchiveStore(directory, { kind: 'oci-archive' })).rejects.toMatchObject({
    code: 'NOT_READABLE',
  });
  await expect(openArchiveStore(join(directory, 'none'), { kind: 'oci-archive' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('openArchiveStore() stops a gzip bomb', { timeout: 60_000 }, async () => {
  const path = fresh();
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  writeFileSync(path, Buffer.concat(Array.from({ length: 9 }, () => bomb)));
  await expect(openArchiveStore(path, { kind: 'oci-archive' })).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('an archive reached through a link is read, and one whose bytes were changed is found out', async () => {
  const path = await written([{ image, tags: ['v1'] }], 'oci-archive');
  symlinkSync(path, `${path}.link`);
  const store = await openArchiveStore(`${path}.link`, { kind: 'oci-archive' });
  const [layer] = image.layers;
  const bytes = readFileSync(path);
  bytes.writeUInt8(0, bytes.indexOf(layer!.bytes) + 20);
  writeFileSync(path, bytes);
  await expect(readContent(store, layer!.descriptor)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('a docker-archive of what is not an image is refused', async () => {
  const writer = await createArchiveWriter(fresh(), { kind: 'docker-archive' });
  const empty = contentOf(
    json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] }),
    mediaTypes.ociIndex,
  );
  await writer.store.writeTagged(empty.descriptor, empty.bytes, 'v1');
  await expect(writer.finish()).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  await writer.close();
});

async function tarOf(files: readonly File[]): Promise<string> {
  const tar = pack();
  for (const [name, content, type = 'file'] of files) {
    const bytes = Buffer.from(content as string);
    const header = { name, type, size: bytes.length, ...(type === 'file' ? {} : { linkname: 'x' }) };
    tar.entry(header, type === 'file' ? bytes : Buffer.alloc(0));
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const path = fresh();
  writeFileSync(path, Buffer.concat(chunks));
  return path;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

function sized(bytes: Uint8Array) {
  return { size: bytes.length, digest: digestOf(bytes) };
}
