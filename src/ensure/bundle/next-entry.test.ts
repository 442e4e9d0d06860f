import { expect, test } from 'vitest';
import { sampleObject } from '../../../test/support/samples/sample-object.js';
import { buildBundle } from '../../bundle/build-bundle.js';

import { digestOf } from '../../oci/digest.js';
import type { LockEntry } from '../../project/lock/lock.js';
import { buildRecordOf } from './build-record.js';
import { type PinSituation, pin } from './next-entry.js';

const bundle = buildBundle([sampleObject()]);
const rebuilt = buildBundle([sampleObject()], { created: '1969-12-31T19:00:00-05:00' });
const built = buildRecordOf(bundle, [sampleObject()]);
const foreign = digestOf(Buffer.from('foreign'));
const theirs: LockEntry['objects'] = [
  { apiVersion: 'tekton.dev/v1', kind: 'task', name: 'other', diffId: foreign },
];
const previous: LockEntry = {
  reference: 'registry.invalid/acme/alpha:v1',
  digest: rebuilt.digest,
  created: rebuilt.created,
  sources: foreign,
  objects: theirs,
  schema: undefined,
  images: new Map(),
};

const situation = (given: Partial<PinSituation>): PinSituation => ({
  built,
  previous,
  verdict: undefined,
  remote: undefined,
  intent: 'other',
  ...given,
});

const ours = { digest: bundle.digest, created: bundle.created };
const equivalent = { name: 'equivalent', digest: rebuilt.digest, differences: [] } as const;
const different = { name: 'different', digest: foreign, differences: [] } as const;

test('what is published or present is pinned as it was built', () => {
  expect(pin(situation({ intent: 'publish' }))).toMatchObject(ours);
  expect(pin(situation({ verdict: { name: 'present', digest: bundle.digest } }))).toMatchObject(ours);
  expect(pin(situation({ verdict: different, intent: 'publish' }))).toMatchObject(ours);
});

test('an equivalent bundle is pinned as it is served, with the time that gives these bytes again', () => {
  const pinned = pin(situation({ verdict: { ...equivalent, rebuilt } }));
  expect(pinned).toMatchObject({ digest: rebuilt.digest, created: rebuilt.created });
  expect(pinned.objects).toEqual(pin(situation({ intent: 'publish' })).objects);
});

test('an equivalent bundle that cannot be built again is pinned by digest only', () => {
  const pinned = pin(situation({ verdict: { ...equivalent, digest: foreign, rebuilt: undefined } }));
  expect(pinned).toMatchObject({ digest: foreign, created: bundle.created });
});

test('a foreign bundle that is reused is pinned with its own objects', () => {
  const given = { verdict: different, remote: theirs, intent: 'reuse-remote' } as const;
  expect(pin(situation(given))).toMatchObject({ digest: foreign, objects: theirs });
});

test('without an answer the lock keeps what it proved before', () => {
  expect(pin(situation({}))).toBe(previous);
  expect(pin(situation({ verdict: different }))).toBe(previous);
  expect(pin(situation({ previous: undefined }))).toMatchObject(ours);
});
