import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentOf, sampleImage } from '../../../test/support/samples/sample-image.js';
import { openLayoutStore } from './layout-store.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'layout-files-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const { manifest } = sampleImage('a');
const good = { mediaType: 'x/y', digest: manifest.descriptor.digest, size: 1 };
const index = (entry: unknown) => JSON.stringify({ schemaVersion: 2, manifests: [entry] });
const mark = '{"imageLayoutVersion":"1.0.0"}';

test.each<[what: string, index: string, mark: string | undefined, where: RegExp]>([
  ['no JSON', '{', mark, /index\.json.*it is not JSON/],
  ['an empty index', '', mark, /index\.json.*it is not JSON/],
  ['a list', '[]', mark, /JSON object/],
  ['null', 'null', mark, /JSON object/],
  ['another schema version', '{"schemaVersion":1,"manifests":[]}', mark, /schemaVersion/],
  ['no manifests', '{"schemaVersion":2}', mark, /manifests/],
  ['an entry that is not an object', index(null), mark, /manifests\[0\]/],
  ['a path as digest', index({ ...good, digest: 'sha256:../../etc/passwd' }), mark, /manifests\[0\]\.digest/],
  ['a negative size', index({ ...good, size: -1 }), mark, /manifests\[0\]\.size/],
  ['an absurd size', index({ ...good, size: 1e300 }), mark, /manifests\[0\]\.size/],
  ['no media type', index({ ...good, mediaType: 7 }), mark, /manifests\[0\]\.mediaType/],
  ['annotations of numbers', index({ ...good, annotations: { a: 1 } }), mark, /annotations/],
  ['no oci-layout', index(good), undefined, /oci-layout.*missing/],
  ['another layout version', index(good), '{"imageLayoutVersion":"2.0.0"}', /imageLayoutVersion/],
  ['a huge oci-layout', index(good), ' '.repeat(5000), /oci-layout.*larger/],
])('a layout with %s is LAYOUT_INVALID', async (_what, text, layout, where) => {
  const directory = await mkdtemp(join(root, 'bad-'));
  await writeFile(join(directory, 'index.json'), text);
  if (layout !== undefined) await writeFile(join(directory, 'oci-layout'), layout);
  const store = openLayoutStore(directory, { durable: false });
  const error = { code: 'LAYOUT_INVALID', message: expect.stringMatching(where) };
  await expect(store.tags()).rejects.toMatchObject(error);
  await expect(store.writeTagged(manifest.descriptor, manifest.bytes, 'v1')).rejects.toMatchObject(error);
  expect(await readFile(join(directory, 'index.json'), 'utf8')).toBe(Buffer.from(text).toString());
});

test('an index of absurd size is refused unread', async () => {
  const directory = await mkdtemp(join(root, 'huge-'));
  await writeFile(join(directory, 'index.json'), '');
  await truncate(join(directory, 'index.json'), 2 ** 40);
  await expect(openLayoutStore(directory).tags()).rejects.toMatchObject({ code: 'LAYOUT_INVALID' });
});

test('what others wrote into an index stays, and our entries have the usual order of keys', async () => {
  const directory = await mkdtemp(join(root, 'kept-'));
  const foreign = {
    ...good,
    platform: { os: 'linux', architecture: 'amd64' },
    annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/x:latest', other: 'kept' },
  };
  const text = { schemaVersion: 2, annotations: { top: 'kept' }, manifests: [foreign] };
  await writeFile(join(directory, 'index.json'), JSON.stringify(text));
  await writeFile(join(directory, 'oci-layout'), mark);
  const store = openLayoutStore(directory, { durable: false });
  expect(await store.tags()).toEqual([]);
  const other = sampleImage('b').manifest;
  await store.writeTagged(other.descriptor, other.bytes, 'v1');
  const written = await readFile(join(directory, 'index.json'), 'utf8');
  expect(JSON.parse(written)).toMatchObject({ annotations: { top: 'kept' }, manifests: [foreign, {}] });
  const { mediaType, digest, size } = other.descriptor;
  const annotations = { 'org.opencontainers.image.ref.name': 'v1' };
  expect(written).toContain(JSON.stringify({ mediaType, digest, size, annotations }));
});

test('the same content gives the same index.json in whatever order it came', async () => {
  const texts = [];
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
  ]) {
    const directory = await mkdtemp(join(root, 'order-'));
    const store = openLayoutStore(directory, { durable: false });
    for (const number of order) {
      const image = sampleImage(`order ${number}`).manifest;
      await store.writeTagged(image.descriptor, image.bytes, `v${number}`);
    }
    texts.push(await readFile(join(directory, 'index.json'), 'utf8'));
    expect((await readdir(directory)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  }
  expect(texts[0]).toBe(texts[1]);
});

test('reading a layout that does not exist makes nothing', async () => {
  const directory = join(root, 'none');
  expect(await openLayoutStore(directory).tags()).toEqual([]);
  await expect(openLayoutStore(directory).resolve('v1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await readdir(root)).not.toContain('none');
});

test('writing a damaged blob again repairs it', async () => {
  const directory = join(root, 'damaged');
  const store = openLayoutStore(directory, { durable: false });
  const { descriptor, bytes } = contentOf('intact');
  await store.write(descriptor, bytes);
  const path = join(directory, 'blobs', ...descriptor.digest.split(':'));
  for (const damage of ['broken', 'cut', '']) {
    await writeFile(path, damage);
    await store.write(descriptor, bytes);
    expect(await readFile(path, 'utf8')).toBe('intact');
  }
});

test('a layout where nothing can be made is NOT_WRITABLE', async () => {
  await writeFile(join(root, 'plain'), '');
  await mkdir(join(root, 'x'), { recursive: true });
  for (const directory of [join(root, 'plain'), join(root, 'plain', 'x'), '/proc/none']) {
    const store = openLayoutStore(directory, { durable: false });
    const { descriptor, bytes } = contentOf('x');
    await expect(store.write(descriptor, bytes)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  }
});
