import { expect, test } from 'vitest';
import { parseImageConfig } from './image-config.js';

const diffId = `sha256:${'b'.repeat(64)}`;
const config = {
  architecture: 'amd64',
  os: 'linux',
  created: '1970-01-01T00:00:00Z',
  history: [{ created: '0001-01-01T00:00:00Z' }, { created_by: 'someone' }],
  rootfs: { type: 'layers', diff_ids: [diffId] },
  config: { Labels: { a: 'b' } },
};
const parse = (value: unknown) => parseImageConfig(Buffer.from(JSON.stringify(value)));

test('an image config is read', () => {
  expect(parse(config)).toEqual({
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    diffIds: [diffId],
    labels: { a: 'b' },
    history: ['0001-01-01T00:00:00Z', undefined],
    others: [],
  });
});

test('what is missing or null is empty', () => {
  expect(parse({ rootfs: { type: 'layers', diff_ids: null }, config: null, history: null })).toEqual({
    architecture: '',
    os: '',
    created: undefined,
    diffIds: [],
    labels: {},
    history: [],
    others: [],
  });
});

test('every other setting is named', () => {
  const others = { variant: 'v8', author: '', config: { Env: ['A=B'], Cmd: null, Volumes: {} } };
  expect(parse({ ...config, ...others }).others).toEqual(['variant', 'config.Env']);
});

test.each<[string, unknown, string]>([
  ['no rootfs', { ...config, rootfs: undefined }, 'rootfs'],
  ['a rootfs of another type', { ...config, rootfs: { type: 'x', diff_ids: [] } }, 'rootfs.type'],
  [
    'diff ids that are none',
    { ...config, rootfs: { type: 'layers', diff_ids: ['x'] } },
    'rootfs.diff_ids[0]',
  ],
  [
    'diff ids that are not texts',
    { ...config, rootfs: { type: 'layers', diff_ids: [1] } },
    'rootfs.diff_ids',
  ],
  ['a label that is not a text', { ...config, config: { Labels: { a: null } } }, 'config.Labels.a'],
  ['a time that is not a text', { ...config, created: 0 }, 'created'],
  ['a key that Go would take for another', { ...config, RootFS: {} }, 'RootFS'],
])('%s is not an image config', (_, value, path) => {
  expect(() => parse(value)).toThrow(
    expect.objectContaining({ code: 'BUNDLE_INVALID', details: expect.objectContaining({ path }) }),
  );
});
