import { expect, test } from 'vitest';
import { parseRoute } from './route.js';

test('every endpoint of the specification has a route', () => {
  expect(parseRoute('/v2/')).toEqual({ kind: 'version' });
  expect(parseRoute('/v2')).toEqual({ kind: 'version' });
  expect(parseRoute('/v2/a/b/manifests/v1')).toEqual({
    kind: 'manifest',
    repository: 'a/b',
    tagOrDigest: 'v1',
  });
  expect(parseRoute('/v2/a/blobs/sha256:00')).toEqual({ kind: 'blob', repository: 'a', digest: 'sha256:00' });
  expect(parseRoute('/v2/a/blobs/uploads/')).toEqual({ kind: 'uploads', repository: 'a' });
  expect(parseRoute('/v2/a/blobs/uploads')).toEqual({ kind: 'uploads', repository: 'a' });
  expect(parseRoute('/v2/a/blobs/uploads/x')).toEqual({ kind: 'upload', repository: 'a', id: 'x' });
  expect(parseRoute('/v2/a/tags/list')).toEqual({ kind: 'tags', repository: 'a' });
  expect(parseRoute('/v2/a/referrers/sha256:00')).toEqual({
    kind: 'referrers',
    repository: 'a',
    digest: 'sha256:00',
  });
});

test('a repository name may hold the words of the API', () => {
  expect(parseRoute('/v2/blobs/uploads/blobs/sha256:00')).toMatchObject({
    kind: 'blob',
    repository: 'blobs/uploads',
  });
  expect(parseRoute('/v2/a/blobs/blobs/uploads/')).toEqual({ kind: 'uploads', repository: 'a/blobs' });
  expect(parseRoute('/v2/a/blobs/uploads/manifests/v1')).toMatchObject({
    kind: 'manifest',
    repository: 'a/blobs/uploads',
  });
  expect(parseRoute('/v2/manifests/tags/list')).toEqual({ kind: 'tags', repository: 'manifests' });
});

test('a colon may arrive percent-encoded', () => {
  expect(parseRoute('/v2/a/blobs/sha256%3A00')).toEqual({
    kind: 'blob',
    repository: 'a',
    digest: 'sha256:00',
  });
});

test('other paths have no route', () => {
  for (const path of [
    '/',
    '/v1/',
    '/v2/a',
    '/v2/a/b',
    '/v2/manifests/v1',
    '/v2/a/tags/other',
    '/v2/a/blobs/%zz',
  ]) {
    expect(parseRoute(path), path).toBeUndefined();
  }
});
