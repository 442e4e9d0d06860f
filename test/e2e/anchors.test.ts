import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Fault, on } from '../../src/testing/fault.js';
import { answer, refuse } from '../../src/testing/faults/answers.js';
import { loseReply } from '../../src/testing/faults/connection.js';
import { dropManifest } from '../../src/testing/faults/writers.js';
import { type StartFaultyRegistryOptions, startFaultyRegistry } from '../../src/testing/faulty-registry.js';
import {
  credentials,
  type InProcessOptions,
  runInProcess,
  runJson,
} from '../support/program/run-in-process.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const types = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
].join(', ');

/** A registry on sockets whose tags `v1.0.0` and `stable` hold other content than the project `alpha` gives. */
async function fixture(options: StartFaultyRegistryOptions = {}) {
  const users = { robot: { password: 's3cret-word', may: 'push' } } as const;
  const late: Fault[] = [];
  const guard: Fault = (request, next, stage) =>
    late.reduceRight<typeof next>((inner, fault) => (one) => fault(one, inner, stage), next)(request);
  const registry = await startFaultyRegistry({ users, faults: [guard], ...options });
  const { host } = registry;
  const run: InProcessOptions = { environment: credentials(host, 'robot', 's3cret-word') };
  const project = sampleProject({
    repository: `${host}/acme`,
    workflow: false,
    settings: ['moving: [stable]'],
  });
  project.write('old.yaml', samplePipeline('old'));
  project.write('new.yaml', samplePipeline('new'));
  const push = async (tag: string) => {
    const words = [
      'push',
      `${host}/acme/alpha:${tag}`,
      '-f',
      join(project.directory, 'old.yaml'),
      '-o',
      'json',
    ];
    const ran = await runInProcess(words, run);
    if (ran.code !== 0) throw new Error(ran.stderr);
    return (JSON.parse(ran.stdout) as { digest: string }).digest;
  };
  const old = await push('v1.0.0');
  await push('stable');
  registry.requests.length = 0;
  return {
    ...registry,
    project,
    run,
    old,
    late,
    newer: join(project.directory, 'new.yaml'),
    anchor: `v1.0.0-${old.slice(7, 19)}`,
    reference: (tag: string) => `${host}/acme/alpha:${tag}`,
    /** What the registry gives for a tag or a digest, profile included. */
    async digestOf(name: string) {
      const authorization = `Basic ${Buffer.from('robot:s3cret-word').toString('base64')}`;
      const request = new Request(`http://x/v2/acme/alpha/manifests/${name}`, {
        method: 'HEAD',
        headers: { accept: types, authorization },
      });
      return (await registry.content(request)).headers.get('docker-content-digest');
    },
    writes: () =>
      registry.requests
        .filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/'))
        .map(({ path }) => path.replace(/^.*\/manifests\//, '')),
    ensure: (...words: string[]) =>
      runJson(['ensure', 'alpha', '--config', project.config, '--on-different', 'overwrite', ...words], run),
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry.stop();
    },
  };
}

test.each(['distribution', 'quay', 'harbor', 'gitlab', 'ghcr', 'zot-compat'] as const)(
  'ensure keeps what it overwrites on %s, and a second run sends one HEAD for each tag',
  async (profile) => {
    await using given = await fixture({ profile });
    const { bundle, code } = await given.ensure();
    expect([code, bundle.outcome, bundle.error]).toEqual([0, 'published', null]);
    expect(bundle.replaced).toEqual({ digest: given.old, anchor: given.anchor, answers: true });
    expect(given.writes()).toEqual([
      given.anchor,
      'v1.0.0',
      given.anchor.replace('v1.0.0', 'stable'),
      'stable',
    ]);
    expect(await given.digestOf(given.anchor)).toBe(given.old);
    expect(await given.digestOf('v1.0.0')).toBe(bundle.digest);
    given.requests.length = 0;
    await given.ensure();
    const asked = given.requests.filter(({ path }) => path.includes('/manifests/'));
    // The first of them may meet a challenge.
    expect(new Set(asked.map(({ path }) => path)).size).toBe(2);
    expect(asked.every(({ method }) => method === 'HEAD')).toBe(true);
    expect(asked.length).toBeLessThanOrEqual(3);
  },
);

test('the anchor costs a look, the old manifest, a PUT and its proof', async () => {
  await using given = await fixture({ users: {} });
  const plain = await given.ensure('--no-keep-old');
  await using other = await fixture({ users: {} });
  const kept = await other.ensure();
  // Without an anchor, the old digest itself is asked for afterwards.
  expect(kept.bundle.requests).toBe(plain.bundle.requests + 4 - 1 + 4);
});

test.each([
  ['quay', false],
  ['distribution', true],
] as const)(
  'without an anchor the result states whether %s still gives the old digest: %s',
  async (profile, answers) => {
    await using given = await fixture({ profile });
    await runInProcess(['push', given.reference('stable'), '-f', given.newer], given.run);
    const { bundle } = await given.ensure('--no-keep-old');
    expect(bundle.replaced).toEqual({ digest: given.old, anchor: null, answers });
    expect(given.writes()).toEqual(['stable', 'v1.0.0', 'stable']);
    expect((await given.ensure()).bundle).toMatchObject({ outcome: 'reused', replaced: null });
  },
);

test.each([
  ['refused', on({ method: 'PUT', path: /-[a-f0-9]{12}$/ }, refuse(403, 'DENIED', 'no such tags here'))],
  ['not stored', on({ method: 'PUT', path: /-[a-f0-9]{12}$/ }, dropManifest())],
] as const)('an anchor that is %s leaves every tag as it is', async (_, fault) => {
  await using given = await fixture();
  given.late.push(fault);
  const { bundle, code } = await given.ensure('--no-fallback');
  expect([code, bundle.outcome, bundle.error?.code]).toEqual([4, 'failed', 'ANCHOR_FAILED']);
  expect(bundle.error?.details).toMatchObject({ tag: 'v1.0.0', anchor: given.anchor, digest: given.old });
  const copied = await runJsonOf(['copy', given.reference('v1.0.0'), given.reference('stable')], given.run);
  expect(copied.code).toBe(0);
  const pushed = await runJsonOf(
    ['push', given.reference('v1.0.0'), '-f', given.newer, '--keep-old'],
    given.run,
  );
  expect([pushed.code, pushed.document.error.code]).toEqual([4, 'ANCHOR_FAILED']);
  await runInProcess(['push', given.reference('next'), '-f', given.newer], given.run);
  const moved = await runJsonOf(['copy', given.reference('next'), given.reference('stable')], given.run);
  expect([moved.code, moved.document.error.code]).toEqual([4, 'ANCHOR_FAILED']);
  for (const tag of ['v1.0.0', 'stable']) expect(await given.digestOf(tag)).toBe(given.old);
});

test('an anchor that holds another digest when it is read back leaves the tag as it is', async () => {
  await using given = await fixture();
  const headers = {
    'content-type': 'application/vnd.docker.distribution.manifest.v2+json',
    'docker-content-digest': `sha256:${'0'.repeat(64)}`,
    'content-length': '500',
  };
  given.late.push(on({ method: 'HEAD', path: /-[a-f0-9]{12}$/ }, answer(200, { headers })));
  expect((await given.ensure()).bundle.error?.code).toBe('ANCHOR_FAILED');
  expect(await given.digestOf('v1.0.0')).toBe(given.old);
});

test('a reply that is lost while the anchor is put costs a look, not the tag', async () => {
  await using given = await fixture();
  given.late.push(on({ method: 'PUT', path: /-[a-f0-9]{12}$/, nth: 1 }, loseReply()));
  const { bundle } = await given.ensure();
  expect([bundle.outcome, bundle.error]).toEqual(['published', null]);
  expect(await given.digestOf(given.anchor)).toBe(given.old);
});

test('a registry with immutable tags refuses the overwrite after the anchor, and nothing is lost', async () => {
  await using given = await fixture({ immutableTags: true });
  const { bundle, code } = await given.ensure();
  expect([code, bundle.error?.code]).toEqual([4, 'TAG_IMMUTABLE']);
  expect(await given.digestOf('v1.0.0')).toBe(given.old);
  expect(await given.digestOf(given.anchor)).toBe(given.old);
});

test.each([
  ['quay', false],
  ['distribution', true],
] as const)('push on %s tells whether the old digest still answers: %s', async (profile, answers) => {
  await using given = await fixture({ profile });
  const plain = await runJsonOf(['push', given.reference('v1.0.0'), '-f', given.newer], given.run);
  expect(plain.document).toMatchObject({ previous: given.old, anchor: null });
  // The tag `stable` still holds it.
  expect(plain.document.previousAnswers).toBe(true);
  const last = await runJsonOf(['push', given.reference('stable'), '-f', given.newer], given.run);
  expect(last.document).toMatchObject({ previous: given.old, anchor: null, previousAnswers: answers });
});

test('push --keep-old anchors what it leaves; promote and copy do unless disabled', async () => {
  await using given = await fixture({ profile: 'quay' });
  const kept = await runJsonOf(
    ['push', given.reference('v1.0.0'), '-f', given.newer, '--keep-old'],
    given.run,
  );
  expect(kept.document).toMatchObject({ anchor: given.anchor, previous: given.old, previousAnswers: true });
  const moved = await runJsonOf(['copy', given.reference('v1.0.0'), given.reference('stable')], given.run);
  const stable = `stable-${given.old.slice(7, 19)}`;
  expect(moved.document.tags).toMatchObject([{ action: 'moved', previous: given.old, anchor: stable }]);
  const back = ['copy', given.reference(given.anchor), given.reference('stable'), '--no-keep-old'];
  expect((await runJsonOf(back, given.run)).document.tags).toMatchObject([{ action: 'moved', anchor: null }]);
  await given.ensure('--no-keep-old');
  const promote = [
    'promote',
    '--config',
    given.project.config,
    '--to',
    `${given.host}/acme`,
    '--tag',
    'stable',
  ];
  const promoted = await runJsonOf(promote, given.run);
  expect(promoted.document.bundles[0].copy.tags).toMatchObject([{ action: 'unchanged' }]);
});

test('push --no-overwrite does not overwrite what appears while the blobs are sent', async () => {
  await using given = await fixture();
  let raced = false;
  given.late.push(async (request, next) => {
    if (request.method === 'POST' && !raced) {
      raced = true;
      const held = await given.content(
        new Request('http://x/v2/acme/alpha/manifests/v1.0.0', { headers: { accept: types } }),
      );
      const body = await held.arrayBuffer();
      const headers = { 'content-type': held.headers.get('content-type') ?? '' };
      const put = { method: 'PUT', body, headers };
      await given.content(new Request('http://x/v2/acme/alpha/manifests/fresh', put));
    }
    return next(request);
  });
  const words = ['push', given.reference('fresh'), '-f', given.newer, '--no-overwrite'];
  const refused = await runJsonOf(words, given.run);
  expect([refused.code, refused.document.error.code]).toEqual([4, 'TAG_DIFFERS']);
  expect(await given.digestOf('fresh')).toBe(given.old);
});

interface Document {
  // biome-ignore lint/suspicious/noExplicitAny: each command prints JSON of another shape, and the tests assert single keys
  readonly document: any;
  readonly code: number;
}

async function runJsonOf(words: readonly string[], options: InProcessOptions): Promise<Document> {
  const ran = await runInProcess([...words, '-o', 'json'], options);
  return { code: ran.code, document: JSON.parse(ran.stdout) };
}
