import { expect, test } from 'vitest';
import type { Credential, Keychain } from '../../src/auth/credential.js';
import { type Fault, on } from '../../src/testing/fault.js';
import {
  answer,
  captivePortal,
  expireCredential,
  expireTokens,
  hostileText,
  proxyRefusal,
  rateLimit,
  refuse,
  retryAfterForms,
} from '../../src/testing/faults/answers.js';
import { delay, hang, loseReply, reset, resetMidBody } from '../../src/testing/faults/connection.js';
import {
  damage,
  gzipHead,
  oversize,
  shortRead,
  wrongDigestHeader,
} from '../../src/testing/faults/content.js';
import {
  hostilePlaces,
  otherLocation,
  otherRealm,
  redirect,
  twoChallenges,
} from '../../src/testing/faults/detour.js';
import {
  delayedCommit,
  dropManifest,
  replicaLag,
  rivalFirst,
  silentRace,
} from '../../src/testing/faults/writers.js';
import { createQuay } from '../../src/testing/quay.js';
import { expectNoLeak, tokenPath as token } from '../support/expect-no-leak.js';
import { type Played, play, type Scenario } from '../support/samples/scenario.js';

const manifest = /\/manifests\//;
const blob = /\/blobs\/sha256:/;
const upload = /\/blobs\/uploads\//;
const head = { method: 'HEAD', path: manifest };
const get = { method: 'GET', path: manifest };
const put = { method: 'PUT', path: manifest };
const post = { method: 'POST', path: upload };
const session = { method: 'PUT', path: upload };
const times = retryAfterForms(Date.parse('2026-03-04T05:06:07Z'));
const page = { body: '<html>', headers: { 'content-type': 'text/html' } };
const broken = (code: string) => () => Object.assign(new Error(code), { code });

const ensure = { mode: 'ensure', as: 'robot' } as const;
const unlocked = { locked: false } as const;
const acme = { repositories: ['acme/alpha'] };
const open = { profile: 'distribution', users: {} } as const;
const ours = { ...open, holds: 'ours' } as const;
const other = { ...open, holds: 'other' } as const;
const robotAtHub = { profile: 'dockerhub', as: 'robot', holds: 'ours' } as const;
const robotAtEcr = { profile: 'ecr', as: 'robot', holds: 'ours' } as const;
const htpasswd = { profile: 'distribution', ...ensure } as const;
/** A private repository of Quay: a public one needs no token. */
const hidden = { profile: 'quay', holds: 'ours', anonymous: 'nothing', as: 'reader' } as const;

/** A fault for requests that carry a credential; others get their challenge. */
const onceKnown =
  (fault: Fault): Fault =>
  (request, next, stage) =>
    request.headers.has('authorization') ? fault(request, next, stage) : next(request);
/** Does what is asked for, then answers like that. */
const doneBut =
  (fault: Fault): Fault =>
  async (request, next, stage) => {
    await next(request.clone());
    return fault(request, next, stage);
  };
/** Another client writes the tag while our blobs are being uploaded. */
const rivalMeanwhile: Fault = async (request, next, stage) => {
  const tag = new Request(`${stage.origin}/v2/acme/alpha/manifests/v1.0.0`, { method: 'PUT' });
  await rivalFirst()(tag, async () => new Response(), stage);
  return next(request);
};
/** Another writer with our very content was faster. */
const sameByRival: Fault = async (request, next, stage) => {
  await stage.content(request.clone());
  return next(request);
};
/** A helper whose first answer has run out. */
function renewing(): Keychain {
  let asked = 0;
  const credential = (password: string): Credential => ({
    kind: 'basic',
    username: 'robot',
    password,
    source: 'a helper',
  });
  return {
    async find(_target, { fresh = false } = {}) {
      if (fresh) asked++;
      return credential(asked === 0 ? 'run-out' : 's3cret-robot');
    },
    secrets: () => ['s3cret-robot', 'run-out'],
  };
}
const runOut: Fault = (request, next, stage) => {
  const given = Buffer.from(request.headers.get('authorization')?.slice(6) ?? '', 'base64').toString();
  return given.endsWith(':run-out') ? expireCredential()(request, next, stage) : next(request);
};
const inward = [
  'metadata',
  'metadataOverTls',
  'metadataV6',
  'mappedV6',
  'decimal',
  'loopback',
  'unspecified',
  'userinfo',
  'file',
  'plainHttp',
  'missing',
] as const;

type Row = readonly [title: string, scenario: Scenario, wanted: string];

/** `verdict/outcome exit reason · requests at the registry + at its second origin`. */
const table: readonly Row[] = [
  // Quay
  ['quay: a tag that is there', { profile: 'quay', holds: 'ours' }, 'present/reused 0 null · 1+0'],
  [
    'quay: a tag that is missing',
    { profile: 'quay', ...acme, as: 'reader' },
    'absent/planned 3 tag-missing · 2+0',
  ],
  [
    'quay: a private repository, asked by who may read',
    { profile: 'quay', holds: 'ours', anonymous: 'nothing', as: 'reader' },
    'present/reused 0 null · 3+0',
  ],
  [
    'quay: the token endpoint fails once',
    { ...hidden, faults: [on({ path: token, nth: 1 }, answer(502))] },
    'present/reused 0 null · 4+0',
  ],
  [
    'quay: the token endpoint breaks the connection',
    { ...hidden, faults: [on({ path: token }, reset())] },
    'unreachable/planned 6 token-endpoint · 6+0',
  ],
  [
    'quay: the token endpoint answers a page',
    { ...hidden, faults: [on({ path: token }, captivePortal())] },
    'unreachable/planned 6 token-endpoint · 2+0',
  ],
  [
    'quay: the token endpoint is overloaded',
    { ...hidden, faults: [on({ path: token }, rateLimit())] },
    'unreachable/planned 6 rate-limited · 6+0',
  ],
  [
    'quay: too many requests for a moment',
    { ...hidden, faults: [on({ ...head, nth: 2 }, rateLimit())] },
    'present/reused 0 null · 4+0',
  ],
  [
    'quay: a stray 401 with a fresh token',
    { ...hidden, faults: [on({ ...head, nth: 2 }, expireTokens())] },
    'denied/planned 5 denied · 4+0',
  ],
  ['quay: other content', { profile: 'quay', holds: 'other' }, 'different/planned 4 null · 4+0'],
  [
    'quay: tokens run out in the middle of a comparison',
    { ...hidden, holds: 'other', faults: [on({ ...get, nth: 1 }, expireTokens())] },
    'different/planned 4 null · 8+0',
  ],
  [
    'quay: a missing repository is made by the push',
    { profile: 'quay', ...ensure },
    'absent/published 0 null · 11+0',
  ],
  [
    'quay: a push into a repository that is there',
    { profile: 'quay', ...acme, ...ensure },
    'absent/published 0 null · 10+0',
  ],
  [
    'quay: a push without the right',
    { profile: 'quay', ...acme, ...ensure, as: 'reader' },
    'absent/failed 5 write-denied · 4+0',
  ],
  [
    'quay: nothing is pushed over other content',
    { profile: 'quay', ...ensure, holds: 'other' },
    'different/failed 4 null · 4+0',
  ],
  [
    'quay: other content is overwritten when asked for',
    { profile: 'quay', ...ensure, holds: 'other', onDifferent: 'overwrite', names: ['alpha'] },
    'different/published 0 null · 16+0',
  ],
  [
    'quay: the namespace is disabled',
    {
      profile: 'quay',
      as: 'robot',
      faults: [on({ path: manifest }, onceKnown(refuse(405, 'DENIED', 'namespace disabled')))],
    },
    'denied/planned 5 denied · 4+0',
  ],
  [
    'quay: over its quota',
    { profile: createQuay({ quotaExceeded: true }), ...acme, ...ensure },
    'absent/failed 5 quota · 6+0',
  ],
  [
    'quay: the tag became immutable with other content',
    { profile: 'quay', ...acme, ...ensure, immutableTags: true, faults: [on(put, rivalFirst())] },
    'absent/failed 4 tag-immutable · 9+0',
  ],
  [
    'quay: tokens run out in the middle of a push',
    { profile: 'quay', ...acme, ...ensure, faults: [on({ ...put, nth: 1 }, expireTokens())] },
    'absent/published 0 null · 12+0',
  ],
  [
    'quay: blobs not on every replica yet',
    { profile: 'quay', ...acme, ...ensure, faults: [on({ ...put, nth: 1 }, replicaLag())] },
    'absent/published 0 null · 13+0',
  ],
  [
    'quay: blobs never reach the replica',
    { profile: 'quay', ...acme, ...ensure, faults: [on(put, replicaLag())] },
    'absent/failed 6 rejected · 13+0',
  ],
  [
    'quay: a sporadic BLOB_UPLOAD_INVALID',
    {
      profile: 'quay',
      ...acme,
      ...ensure,
      faults: [onceKnown(on({ ...post, nth: 1 }, refuse(400, 'BLOB_UPLOAD_INVALID', 'upload invalid')))],
    },
    'absent/published 0 null · 12+0',
  ],
  [
    'quay: 502 on uploads for a moment',
    { profile: 'quay', ...acme, ...ensure, faults: [on({ ...post, first: 2 }, answer(502, page))] },
    'absent/published 0 null · 12+0',
  ],
  [
    'quay: connections close while idle',
    {
      profile: 'quay',
      ...acme,
      ...ensure,
      faults: [on({ ...post, nth: 1 }, reset()), on({ ...head, nth: 3 }, reset())],
    },
    'absent/published 0 null · 12+0',
  ],
  [
    'quay: a commit that is seen late',
    { profile: 'quay', ...acme, ...ensure, faults: [delayedCommit({ reads: 2 })] },
    'absent/published 0 null · 12+0',
  ],
  [
    'quay: a commit that is seen too late',
    { profile: 'quay', ...acme, ...ensure, faults: [delayedCommit({ reads: 9 })] },
    'absent/failed 4 race-lost · 14+0',
  ],
  [
    'quay: another writer while our blobs are on their way',
    { profile: 'quay', ...acme, ...ensure, faults: [on({ ...post, nth: 1 }, rivalMeanwhile)] },
    'different/failed 4 null · 10+0',
  ],
  // ECR
  ['ecr: requested anonymously', { profile: 'ecr', holds: 'ours' }, 'denied/planned 5 no-credential · 2+0'],
  ['ecr: a tag that is there', robotAtEcr, 'present/reused 0 null · 2+0'],
  ['ecr: a wrong password', { ...robotAtEcr, as: 'wrong' }, 'denied/planned 5 bad-credential · 3+0'],
  [
    'ecr: a repository that is missing',
    { profile: 'ecr', as: 'robot' },
    'absent/planned 3 repository-missing · 3+0',
  ],
  [
    'ecr: a push makes no repository',
    { profile: 'ecr', ...ensure },
    'absent/failed 5 repository-missing · 5+0',
  ],
  [
    'ecr: a push makes no repository, also with a fallback at hand',
    { profile: 'ecr', ...ensure, fallback: true },
    'absent/failed 5 repository-missing · 5+0',
  ],
  [
    'ecr: a push to a missing repository closes the connection',
    { profile: 'ecr', ...ensure, faults: [on(post, reset())] },
    'absent/failed 6 reset · 14+0',
  ],
  [
    'ecr: the password has run out',
    { ...robotAtEcr, faults: [on({ path: manifest }, onceKnown(expireCredential()))] },
    'denied/planned 5 bad-credential · 3+0',
  ],
  [
    'ecr: the password has run out and its helper has a new one',
    { ...robotAtEcr, keychain: renewing(), faults: [runOut] },
    'present/reused 0 null · 4+0',
  ],
  [
    'ecr: immutable, the same content by another writer',
    {
      profile: 'ecr',
      ...acme,
      ...ensure,
      immutableTags: true,
      faults: [on({ ...put, nth: 1 }, sameByRival)],
    },
    'absent/published 0 null · 10+0',
  ],
  [
    'ecr: immutable, other content',
    { profile: 'ecr', ...acme, ...ensure, immutableTags: true, faults: [on(put, rivalFirst())] },
    'absent/failed 4 tag-immutable · 8+0',
  ],
  [
    'ecr: a HEAD is refused without a word, a GET is not',
    { ...robotAtEcr, faults: [on(head, onceKnown(answer(403)))] },
    'present/reused 0 null · 3+0',
  ],
  ...(
    [
      ['quay', 11],
      ['harbor', 14],
    ] as const
  ).map(
    ([profile, requests]): Row => [
      `${profile}: immutable, the same content by another writer`,
      { profile, ...acme, ...ensure, immutableTags: true, faults: [on({ ...put, nth: 1 }, sameByRival)] },
      `absent/published 0 null · ${requests}+0`,
    ],
  ),
  [
    'gitlab: immutable, the same content by another writer',
    { profile: 'gitlab', ...ensure, immutableTags: true, faults: [on({ ...put, nth: 1 }, sameByRival)] },
    'absent/published 0 null · 11+3',
  ],
  // GHCR
  [
    'ghcr: a package that is missing or private, requested anonymously',
    { profile: 'ghcr' },
    'denied/planned 5 denied · 2+0',
  ],
  [
    'ghcr: a package that is missing, asked by who may push',
    { profile: 'ghcr', as: 'robot' },
    'absent/planned 3 repository-missing · 4+0',
  ],
  [
    'ghcr: a wrong password',
    { profile: 'ghcr', as: 'wrong', holds: 'ours' },
    'denied/planned 5 bad-credential · 2+0',
  ],
  ['ghcr: a push', { profile: 'ghcr', ...ensure }, 'absent/published 0 null · 13+0'],
  [
    'ghcr: the answer to the PUT of the manifest is lost',
    { profile: 'ghcr', ...ensure, faults: [on({ ...put, nth: 1 }, loseReply())] },
    'absent/published 0 null · 14+0',
  ],
  [
    'ghcr: every answer to a PUT of the manifest is lost',
    { profile: 'ghcr', ...ensure, faults: [on(put, loseReply())] },
    'absent/published 0 null · 18+0',
  ],
  [
    'ghcr: the answer to a blob is lost',
    { profile: 'ghcr', ...ensure, faults: [on({ ...post, nth: 1 }, loseReply())] },
    'absent/published 0 null · 14+0',
  ],
  [
    'ghcr: write_package is denied',
    {
      profile: 'ghcr',
      ...ensure,
      faults: [on(post, refuse(403, 'DENIED', 'permission_denied: write_package'))],
    },
    'absent/failed 5 write-denied · 7+0',
  ],
  // Docker Hub
  ['dockerhub: a tag that is there', { profile: 'dockerhub', holds: 'ours' }, 'present/reused 0 null · 2+1'],
  ['dockerhub: the credential goes to the token service alone', robotAtHub, 'present/reused 0 null · 2+1'],
  ['dockerhub: a wrong password', { ...robotAtHub, as: 'wrong' }, 'denied/planned 5 bad-credential · 1+1'],
  [
    'dockerhub: a repository that is missing or private',
    { profile: 'dockerhub' },
    'denied/planned 5 no-credential · 4+2',
  ],
  [
    'dockerhub: a tag that is missing',
    { profile: 'dockerhub', ...acme, as: 'robot' },
    'absent/planned 3 tag-missing · 3+1',
  ],
  [
    'dockerhub: the pull rate is used up',
    { profile: 'dockerhub', holds: 'ours', faults: [on(head, rateLimit({ retryAfter: times.huge }))] },
    'unreachable/planned 6 rate-limited · 1+0',
  ],
  ['dockerhub: a push', { profile: 'dockerhub', ...ensure }, 'absent/published 0 null · 10+3'],
  [
    'dockerhub: the token service on the other host is down',
    { profile: 'dockerhub', holds: 'ours', faults: [on({ path: token }, answer(500))] },
    'unreachable/planned 6 token-endpoint · 1+5',
  ],
  [
    'dockerhub: the token service hangs',
    { profile: 'dockerhub', holds: 'ours', faults: [on({ path: token }, hang())] },
    'unreachable/planned 6 token-endpoint · 1+2',
  ],
  // Harbor
  ['harbor: a push', { profile: 'harbor', ...ensure }, 'absent/published 0 null · 13+0'],
  [
    'harbor: the tag is silently lost',
    { profile: 'harbor', ...ensure, faults: [on(put, dropManifest())] },
    'absent/failed 4 race-lost · 15+0',
  ],
  [
    'harbor: the tag is silently another one',
    { profile: 'harbor', ...ensure, faults: [on(put, silentRace())] },
    'absent/failed 4 race-lost · 12+0',
  ],
  [
    'harbor: immutable, other content',
    { profile: 'harbor', ...ensure, immutableTags: true, faults: [on(put, rivalFirst())] },
    'absent/failed 4 tag-immutable · 10+0',
  ],
  [
    'harbor: the token service sends us elsewhere',
    { profile: 'harbor', holds: 'ours', as: 'robot', faults: [on({ path: token }, redirect())] },
    'present/reused 0 null · 3+1',
  ],
  // GitLab
  ['gitlab: a tag that is there', { profile: 'gitlab', holds: 'ours' }, 'present/reused 0 null · 2+1'],
  ['gitlab: a push', { profile: 'gitlab', ...ensure }, 'absent/published 0 null · 10+3'],
  [
    'gitlab: tokens end while a push waits',
    {
      profile: 'gitlab',
      ...ensure,
      faults: [
        on({ ...post, nth: 1 }, async (request, next, stage) => {
          stage.tokens.revokeAll();
          return delay(25_000)(request, next, stage);
        }),
      ],
    },
    'absent/published 0 null · 12+4',
  ],
  [
    'gitlab: a protected tag',
    { profile: 'gitlab', ...ensure, immutableTags: true, faults: [on(put, rivalFirst())] },
    'absent/failed 4 tag-immutable · 8+2',
  ],
  // Artifactory
  [
    'artifactory: a missing tag is forbidden to strangers',
    { profile: 'artifactory', ...acme },
    'denied/planned 5 no-credential · 2+0',
  ],
  [
    'artifactory: a missing tag is forbidden to robots',
    { profile: 'artifactory', ...acme, anonymous: 'nothing', as: 'robot' },
    'denied/planned 5 denied · 3+0',
  ],
  [
    'artifactory: a push finds no certain absence',
    { profile: 'artifactory', ...acme, anonymous: 'nothing', ...ensure },
    'denied/failed 5 denied · 4+0',
  ],
  [
    'artifactory: overwriting is forbidden',
    {
      profile: 'artifactory',
      holds: 'other',
      ...ensure,
      immutableTags: true,
      onDifferent: 'overwrite',
      names: ['alpha'],
    },
    'different/failed 4 tag-immutable · 16+0',
  ],
  // distribution and zot
  [
    'distribution: a push ignores the single POST',
    { ...open, mode: 'ensure' },
    'absent/published 0 null · 9+0',
  ],
  [
    'distribution: htpasswd',
    { profile: 'distribution', holds: 'ours', as: 'reader' },
    'present/reused 0 null · 2+0',
  ],
  ['distribution: a push with htpasswd', htpasswd, 'absent/published 0 null · 11+0'],
  [
    'distribution: htpasswd and a reader pushes',
    { ...htpasswd, as: 'reader' },
    'absent/failed 5 write-denied · 5+0',
  ],
  [
    'distribution: the answer to a session is lost',
    { ...htpasswd, faults: [on({ ...session, nth: 1 }, loseReply())] },
    'absent/published 0 null · 12+0',
  ],
  [
    'distribution: a session is not known any more, though it is committed',
    {
      ...htpasswd,
      faults: [
        on({ ...session, nth: 1 }, doneBut(refuse(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown'))),
      ],
    },
    'absent/published 0 null · 12+0',
  ],
  [
    'distribution: a session breaks before it is committed',
    { ...htpasswd, faults: [on({ ...session, nth: 1 }, reset())] },
    'absent/published 0 null · 14+0',
  ],
  [
    'distribution: no session ever ends well',
    { ...htpasswd, faults: [on(session, reset())] },
    'absent/failed 6 reset · 26+0',
  ],
  [
    'distribution: the PUT of the manifest ends in 504, though it is done',
    { ...htpasswd, faults: [on({ ...put, first: 5 }, doneBut(answer(504)))] },
    'absent/published 0 null · 16+0',
  ],
  [
    'distribution: the PUT of the manifest is never done',
    { ...htpasswd, faults: [on(put, reset())] },
    'absent/failed 6 reset · 17+0',
  ],
  [
    'distribution: the PUT of the manifest names another digest',
    { ...htpasswd, faults: [on(put, wrongDigestHeader())] },
    'absent/failed 6 digest-contradiction · 9+0',
  ],
  [
    'distribution: a full disk',
    { ...htpasswd, faults: [on(put, answer(507))] },
    'absent/failed 6 server-error · 13+0',
  ],
  ['zot: docker types are refused', { profile: 'zot', ...ensure }, 'absent/failed 6 unsupported · 9+0'],
  ['zot: docker types with compat', { profile: 'zot-compat', ...ensure }, 'absent/published 0 null · 9+0'],
  [
    'zot: larger than it takes',
    { profile: 'zot-compat', ...ensure, faults: [on(put, answer(413))] },
    'absent/failed 6 too-large · 9+0',
  ],
  // possible answers to a HEAD or GET
  [
    'a 404 of no registry',
    { ...open, faults: [on({ path: manifest }, answer(404))] },
    'unreachable/planned 6 not-a-registry · 2+0',
  ],
  [
    'a 404 page',
    { ...open, faults: [on({ path: manifest }, answer(404, page))] },
    'unreachable/planned 6 not-a-registry · 2+0',
  ],
  [
    'a page instead of GET only',
    { ...other, faults: [on(get, captivePortal())] },
    'unreachable/planned 6 not-a-registry · 2+0',
  ],
  [
    'JSON of another service',
    {
      ...open,
      faults: [answer(200, { body: '{"status":"ok"}', headers: { 'content-type': 'application/json' } })],
    },
    'unreachable/planned 6 not-a-registry · 1+0',
  ],
  [
    'a HEAD that is not supported',
    { ...ours, faults: [on(head, answer(405))] },
    'present/reused 0 null · 2+0',
  ],
  [
    'a HEAD that is not implemented',
    { ...ours, faults: [on(head, answer(501))] },
    'present/reused 0 null · 2+0',
  ],
  [
    'another digest in the header of HEAD',
    { ...ours, faults: [on(head, wrongDigestHeader())] },
    'unreachable/planned 6 content-missing · 2+0',
  ],
  [
    'no digest in the header of HEAD',
    { ...ours, faults: [on(head, wrongDigestHeader(null))] },
    'present/reused 0 null · 2+0',
  ],
  [
    'another digest in the header of GET',
    { ...other, faults: [on(get, wrongDigestHeader())] },
    'unreachable/planned 6 digest-contradiction · 2+0',
  ],
  ['a HEAD that would be compressed', { ...ours, faults: [gzipHead()] }, 'present/reused 0 null · 2+0'],
  [
    'a HEAD that would be compressed, with a length',
    { ...ours, faults: [gzipHead({ length: 40 })] },
    'present/reused 0 null · 2+0',
  ],
  [
    'a manifest over 4 MiB',
    { ...other, faults: [on({ path: manifest }, oversize())] },
    'unreachable/planned 6 too-large · 1+0',
  ],
  [
    'a manifest over 4 MiB that does not say so',
    { ...other, faults: [on(get, oversize({ declared: false }))] },
    'unreachable/planned 6 too-large · 2+0',
  ],
  [
    'a manifest that breaks off once',
    { ...other, faults: [on({ ...get, nth: 1 }, resetMidBody())] },
    'different/planned 4 null · 5+0',
  ],
  [
    'a manifest that always breaks off',
    { ...other, faults: [on(get, resetMidBody())] },
    'unreachable/planned 6 reset · 6+0',
  ],
  [
    'a manifest that is cut',
    { ...other, faults: [on(get, shortRead())] },
    'unreachable/planned 6 digest-contradiction · 2+0',
  ],
  [
    'a manifest with a changed byte',
    { ...other, faults: [on(get, damage())] },
    'unreachable/planned 6 digest-contradiction · 2+0',
  ],
  [
    'a config that is cut',
    { ...other, faults: [on({ path: blob }, shortRead())] },
    'unreachable/planned 6 digest-mismatch · 3+0',
  ],
  [
    'a config that breaks off once',
    { ...other, faults: [on({ path: blob, nth: 1 }, resetMidBody())] },
    'different/planned 4 null · 5+0',
  ],
  [
    'a config with a changed byte',
    { ...other, faults: [on({ path: blob }, damage())] },
    'unreachable/planned 6 digest-mismatch · 3+0',
  ],
  [
    'a config that is gone',
    { ...other, faults: [on({ path: blob }, refuse(404, 'BLOB_UNKNOWN', 'gone'))] },
    'unreachable/planned 6 content-missing · 3+0',
  ],
  [
    'a config that is much too large',
    { ...other, faults: [on({ path: blob }, oversize())] },
    'unreachable/planned 6 digest-mismatch · 3+0',
  ],
  [
    'hostile text in a refusal',
    { ...ours, faults: [on({ path: manifest }, hostileText(403))] },
    'denied/planned 5 no-credential · 2+0',
  ],
  [
    'hostile text in a refused push',
    { ...htpasswd, faults: [on(post, hostileText(403))] },
    'absent/failed 5 write-denied · 5+0',
  ],
  [
    'hostile text in a code',
    { ...ours, faults: [on({ path: manifest }, hostileText(400, '::error::\u001b[31mX'))] },
    'denied/planned 5 policy · 2+0',
  ],
  // no answer, or only later
  [
    'the connection breaks once',
    { ...ours, faults: [on({ ...head, nth: 1 }, reset())] },
    'present/reused 0 null · 2+0',
  ],
  [
    'no answer ever, with a fallback at hand',
    { ...ours, mode: 'ensure', fallback: true, faults: [hang()] },
    'unreachable/fallback 0 timeout · 1+0',
  ],
  ['a slow answer', { ...ours, faults: [delay(20_000)] }, 'present/reused 0 null · 1+0'],
  ['503 for a moment', { ...ours, faults: [on({ first: 3 }, answer(503))] }, 'present/reused 0 null · 4+0'],
  ['502 at every request', { ...ours, faults: [answer(502)] }, 'unreachable/planned 6 server-error · 5+0'],
  [
    '500 with a page at every request, with a fallback at hand',
    { ...ours, mode: 'ensure', fallback: true, faults: [answer(500, page)] },
    'unreachable/fallback 0 server-error · 5+0',
  ],
  ...Object.entries(times).map(
    ([form, retryAfter]): Row => [
      `429 once with Retry-After: ${form}`,
      { ...ours, faults: [on({ ...head, nth: 1 }, rateLimit({ retryAfter }))] },
      form === 'huge' || form === 'enormous'
        ? 'unreachable/planned 6 rate-limited · 1+0'
        : 'present/reused 0 null · 2+0',
    ],
  ),
  // detours
  [
    'storage on another host',
    {
      profile: 'quay',
      holds: 'other',
      as: 'robot',
      anonymous: 'nothing',
      faults: [on({ method: 'GET', path: blob }, redirect())],
    },
    'different/planned 4 null · 6+2',
  ],
  [
    'a manifest on another host',
    { ...robotAtEcr, faults: [on({ path: manifest }, onceKnown(redirect()))] },
    'present/reused 0 null · 2+1',
  ],
  [
    'another host and back again',
    {
      ...robotAtEcr,
      faults: [
        on({ path: manifest }, async (request, next, stage) =>
          new URL(request.url).origin === stage.elsewhere
            ? new Response(null, {
                status: 307,
                headers: { location: `${stage.origin}/v2/acme/alpha/manifests/v1.0.0` },
              })
            : next(request),
        ),
        on({ path: manifest }, onceKnown(redirect())),
      ],
    },
    'unreachable/planned 6 server-error · 9+4',
  ],
  [
    'a redirect without end',
    { ...robotAtEcr, faults: [on(head, onceKnown(redirect({ to: ({ origin }, path) => origin + path })))] },
    'unreachable/planned 6 redirect-refused · 7+0',
  ],
  [
    'an upload session on another host',
    { ...htpasswd, faults: [otherLocation(({ elsewhere }, path) => elsewhere + path)] },
    'absent/published 0 null · 9+2',
  ],
  [
    'an upload session whose address begins with http',
    { ...htpasswd, faults: [otherLocation(({ origin }, path) => origin.replace('https', 'http') + path)] },
    'absent/published 0 null · 11+0',
  ],
  [
    'an upload session that is sent elsewhere by 307',
    { ...htpasswd, faults: [on(session, redirect())] },
    'absent/published 0 null · 11+2',
  ],
  ...inward.flatMap((place): Row[] => [
    [
      `a redirect to ${place}`,
      { ...robotAtEcr, faults: [on(head, onceKnown(redirect({ to: hostilePlaces[place] })))] },
      'unreachable/planned 6 redirect-refused · 2+0',
    ],
    [
      `an upload session at ${place}`,
      { ...htpasswd, faults: [on(post, otherLocation(hostilePlaces[place]))] },
      'absent/failed 6 redirect-refused · 7+0',
    ],
    [
      `a token service at ${place}`,
      { ...robotAtHub, faults: [otherRealm(hostilePlaces[place])] },
      `unreachable/planned 6 ${place === 'missing' ? 'protocol · 2' : 'realm-refused · 1'}+0`,
    ],
  ]),
  ['two challenges in one header', { ...hidden, faults: [twoChallenges()] }, 'present/reused 0 null · 3+0'],

  // a tag that is not in the lock is requested with the GET that proves its absence
  ['unlocked: a tag that is missing', { ...open, ...unlocked }, 'absent/planned 3 repository-missing · 1+0'],
  [
    'unlocked: a tag that is missing in a repository',
    { ...open, ...acme, ...unlocked },
    'absent/planned 3 tag-missing · 1+0',
  ],
  ['unlocked: the tag is there all the same', { ...ours, ...unlocked }, 'present/reused 0 null · 1+0'],
  ['unlocked: the tag holds something else', { ...other, ...unlocked }, 'different/planned 4 null · 4+0'],
  ['unlocked: a push', { ...open, ...unlocked, ...ensure }, 'absent/published 0 null · 9+0'],
  [
    'unlocked: a page is not a registry',
    { ...open, ...unlocked, faults: [on({}, captivePortal())] },
    'unreachable/planned 6 not-a-registry · 1+0',
  ],
  [
    'unlocked: a 404 without a word of the registry',
    { ...open, ...unlocked, faults: [on(get, answer(404, page))] },
    'unreachable/planned 6 not-a-registry · 1+0',
  ],
  [
    'unlocked: one 503',
    { ...open, ...unlocked, faults: [on({ nth: 1 }, answer(503))] },
    'absent/planned 3 repository-missing · 2+0',
  ],
  [
    'unlocked: the digest header contradicts the body',
    { ...ours, ...unlocked, faults: [on(get, wrongDigestHeader())] },
    'unreachable/planned 6 digest-contradiction · 1+0',
  ],
  [
    'unlocked: oversize',
    { ...ours, ...unlocked, faults: [on(get, oversize())] },
    'unreachable/planned 6 too-large · 1+0',
  ],
  [
    'unlocked: another writer while our blobs are on their way',
    { ...open, ...unlocked, ...ensure, faults: [on({ ...session, nth: 1 }, rivalMeanwhile)] },
    'different/failed 4 null · 10+0',
  ],
  [
    'unlocked, quay: a repository that is missing or private',
    { profile: 'quay', ...unlocked },
    'denied/planned 5 no-credential · 1+0',
  ],
  [
    'unlocked, quay: a missing repository is made by the push',
    { profile: 'quay', ...unlocked, ...ensure },
    'absent/published 0 null · 11+0',
  ],
  [
    'unlocked, dockerhub: where GETs are counted a HEAD comes first',
    { profile: 'dockerhub', ...acme, as: 'robot', ...unlocked },
    'absent/planned 3 tag-missing · 2+1',
  ],
];

test.concurrent.each(table)('%s', async (_title, scenario, wanted) => {
  const played = await play(scenario);
  expect(shown(played)).toBe(wanted);
  expectNoLeak(played.requests, { origin: `https://${played.registry.host}`, profile: scenario.profile });
  expectSafeWords(played, scenario);
  // What the result counts is what the servers saw.
  expect(played.bundle.requests).toBe(played.requests.length);
  if (scenario.mode !== 'ensure') expect(played.requests.filter(asksToPush)).toEqual([]);
  if (scenario.holds === 'other' && played.bundle.outcome !== 'published') {
    expect(played.digest).not.toBe(played.bundle.built);
  }
  if (played.bundle.outcome === 'published') expect(played.digest).toBe(played.bundle.built);
});

test('the table has at least 60 scenarios, each with a title of its own', () => {
  expect(table.length).toBeGreaterThanOrEqual(60);
  expect(new Set(table.map(([title]) => title)).size).toBe(table.length);
});

/** Failure by failure: verdict, exit status, reason, and the next step that the hint names. */
const distinguished: readonly (readonly [string, Scenario, string, RegExp])[] = [
  [
    "Quay's 401 for a missing repository",
    { profile: 'quay', as: 'robot' },
    'denied 5 denied · 3+0',
    /give the account the right/,
  ],
  [
    'an expired tag',
    {
      profile: 'quay',
      anonymous: 'nothing',
      as: 'robot',
      faults: [on({ path: manifest }, onceKnown(refuse(404, 'TAG_EXPIRED', 'expired')))],
      ...acme,
    },
    'absent 3 tag-missing · 4+0',
    /Allow publishing/,
  ],
  [
    'a private repository, requested anonymously',
    { profile: 'quay', holds: 'ours', anonymous: 'nothing' },
    'denied 5 no-credential · 2+0',
    /tekton-bundles login registry\.example -u USER/,
  ],
  [
    'a private repository, asked without the right',
    { profile: 'quay', holds: 'ours', anonymous: 'nothing', as: 'stranger' },
    'denied 5 denied · 3+0',
    /give the account the right/,
  ],
  ['a wrong password', { ...hidden, as: 'wrong' }, 'denied 5 bad-credential · 2+0', /log in again/],
  [
    'an expired password',
    { ...robotAtEcr, faults: [on({ path: manifest }, onceKnown(expireCredential()))] },
    'denied 5 bad-credential · 3+0',
    /log in again/i,
  ],
  [
    'the token endpoint is down',
    { ...hidden, faults: [on({ path: token }, answer(503))] },
    'unreachable 6 token-endpoint · 6+0',
    /try again later/,
  ],
  [
    'a 429 by a page',
    { profile: 'quay', holds: 'ours', faults: [on(head, rateLimit())] },
    'unreachable 6 rate-limited · 5+0',
    /Wait/,
  ],
  [
    'a captive portal',
    { ...open, faults: [captivePortal()] },
    'unreachable 6 not-a-registry · 1+0',
    /login page/,
  ],
  [
    'a proxy that answers 407',
    { ...open, faults: [proxyRefusal()] },
    'unreachable 6 proxy · 1+0',
    /HTTPS_PROXY/,
  ],
  [
    'a certificate of an unknown authority',
    { network: broken('UNABLE_TO_VERIFY_LEAF_SIGNATURE') },
    'unreachable 6 tls-unknown-ca · 0+0 tried 1',
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    'a certificate that has expired',
    { network: broken('CERT_HAS_EXPIRED') },
    'unreachable 6 tls-expired · 0+0 tried 1',
    /renew it/,
  ],
  [
    'a certificate for another host',
    { network: broken('ERR_TLS_CERT_ALTNAME_INVALID') },
    'unreachable 6 tls-wrong-host · 0+0 tried 1',
    /name that the certificate contains/,
  ],
  [
    'no TLS at all',
    { network: broken('ERR_SSL_WRONG_VERSION_NUMBER') },
    'unreachable 6 tls · 0+0 tried 1',
    /--plain-http/,
  ],
  [
    'a host name that does not resolve',
    { network: broken('ENOTFOUND') },
    'unreachable 6 dns · 0+0 tried 2',
    /host name/,
  ],
  [
    'a name server that does not answer',
    { network: broken('EAI_AGAIN') },
    'unreachable 6 dns · 0+0 tried 5',
    /host name/,
  ],
  [
    'a refused connection',
    { network: broken('ECONNREFUSED') },
    'unreachable 6 refused · 0+0 tried 5',
    /Nothing listens there/,
  ],
  [
    'no way to the host',
    { network: broken('EHOSTUNREACH') },
    'unreachable 6 unreachable-host · 0+0 tried 5',
    /no route/,
  ],
  [
    'a connection that always breaks',
    { ...ours, faults: [reset()] },
    'unreachable 6 reset · 5+0',
    /The connection broke/,
  ],
  ['no answer ever', { ...ours, faults: [hang()] }, 'unreachable 6 timeout · 2+0', /did not answer in time/],
];

test.concurrent.each(distinguished)('recognized: %s', async (_title, scenario, wanted, hint) => {
  const played = await play({ ...scenario, push: false });
  const { bundle, code, requests } = played;
  const tried = scenario.network ? ` tried ${bundle.requests}` : '';
  expect(`${bundle.verdict} ${code} ${bundle.reason} · ${count(played)}${tried}`).toBe(wanted);
  expect(bundle.error?.hint).toMatch(hint);
  expectNoLeak(played.requests, { origin: `https://${played.registry.host}`, profile: scenario.profile });
  expectSafeWords(played, scenario);
  if (!scenario.network) expect(bundle.requests).toBe(requests.length);
});

/** The next step that a failed push names. */
const afterPush: readonly (readonly [title: string, scenario: Scenario, hint: RegExp, message: RegExp])[] = [
  ['no repository', { profile: 'ecr', ...ensure }, /^Create the repository/, /acme/],
  [
    'a closed connection',
    { profile: 'ecr', ...ensure, faults: [on(post, reset())] },
    /create the repository/,
    /connection broke/,
  ],
  [
    'a right that lacks',
    { profile: 'quay', ...acme, ...ensure, as: 'reader' },
    /has the right to read but not to write/,
    /does not let the credential/,
  ],
  ['a type that is not taken', { profile: 'zot', ...ensure }, /compat: \[docker2s2\]/, /415/],
  [
    'an immutable tag',
    { profile: 'harbor', ...ensure, immutableTags: true, faults: [on(put, rivalFirst())] },
    /use a new tag/,
    /holds sha256:/,
  ],
  [
    'a race that was lost',
    { ...htpasswd, faults: [on(put, silentRace())] },
    /Another client/,
    /holds sha256:.* wanted sha256:/,
  ],
  ['other content', { ...other, mode: 'ensure' }, /Raise the tag/, /other content, sha256:/],
  [
    'a full registry',
    { ...htpasswd, faults: [on(post, refuse(403, 'DENIED', 'quota exceeded'))] },
    /\w/,
    /quota exceeded/,
  ],
];

test.concurrent.each(afterPush)(
  'a push that fails by %s names the remedy',
  async (_title, scenario, hint, message) => {
    const { bundle } = await play(scenario);
    expect(bundle.outcome).toBe('failed');
    expect(bundle.error?.hint).toMatch(hint);
    expect(bundle.error?.message).toMatch(message);
  },
);

function shown({ bundle, code, ...played }: Played): string {
  return `${bundle.verdict}/${bundle.outcome} ${code} ${bundle.reason} · ${count(played)}`;
}

function count({ requests }: Pick<Played, 'requests'>): string {
  const at = (server: string) => requests.filter((one) => one.server === server).length;
  expect(at('stranger')).toBe(0);
  return `${at('registry')}+${at('elsewhere')}`;
}

/** No secret, one line for each error, whose start is ours, and a hint. What a terminal would obey is left to the writer of the output. */
function expectSafeWords({ bundle, json }: Played, _scenario: Scenario): void {
  expect(json).not.toMatch(/s3cret|run-out|token-\d|unsigned/);
  const { error, warnings } = bundle;
  for (const line of [error?.message ?? '', error?.hint ?? '', ...warnings])
    expect(line).not.toMatch(/^\s*(?:::|##\[)|[\r\n]/);
  if (error) expect([error.code, error.hint ?? '']).toEqual([error.code, expect.stringMatching(/\w{3}/)]);
}

function asksToPush({ query }: Played['requests'][number]): boolean {
  return decodeURIComponent(query).includes(',push');
}
