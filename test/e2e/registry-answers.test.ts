import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Clock } from '../../src/async/clock.js';
import { systemClock } from '../../src/async/system-clock.js';
import { digestOf } from '../../src/oci/digest.js';
import type { Image } from '../../src/oci/image.js';
import { mediaTypes } from '../../src/oci/media-types.js';
import { createFastClock } from '../support/clocks/fast-clock.js';
import { lockOffline } from '../support/lock-offline.js';
import { credentials, runInProcess, runJson } from '../support/program/run-in-process.js';
import type { Step } from '../support/random/random-answers.js';
import { holdImage } from '../support/registry/model-registry.js';
import {
  type Answerer,
  type RawAnswer,
  type RawContext,
  raw,
  rawError,
  startRawRegistry,
} from '../support/registry/raw-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { imageOf } from '../support/samples/scenario.js';

let ours: Image;
let other: Image;
beforeAll(async () => {
  [ours, other] = await Promise.all([
    imageOf('registry.example/acme', samplePipeline('alpha')),
    imageOf('registry.example/acme', samplePipeline('other')),
  ]);
});

/** One answer of a registry or of something before it, and what `check` or `ensure` makes of it. */
interface Row {
  readonly title: string;
  readonly answers: Partial<Record<Step, Answerer>>;
  /** What the tag holds. Default nothing. */
  readonly holds?: 'ours' | 'other';
  /** Default `check`. */
  readonly mode?: 'check' | 'ensure';
  /** Default false, by --no-fallback. */
  readonly fallback?: boolean;
  readonly guarded?: boolean;
  readonly credential?: boolean;
  /** `verdict outcome exit reason` */
  readonly wanted: string;
  /** The steps at the registry, in order; a number: at most so many requests. */
  readonly steps: readonly Step[] | number;
  /** In message, hint or a warning. */
  readonly says?: RegExp;
}

const [head, get] = ['HEAD manifest', 'GET manifest'] as const;
const page = { 'content-type': 'text/html' };
const manifestHead = (image: Image, more: Readonly<Record<string, string>> = {}) => ({
  'content-type': image.manifest.descriptor.mediaType,
  'docker-content-digest': image.manifest.descriptor.digest,
  ...more,
});
const withoutDigest = () => raw(200, { 'content-type': ours.manifest.descriptor.mediaType });

/** A HEAD that is refused whatever is there. */
const provesNothing = [304, 401, 403, 404, 405, 501];
const basic = { 'www-authenticate': 'Basic realm="proxy"' };
const reading: readonly Row[] = [
  ...provesNothing.map(
    (status): Row => ({
      title: `HEAD ${status}, GET 200 with our bytes`,
      holds: 'ours',
      answers: { [head]: raw(status) },
      wanted: 'present planned 0 null',
      steps: [head, get],
    }),
  ),
  {
    title: 'HEAD 401 with a challenge, GET 200 with our bytes',
    holds: 'ours',
    answers: { [head]: raw(401, basic) },
    wanted: 'present planned 0 null',
    steps: [head, get],
  },
  {
    title: 'HEAD 401 and GET 401 with a challenge, without a credential',
    answers: { [head]: raw(401, basic), [get]: rawError(401, 'UNAUTHORIZED', 'log in first', basic) },
    wanted: 'denied planned 5 no-credential',
    steps: [head, get],
  },
  {
    title: 'HEAD 403, and the connection closes on GET',
    answers: { [head]: raw(403), [get]: 'reset' },
    wanted: 'unreachable planned 6 reset',
    steps: [head, get, get],
  },
  {
    title: 'HEAD 304 and GET 304 in answer to unconditional requests',
    answers: { [head]: raw(304), [get]: raw(304) },
    wanted: 'unreachable planned 6 protocol',
    steps: [head, get],
  },
  {
    title: 'two Bearer challenges, the first for another service',
    holds: 'ours',
    guarded: true,
    credential: true,
    answers: {
      [head]: ({ headers, url }) => {
        const foreign = 'Bearer realm="https://login.example/token",service="proxy"';
        const own = `Bearer realm="${url}/token",service="model"`;
        return headers.authorization ? 'pass' : raw(401, { 'www-authenticate': `${foreign}, ${own}` });
      },
    },
    wanted: 'present planned 0 null',
    steps: [head, 'GET token', head],
  },
  {
    title: '401 with error="invalid_token" and a description',
    holds: 'ours',
    guarded: true,
    credential: true,
    mode: 'ensure',
    answers: { [head]: revoked, [get]: revoked },
    wanted: 'denied failed 5 denied',
    steps: 9,
    says: /invalid_token the session was revoked by an administrator/,
  },
  {
    title: 'a redirect to a blob whose link has expired once',
    holds: 'other',
    answers: { 'GET blob': ({ nth, url }) => (nth === 0 ? elsewhere(url) : 'pass'), other: expired },
    wanted: 'different planned 4 null',
    steps: 8,
  },
  {
    title: 'redirects to blobs whose links have always expired',
    holds: 'other',
    answers: { 'GET blob': ({ url }) => elsewhere(url), other: expired },
    wanted: 'unreachable planned 6 server-error',
    steps: 12,
  },
  ...[403, 404, 405, 501].map(
    (status): Row => ({
      title: `HEAD ${status}, GET 404 with a registry's code`,
      answers: { [head]: raw(status) },
      wanted: 'absent planned 3 tag-missing',
      steps: [head, get],
    }),
  ),
  {
    title: 'HEAD 200 without a digest, GET 200 with our bytes',
    holds: 'ours',
    answers: { [head]: withoutDigest },
    wanted: 'present planned 0 null',
    steps: [head, get],
  },
  {
    title: 'HEAD 200 without a digest, GET 404: a contradiction',
    answers: { [head]: withoutDigest },
    wanted: 'unreachable planned 6 protocol',
    steps: [head, get],
  },
  ...[402, 412, 423, 451].map(
    (status): Row => ({
      title: `${status} with a registry's code`,
      holds: 'ours',
      answers: {
        [head]: raw(status),
        [get]: rawError(status, 'DENIED', 'blocked by a policy of this company'),
      },
      wanted: 'denied planned 5 policy',
      steps: [head, get],
      says: /blocked by a policy of this company/,
    }),
  ),
  ...[402, 412, 451].map(
    (status): Row => ({
      title: `${status} with a registry's code, which no fallback hides`,
      mode: 'ensure',
      fallback: true,
      holds: 'ours',
      answers: { [head]: raw(status), [get]: rawError(status, 'DENIED', 'blocked by a policy') },
      wanted: 'denied failed 5 policy',
      steps: [head, get],
    }),
  ),
  ...[400, 410, 414, 418, 422, 431].map(
    (status): Row => ({
      title: `${status} with a registry's code, which is its policy`,
      mode: 'ensure',
      fallback: true,
      holds: 'ours',
      answers: { [head]: raw(status), [get]: rawError(status, 'DENIED', 'not here') },
      wanted: 'denied failed 5 policy',
      steps: [head, get],
    }),
  ),
  ...['gzip', 'zstd', 'gzip, br'].map(
    (encoding): Row => ({
      title: `a body with Content-Encoding ${encoding}, which the request did not accept`,
      holds: 'ours',
      answers: {
        [head]: raw(405),
        [get]: () => raw(200, manifestHead(ours, { 'content-encoding': encoding }), 'encoded'),
      },
      wanted: 'unreachable planned 6 protocol',
      steps: [head, get],
    }),
  ),
  {
    title: 'a proxy that strips Accept, in front of an OCI manifest, which is not overwritten',
    mode: 'ensure',
    holds: 'other',
    answers: {
      [head]: raw(404),
      [get]: rawError(
        404,
        'MANIFEST_UNKNOWN',
        'OCI manifest found, but Accept header does not support OCI manifests',
      ),
    },
    wanted: 'unreachable failed 6 protocol',
    steps: [head, get],
  },
  {
    title: '423 without a body',
    answers: { [head]: raw(423), [get]: raw(423) },
    wanted: 'unreachable planned 6 not-a-registry',
    steps: [head, get],
  },
  ...[410, 414].map(
    (status): Row => ({
      title: `${status} with an HTML page`,
      answers: { [head]: raw(status, page), [get]: raw(status, page, '<html>') },
      wanted: 'unreachable planned 6 not-a-registry',
      steps: [head, get],
    }),
  ),
  {
    title: '404 with the code "404"',
    answers: { [head]: raw(404), [get]: rawError(404, '404', 'Not Found') },
    wanted: 'unreachable planned 6 not-a-registry',
    steps: [head, get],
  },
  {
    title: '404 with a plain `Not found`',
    answers: { [head]: raw(404), [get]: raw(404, { 'content-type': 'text/plain' }, 'Not found') },
    wanted: 'unreachable planned 6 not-a-registry',
    steps: [head, get],
  },
  {
    title: 'TAG_EXPIRED',
    answers: {
      [head]: raw(404),
      [get]: rawError(404, 'TAG_EXPIRED', 'Tag v1.0.0 was deleted or has expired'),
    },
    wanted: 'absent planned 3 tag-missing',
    steps: [head, get],
  },
  {
    title: 'Warning headers from a proxy, with escape sequences',
    holds: 'ours',
    answers: {
      [head]: () =>
        raw(200, {
          ...manifestHead(ours),
          'content-length': String(ours.manifest.bytes.byteLength),
          warning: [
            '199 proxy "miscellaneous"',
            '299 - "::error::\u009b31m old" "Wed, 21 Oct 2026 07:28:00 GMT"',
          ],
        }),
    },
    wanted: 'present planned 0 null',
    steps: [head],
  },
  {
    title: 'a proxy that turns Docker manifests into OCI',
    holds: 'ours',
    answers: { [head]: () => raw(200, manifestHead(toOci())), [get]: () => sent(toOci()) },
    wanted: 'equivalent planned 0 null',
    steps: 4,
  },
  {
    title: 'a schema 1 manifest, converted by a registry behind a proxy that changes Accept',
    holds: 'ours',
    answers: { [head]: () => raw(200, manifestHead(schema1())), [get]: () => sent(schema1()) },
    wanted: 'different planned 4 null',
    steps: [head, get],
  },
  {
    title: 'an index that is also an image',
    holds: 'ours',
    answers: {
      [head]: () => raw(200, manifestHead(ambiguous(mediaTypes.ociIndex))),
      [get]: () => sent(ambiguous(mediaTypes.ociIndex)),
    },
    wanted: 'different planned 4 null',
    steps: [head, get],
  },
  {
    title: 'an image that is also an index',
    holds: 'ours',
    answers: {
      [head]: () => raw(200, manifestHead(ambiguous(mediaTypes.dockerManifest))),
      [get]: () => sent(ambiguous(mediaTypes.dockerManifest)),
    },
    wanted: 'different planned 4 null',
    steps: 5,
  },
  ...['', '-1'].map(
    (length): Row => ({
      title: `Content-Length ${JSON.stringify(length)} in the answer to HEAD`,
      holds: 'ours',
      answers: { [head]: () => raw(200, manifestHead(ours, { 'content-length': length })) },
      wanted: 'unreachable planned 6 protocol',
      steps: 5,
    }),
  ),
  {
    title: 'Content-Length "0777" in the answer to HEAD',
    holds: 'ours',
    answers: { [head]: () => raw(200, manifestHead(ours, { 'content-length': '0777' })) },
    wanted: 'present planned 0 null',
    steps: [head],
  },
  {
    title: 'two Content-Length headers',
    holds: 'ours',
    answers: {
      [head]: () => raw(200, { ...manifestHead(ours), 'content-length': ['7', '8'] }),
    },
    wanted: 'unreachable planned 6 protocol',
    steps: 5,
  },
];

const publishing: readonly Row[] = [
  ...[403, 404, 405, 501].map(
    (status): Row => ({
      title: `a proxy that answers every HEAD of a manifest with ${status}`,
      mode: 'ensure',
      answers: { [head]: raw(status) },
      wanted: 'absent published 0 null',
      steps: 12,
    }),
  ),
  {
    title: 'a proxy that serves stale copies unless the request forbids it',
    mode: 'ensure',
    answers: { [head]: staleUnlessAsked, [get]: staleUnlessAsked },
    wanted: 'absent published 0 null',
    steps: 8,
  },
  {
    title: 'a proxy that always serves stale copies, so that nothing proves the push',
    mode: 'ensure',
    answers: { [head]: raw(404), [get]: rawError(404, 'MANIFEST_UNKNOWN') },
    wanted: 'absent failed 4 race-lost',
    steps: 14,
  },
  {
    title: '409 at the PUT, after another writer pushed the same bytes',
    mode: 'ensure',
    answers: { 'PUT manifest': { done: rawError(409, 'CONFLICT', 'the tag is being written') } },
    wanted: 'absent published 0 null',
    steps: 10,
  },
  {
    title: '413 at the PUT of a manifest',
    mode: 'ensure',
    answers: { 'PUT manifest': rawError(413, 'SIZE_INVALID', 'manifests of at most 100 bytes are taken') },
    wanted: 'absent failed 6 too-large',
    steps: 8,
    says: /SIZE_INVALID manifests of at most 100 bytes are taken, to a body of \d+ bytes/,
  },
  {
    title: '413 at an upload, from the limit of a proxy',
    mode: 'ensure',
    answers: {
      'POST uploads': raw(
        413,
        { ...page, server: 'nginx/1.22.1' },
        '<html><head><title>413 Request Entity Too Large</title></head></html>',
      ),
    },
    wanted: 'absent failed 6 too-large',
    steps: 6,
    says: /to a body of \d+ bytes, from nginx\/1\.22\.1 \("413 Request Entity Too Large"\)[\s\S]*client_max_body_size/,
  },
  {
    title: 'a storage quota reported as 429',
    mode: 'ensure',
    answers: { 'POST uploads': rawError(429, 'DENIED', 'the storage quota of acme is exceeded') },
    wanted: 'absent failed 5 quota',
    steps: 4,
    says: /the storage quota of acme is exceeded/,
  },
  {
    title: '403 at an upload to a read-only registry',
    mode: 'ensure',
    guarded: true,
    credential: true,
    answers: {
      'POST uploads': ({ headers }) =>
        headers.authorization ? rawError(403, 'DENIED', 'registry is in read-only mode') : 'pass',
    },
    wanted: 'absent failed 5 read-only',
    steps: 10,
    says: /read-only/,
  },
  {
    title: 'a challenge only at the upload, without a credential',
    mode: 'ensure',
    fallback: true,
    answers: {
      'POST uploads': ({ url }) =>
        rawError(401, 'UNAUTHORIZED', 'authentication required', {
          'www-authenticate': `Bearer realm="${url}/token",service="model"`,
        }),
    },
    wanted: 'denied fallback 0 no-credential',
    steps: 8,
  },
];

/** What a registry reports of a token that is no longer good. */
function revoked({ url, headers }: RawContext): RawAnswer {
  if (!headers.authorization) return 'pass';
  const challenge = `Bearer realm="${url}/token",service="model",error="invalid_token"`;
  const description = 'error_description="the session was revoked by an administrator"';
  return raw(401, { 'www-authenticate': `${challenge},${description}` });
}

function staleUnlessAsked({ headers }: RawContext): RawAnswer {
  return headers['cache-control'] === 'no-cache' ? 'pass' : rawError(404, 'MANIFEST_UNKNOWN');
}

/** To an object store, at another name of this machine. */
function elsewhere(url: string): Buffer {
  return raw(307, { location: `${url.replace('127.0.0.1', 'localhost')}/bucket/blob?signature=s` });
}

function expired(): Buffer {
  return raw(403, { 'content-type': 'application/xml' }, '<Error><Code>AccessDenied</Code></Error>');
}

test.concurrent.each([...reading, ...publishing])('$title', play);

test.each([['list'], ['inspect'], ['ensure', '--no-push', '--no-fallback'], ['check', '--no-fallback']])(
  '%s --timeout bounds the whole of an answer whose body never ends',
  async (command, ...flags) => {
    const dripping = { drip: Buffer.from('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{') };
    await using registry = await startRawRegistry({ [head]: raw(405), [get]: dripping });
    await using project = sampleProject({ repository: `${registry.host}/acme` });
    const subject = ['list', 'inspect'].includes(command)
      ? [`${registry.host}/acme/alpha:v1.0.0`]
      : ['--config', project.config];
    const words = [command, ...subject, ...flags, '--timeout', '3'];
    expect((await runInProcess(words, { clock: createFastClock(10) })).code).toBe(6);
  },
);

test('docs/reference/registry-answers.md lists every row of this table, and no other', () => {
  const text = readFileSync(new URL('../../docs/reference/registry-answers.md', import.meta.url), 'utf8');
  const listed = text.split('\n').filter((line) => /^\| (?!answer |---)/.test(line));
  expect(listed).toEqual([...reading, ...publishing].map(inWords));
});

function inWords({ title, mode = 'check', wanted, steps }: Row): string {
  const [verdict, outcome, code, reason] = wanted.split(' ');
  const requests = typeof steps === 'number' ? `at most ${steps}` : String(steps.length);
  const shown = mode === 'check' ? '' : outcome;
  const cells = [
    title,
    `\`${mode}\``,
    verdict,
    shown,
    code,
    reason === 'null' ? '' : `\`${reason}\``,
    requests,
  ];
  return `| ${cells.join(' | ').replaceAll('|  |', '| |')} |`;
}

/**
 * Pauses cost nothing, and no patience ends: this test is about answers. What spaces requests out, at most a second, ends by an
 * alarm too.
 */
const untimed: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
  alarm: (ms, ring) => (ms <= 1_000 ? systemClock.alarm(Math.min(ms, 5), ring) : () => undefined),
};

async function play(row: Row): Promise<void> {
  const { answers, holds, mode = 'check', fallback = false, guarded = false, credential = false } = row;
  await using registry = await startRawRegistry(answers, { guarded, singlePost: true });
  if (holds) holdImage(registry.model, holds === 'ours' ? ours : other);
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await lockOffline(project);
  const words = [mode, '--config', project.config, ...(fallback ? [] : ['--no-fallback'])];
  const environment = credential ? credentials(registry.host, 'robot', 's3cret') : {};
  const { bundle, code, stdout, stderr } = await runJson(words, { environment, clock: untimed });
  const { verdict, outcome, reason, error, warnings } = bundle;
  expect(`${verdict} ${mode === 'check' ? 'planned' : outcome} ${code} ${reason}`).toBe(row.wanted);
  if (typeof row.steps === 'number') expect(registry.steps.length).toBeLessThanOrEqual(row.steps);
  else expect(registry.steps).toEqual(row.steps);
  const text = [error?.message, error?.hint, ...warnings].join('\n');
  if (row.says) expect(text).toMatch(row.says);
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|^::/m);
  expect(registry.steps.filter((step) => step === 'PUT manifest').length).toBeLessThanOrEqual(2);
}

/** The image with another manifest; its blobs stay. */
function withManifest(image: Image, mediaType: string, value: object): Image {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  return { ...image, manifest: { bytes, descriptor } };
}

const manifestOf = (image: Image) => JSON.parse(new TextDecoder().decode(image.manifest.bytes));
const sent = (image: Image) => raw(200, manifestHead(image), image.manifest.bytes);

function toOci(): Image {
  const text = JSON.stringify(manifestOf(ours))
    .replaceAll(mediaTypes.dockerManifest, mediaTypes.ociManifest)
    .replaceAll(mediaTypes.dockerConfig, mediaTypes.ociConfig)
    .replaceAll(mediaTypes.dockerLayerGzip, mediaTypes.ociLayerGzip);
  return withManifest(ours, mediaTypes.ociManifest, JSON.parse(text) as object);
}

function schema1(): Image {
  const value = { schemaVersion: 1, name: 'acme/alpha', tag: 'v1.0.0', fsLayers: [], history: [] };
  return withManifest(ours, 'application/vnd.docker.distribution.manifest.v1+prettyjws', value);
}

function ambiguous(mediaType: string): Image {
  const manifests = [ours.manifest.descriptor];
  return withManifest(ours, mediaType, { ...manifestOf(ours), mediaType, manifests });
}
