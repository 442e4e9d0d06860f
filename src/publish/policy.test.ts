import { expect, test } from 'vitest';
import { type Action, decide, type OnDifferent, type Policy, type Situation } from './policy.js';
import type { VerdictName } from './verdict.js';

const open = { challenged: false, credential: undefined };
const anonymous = { challenged: true, credential: undefined };
const robot = { challenged: true, credential: 'config.json (auths quay.io)' };

const policy: Policy = { publish: true, onDifferent: 'fail', fallback: true };
const situation = (verdict: VerdictName, more: Partial<Situation> = {}): Situation => ({
  verdict,
  reason: null,
  access: robot,
  named: false,
  askedToPush: false,
  pushIncomplete: false,
  ...more,
});

const reuse: Action = { do: 'reuse' };
const publish: Action = { do: 'publish', overwrite: false };
const failByVerdict: Action = { do: 'fail', because: 'verdict' };
const mayNotPush: Action = { do: 'fail', because: 'may-not-push' };
const fallback = (reason: string): Action => ({ do: 'fallback', reason });

test.each<[string, Situation, Partial<Policy>, Action]>([
  ['present is reused', situation('present'), {}, reuse],
  [
    'present is reused where pushing is not allowed',
    situation('present'),
    { publish: false, fallback: false },
    reuse,
  ],
  ['equivalent is reused', situation('equivalent'), {}, reuse],
  ['absent is published with a credential', situation('absent'), {}, publish],
  ['absent is published on an open registry', situation('absent', { access: open }), {}, publish],
  [
    'absent falls back without a credential',
    situation('absent', { access: anonymous }),
    {},
    fallback('no-credential'),
  ],
  [
    'absent falls back when publishing is forbidden',
    situation('absent'),
    { publish: false },
    fallback('push-not-allowed'),
  ],
  [
    'absent fails where neither is allowed',
    situation('absent'),
    { publish: false, fallback: false },
    mayNotPush,
  ],
  ['denied with a credential is asked again', situation('denied'), {}, { do: 'ask-to-push' }],
  ['denied after asking again fails', situation('denied', { askedToPush: true }), {}, failByVerdict],
  ['a rejected password fails at once', situation('denied', { reason: 'bad-credential' }), {}, failByVerdict],
  [
    'denied with a credential fails when publishing is forbidden',
    situation('denied'),
    { publish: false },
    failByVerdict,
  ],
  [
    'denied without a credential falls back',
    situation('denied', { access: anonymous }),
    {},
    fallback('no-credential'),
  ],
  [
    'denied without a credential or a fallback fails',
    situation('denied', { access: anonymous }),
    { fallback: false },
    failByVerdict,
  ],
  [
    'unreachable falls back and reports why',
    situation('unreachable', { reason: 'dns' }),
    {},
    fallback('dns'),
  ],
  ['unreachable without a fallback fails', situation('unreachable'), { fallback: false }, failByVerdict],
])('%s', (_, given, change, expected) => {
  expect(decide(given, { ...policy, ...change })).toEqual(expected);
});

test.each<[OnDifferent, Partial<Situation>, Partial<Policy>, Action]>([
  ['fail', {}, {}, failByVerdict],
  ['fallback', {}, {}, fallback('different')],
  ['fallback', {}, { fallback: false }, failByVerdict],
  ['reuse', {}, {}, { do: 'reuse-remote' }],
  ['reuse', {}, { publish: false }, { do: 'reuse-remote' }],
  ['overwrite', { named: true }, {}, { do: 'publish', overwrite: true }],
  ['overwrite', { named: false }, {}, failByVerdict],
  ['overwrite', { named: true }, { publish: false }, mayNotPush],
  ['overwrite', { named: true, access: anonymous }, {}, mayNotPush],
])('different with --on-different %s %j %j', (onDifferent, given, change, expected) => {
  expect(decide(situation('different', given), { ...policy, ...change, onDifferent })).toEqual(expected);
});

test('nothing but an explicit overwrite of a named bundle ever pushes over a tag that is there or unknown', () => {
  const verdicts: VerdictName[] = ['present', 'equivalent', 'different', 'denied', 'unreachable'];
  for (const verdict of verdicts)
    for (const access of [open, anonymous, robot])
      for (const publishAllowed of [true, false])
        for (const onDifferent of ['fail', 'fallback', 'reuse'] as const)
          for (const named of [true, false]) {
            const action = decide(situation(verdict, { access, named }), {
              publish: publishAllowed,
              onDifferent,
              fallback: true,
            });
            expect(action.do).not.toBe('publish');
          }
});
