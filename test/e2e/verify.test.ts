import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { VerifyResult } from '../../src/ensure/verify/verify-result.js';
import { serveDataStorage } from '../support/catalog/served-data-storage.js';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushParts, talkTo } from '../support/registry/registry-requests.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';

interface World {
  readonly registry: GuardedRegistry;
  readonly project: SampleProject;
  /** Changes a file of the project by its text. */
  edit(path: string, change: (text: string) => string): void;
}

/** A project that was published and recorded, with a moving tag and a pinned image, of which everything holds. */
async function world(): Promise<World & AsyncDisposable> {
  const registry = await startGuardedRegistry();
  const talk = talkTo(registry.inner);
  await talk.pushManifest('tools/a', '1', await pushParts(talk, 'tools/a'));
  const settings = ['moving: [latest]', 'pin: true'];
  const project = sampleProject({ repository: `${registry.host}/acme`, settings });
  const edit: World['edit'] = (path, change) => {
    const file = join(project.directory, path);
    const text = readFileSync(file, 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(file, change(text));
  };
  edit('pipelines/alpha.yaml', (text) =>
    text.replace('docker.io/library/busybox:1.36', `${registry.host}/tools/a:1`),
  );
  const ran = await runInProcess(['ensure', '--config', project.config]);
  expect(ran.code).toBe(0);
  registry.seen.length = 0;
  return {
    registry,
    project,
    edit,
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

async function verify(project: SampleProject, ...words: string[]) {
  const ran = await runInProcess(['verify', '--config', project.config, '--output', 'json', ...words]);
  const result = JSON.parse(ran.stdout) as VerifyResult;
  const [bundle] = result.bundles;
  const drifted = bundle?.links.filter(({ state }) => state !== 'ok' && state !== 'skipped') ?? [];
  return { code: ran.code, result, bundle, drifted: drifted.map(({ link, reason }) => `${link}: ${reason}`) };
}

const deleteManifest = async ({ registry }: World, path: string) => {
  const answer = await talkTo(registry.inner).send('DELETE', path);
  expect(answer.status).toBe(202);
};

/** Each drift alone, with the links that must name it and the exit status. */
const drifts: readonly [string, (world: World) => void | Promise<void>, string[], number, string[]?][] = [
  ['nothing', () => undefined, [], 0],
  [
    'a source file changed',
    ({ edit }) => edit('pipelines/alpha.yaml', (text) => text.replace('echo alpha', 'echo other')),
    ['sources: changed'],
    4,
  ],
  [
    'a comment in a source changed',
    ({ edit }) => edit('pipelines/alpha.yaml', (text) => `# new\n${text}`),
    ['sources: changed'],
    4,
  ],
  [
    'a label was declared',
    ({ edit }) =>
      edit('bundles.yaml', (text) =>
        text.replace('    workflow:', '    labels: {team: blue}\n    workflow:'),
      ),
    ['sources: changed'],
    4,
  ],
  [
    'another tag was declared',
    ({ edit }) => edit('bundles.yaml', (text) => text.replace('tag: v1.0.0', 'tag: v1.0.1')),
    ['lock: reference', 'registry: absent', 'schema: lock'],
    4,
  ],
  [
    'the lock is gone',
    ({ project }) => rmSync(join(project.directory, 'bundles.lock')),
    ['lock: missing'],
    4,
  ],
  [
    'the lock names another digest',
    ({ edit }) =>
      edit('bundles.lock', (text) =>
        text.replace(/ {4}digest: sha256:[a-f0-9]{64}/, `    digest: sha256:${'0'.repeat(64)}`),
      ),
    ['registry: digest-absent', 'moving: moved', 'schema: lock'],
    4,
  ],
  [
    'the lock pins another image',
    ({ edit }) =>
      edit('bundles.lock', (text) =>
        text.replace(/(tools\/a:1": sha256:)[a-f0-9]{64}/, `$1${'0'.repeat(64)}`),
      ),
    ['sources: changed'],
    4,
  ],
  [
    'a schema file was edited',
    ({ edit }) => edit('schemas/alpha-workflow-schema.yaml', (text) => text.replace('A test', 'Edited')),
    ['schema: file'],
    4,
  ],
  [
    'a schema file is gone',
    ({ project }) => rmSync(join(project.directory, 'schemas/alpha-workflow-schema.yaml')),
    ['schema: file'],
    4,
  ],
  [
    'the tag holds other content',
    async ({ registry, project }) => {
      const file = join(project.directory, 'other.yaml');
      writeFileSync(file, samplePipeline('other'));
      const ran = await runInProcess(['push', `${registry.host}/acme/alpha:v1.0.0`, '-f', file]);
      expect(ran.code).toBe(0);
    },
    ['registry: different'],
    4,
  ],
  [
    'a moving tag points elsewhere',
    async ({ registry, project }) => {
      const file = join(project.directory, 'other.yaml');
      writeFileSync(file, samplePipeline('other'));
      await runInProcess(['push', `${registry.host}/acme/alpha:latest`, '-f', file]);
    },
    ['moving: moved'],
    4,
  ],
  [
    'the tag is gone',
    async (world) => {
      await deleteManifest(world, '/v2/acme/alpha/manifests/v1.0.0');
    },
    ['registry: absent'],
    3,
  ],
  [
    'a blob is gone',
    async (world) => {
      const talk = talkTo(world.registry.inner);
      const accept = 'application/vnd.docker.distribution.manifest.v2+json';
      const { text } = await talk.send('GET', '/v2/acme/alpha/manifests/v1.0.0', { headers: { accept } });
      await deleteManifest(world, `/v2/acme/alpha/blobs/${JSON.parse(text).layers[0].digest}`);
    },
    ['blobs: damaged'],
    4,
    ['--deep'],
  ],
  [
    'a pinned image is gone',
    async (world) => {
      const talk = talkTo(world.registry.inner);
      const accept = 'application/vnd.oci.image.manifest.v1+json';
      const { headers } = await talk.send('HEAD', '/v2/tools/a/manifests/1', { headers: { accept } });
      await deleteManifest(world, `/v2/tools/a/manifests/${headers.get('docker-content-digest')}`);
    },
    ['images: absent'],
    3,
    ['--deep'],
  ],
  [
    'the registry answers 500',
    ({ registry }) => {
      registry.intercept = () => new Response('', { status: 500 });
    },
    ['registry: unreachable', 'moving: unreachable'],
    6,
    ['--timeout', '1'],
  ],
  [
    'the registry denies',
    ({ registry }) => {
      registry.intercept = () =>
        Response.json({ errors: [{ code: 'DENIED', message: 'no' }] }, { status: 403 });
    },
    ['registry: denied', 'moving: denied'],
    5,
  ],
];

test.each(drifts)('verify names the link that drifted: %s', async (_, drift, links, code, words = []) => {
  await using given = await world();
  await drift(given);
  const { drifted, code: found, bundle } = await verify(given.project, ...words);
  expect([drifted, found]).toEqual([links, code]);
  expect(bundle?.error).toBeNull();
});

good('verify', 'one HEAD for each tag, and everything holds', async ({ inProcess }: CommandRunner) => {
  await using given = await world();
  const ran = await inProcess(['--config', given.project.config]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.stdout).toMatch(/^✓ alpha {2}ok {2}[a-f0-9]{12}\n\n1 bundle in [\d.]+ m?s, 2 requests: 1 ok\n$/);
  expect(given.registry.seen.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'HEAD /v2/acme/alpha/manifests/latest',
    'HEAD /v2/acme/alpha/manifests/v1.0.0',
  ]);
  const deep = await inProcess(['--config', given.project.config, '--deep', '--frozen']);
  expect(deep.code).toBe(0);
});

good('verify', 'the JSON document', async ({ inProcess }) => {
  await using given = await world();
  const ran = await inProcess(['alpha', '--config', given.project.config, '--offline', '-o', 'json']);
  const result = JSON.parse(ran.stdout) as VerifyResult;
  const digest = result.bundles[0]?.digest;
  const ok = { state: 'ok', reason: null, differences: [] };
  const skipped = { state: 'skipped', reason: 'offline', expected: null, found: null, differences: [] };
  const hash = expect.stringMatching(/^[a-f0-9]{64}$/);
  const reference = `${given.registry.host}/acme/alpha:v1.0.0`;
  expect(result).toEqual({
    version: 1,
    workflows: [],
    bundles: [
      {
        name: 'alpha',
        reference,
        digest,
        state: 'ok',
        links: [
          { link: 'lock', ...ok, expected: reference, found: reference },
          { link: 'sources', ...ok, expected: digest, found: digest },
          { link: 'registry', ...skipped },
          { link: 'moving', ...skipped },
          { link: 'schema', ...ok, expected: hash, found: hash },
        ],
        requests: 0,
        error: null,
      },
    ],
    undeclared: [],
    signatures: [],
    summary: { ok: 1, drift: 0, unknown: 0, failed: 0, requests: 0, durationMs: expect.any(Number) },
    error: null,
  });
  expect(given.registry.seen).toEqual([]);
});

good('verify', 'an equivalent tag holds, unless frozen', async ({ inProcess }) => {
  await using given = await world();
  const talk = talkTo(given.registry.inner);
  const accept = 'application/vnd.docker.distribution.manifest.v2+json';
  const { text } = await talk.send('GET', '/v2/acme/alpha/manifests/v1.0.0', { headers: { accept } });
  await talk.pushManifest('acme/alpha', 'v1.0.0', { ...JSON.parse(text), annotations: {} });
  const ran = await inProcess(['--config', given.project.config, '--offline']);
  expect(ran.code).toBe(0);
  const loose = await verify(given.project);
  const [, , registry] = loose.bundle?.links ?? [];
  expect([loose.code, registry?.state, registry?.found === registry?.expected]).toEqual([0, 'ok', false]);
  expect(await verify(given.project, '--frozen')).toMatchObject({
    code: 4,
    drifted: ['registry: equivalent'],
  });
});

bad('verify', 'every drift at once, a line each', async ({ inProcess }) => {
  await using given = await world();
  given.edit('pipelines/alpha.yaml', (text) => text.replace('hello', 'goodbye'));
  given.edit('schemas/alpha-workflow-schema.yaml', (text) => `${text}# more\n`);
  await deleteManifest(given, '/v2/acme/alpha/manifests/v1.0.0');
  const ran = await inProcess(['--config', given.project.config]);
  expect(ran.code).toBe(4);
  expect(ran.stdout).toMatch(
    /^✗ alpha {2}drift {2}sources changed: wanted [0-9a-f]{12}, found [0-9a-f]{12}\n/,
  );
  expect(ran.stdout).toMatch(/^ {16}pipeline workflow changed$/m);
  expect(ran.stdout).toMatch(/^ {16}registry absent$/m);
  expect(ran.stdout).toMatch(/^ {16}schema \w+/m);
  given.project.write('pipelines/alpha.yaml', 'kind: [');
  const broken = await inProcess(['--config', given.project.config]);
  expect([broken.code, broken.stdout]).toEqual([7, expect.stringContaining('error[YAML_INVALID]')]);
  expect((await inProcess(['beta', '--config', given.project.config])).code).toBe(2);
});

bad('verify', 'undeclared entries of the lock, when frozen', async ({ inProcess }) => {
  await using given = await world();
  given.edit('bundles.lock', (text) => {
    const [head = '', entry = ''] = text.split(/(?<=bundles:\n)/);
    return head + entry + entry.replace('  alpha:', '  gone:').replaceAll('acme/alpha', 'acme/gone');
  });
  expect(await verify(given.project, '--offline')).toMatchObject({
    code: 0,
    result: { undeclared: ['gone'] },
  });
  const ran = await inProcess(['--config', given.project.config, '--offline', '--frozen']);
  expect([ran.code, ran.stdout]).toEqual([4, expect.stringContaining('not declared: gone')]);
  expect((await inProcess(['--config', given.project.config, '--lock', given.project.config])).code).toBe(2);
});

good('verify', 'the catalog, where one is declared, is the last link', async ({ inProcess }) => {
  await using given = await world();
  await using catalog = await serveDataStorage();
  const links = async (...words: string[]) => {
    const { code, bundle, drifted } = await verify(given.project, '--catalog', catalog.url, ...words);
    return [code, bundle?.links.at(-1)?.state, drifted];
  };
  expect(await links()).toEqual([3, 'drift', ['catalog: absent']]);
  const registered = await runInProcess([
    'register',
    '--config',
    given.project.config,
    '--catalog',
    catalog.url,
  ]);
  expect(registered.code).toBe(0);
  expect(await links()).toEqual([0, 'ok', []]);
  expect(await links('--offline')).toEqual([0, 'skipped', []]);
  given.edit('pipelines/alpha.yaml', (text) => text.replace('default: hello', 'default: bye'));
  await runInProcess(['ensure', 'alpha', '--config', given.project.config, '--on-different', 'overwrite']);
  expect(await links()).toEqual([8, 'drift', ['catalog: different']]);
  await catalog[Symbol.asyncDispose]();
  expect((await links('--timeout', '1'))[2]).toEqual(['catalog: unreachable']);
  expect((await inProcess(['--config', given.project.config])).code).toBe(0);
});
