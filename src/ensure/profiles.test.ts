import { expect, test } from 'vitest';
import { applyProfile, type ProfileName } from './profiles.js';

test.each<[ProfileName, object]>([
  ['pull-request', { push: false, onDifferent: 'fallback' }],
  ['release', { frozen: true, fallback: false }],
  ['local', { push: false }],
  ['none', {}],
])('the profile %s sets the flags of its recipe', (profile, wanted) => {
  expect(applyProfile({ mode: 'ensure', profile })).toEqual({ mode: 'ensure', profile, ...wanted });
});

test('a setting that the caller chose wins over the profile, one left undefined does not', () => {
  const settings = {
    mode: 'ensure',
    profile: 'pull-request',
    onDifferent: 'reuse',
    push: undefined,
  } as const;
  expect(applyProfile(settings)).toMatchObject({ onDifferent: 'reuse', push: false });
});

test('without a profile the settings stay as they are', () => {
  const settings = { mode: 'check', push: true } as const;
  expect(applyProfile(settings)).toBe(settings);
});
