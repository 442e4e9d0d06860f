import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { credentials } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const task = (name: string) =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {steps: [{name: a, image: busybox}]}\n`;
const writes = ({ seen }: GuardedRegistry) => seen.filter(({ method }) => !['GET', 'HEAD'].includes(method));

async function files() {
  const project = sampleProject({ repository: 'registry.invalid/acme' });
  project.write('one.yaml', samplePipeline('one'));
  project.write('two.yaml', task('two'));
  project.write('three.yaml', task('three'));
  return Object.assign(project, { at: (name: string) => join(project.directory, name) });
}

async function manifestAt(registry: GuardedRegistry, path: string) {
  const accept = 'application/vnd.docker.distribution.manifest.v2+json';
  const request = new Request(`http://${registry.host}/v2/${path}`, { headers: { accept } });
  const response = await registry.inner(request);
  return {
    status: response.status,
    digest: response.headers.get('docker-content-digest'),
    body: (await response.json()) as {
      annotations?: Record<string, string>;
      config: { digest: string };
      layers: { annotations: Record<string, string> }[];
    },
  };
}

good(
  'push',
  "tkn's own arguments give tkn's own lines, and the manifest they ask for",
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry();
    await using given = await files();
    const ran = await inProcess([
      `${registry.host}/acme/many:v1`,
      '-f',
      `${given.at('one.yaml')},${given.at('two.yaml')}`,
      '-f',
      given.at('three.yaml'),
      '--annotate',
      'team=blue,tier=1',
      '--annotate',
      '"note=a, b"',
      '--label',
      'quay.expires-after=1w',
    ]);
    expect(ran.stdout).toMatch(
      /^Creating Tekton Bundle:\n(?:\t- Added \w+: [\w-]+ to image\n){3}\nPushed Tekton Bundle to /,
    );
    expect(ran.stdout).toContain('\t- Added Pipeline: workflow to image\n');
    const { digest, body } = await manifestAt(registry, 'acme/many/manifests/v1');
    expect(ran.stdout).toContain(`Pushed Tekton Bundle to ${registry.host}/acme/many@${digest}\n`);
    expect(body.annotations).toEqual({ team: 'blue', tier: '1', note: 'a, b' });
    expect(body.layers.map(({ annotations }) => annotations['dev.tekton.image.name']).sort()).toEqual([
      'three',
      'two',
      'workflow',
    ]);
    const config = await registry.inner(
      new Request(`http://${registry.host}/v2/acme/many/blobs/${body.config.digest}`),
    );
    expect(await config.json()).toMatchObject({ config: { Labels: { 'quay.expires-after': '1w' } } });
  },
);

good('push', 'standard input, and the same bytes again send nothing', async ({ spawned }) => {
  await using registry = await startGuardedRegistry();
  const words = [`${registry.host}/acme/piped:v1`, '-f', '-', '--output', 'json'];
  const first = await spawned(words, { input: samplePipeline('piped') });
  const published = JSON.parse(first.stdout) as Record<string, unknown>;
  expect(published).toMatchObject({ outcome: 'published', previous: null, error: null });
  expect(Object.keys(published)).toEqual([
    'version',
    'reference',
    'outcome',
    'digest',
    'previous',
    'anchor',
    'previousAnswers',
    'built',
    'configDigest',
    'objects',
    'requests',
    'warnings',
    'error',
  ]);
  registry.seen.length = 0;
  const second = await spawned(words, { input: samplePipeline('piped') });
  expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'reused', requests: 1 });
  expect(registry.seen.map(({ method }) => method)).toEqual(['HEAD']);
});

good('push', 'over other content it overwrites and prints the old digest', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using given = await files();
  const target = `${registry.host}/acme/moved:v1`;
  await inProcess([target, '-f', given.at('one.yaml')]);
  const before = (await manifestAt(registry, 'acme/moved/manifests/v1')).digest;
  const over = await inProcess([target, '-f', given.at('two.yaml')]);
  expect(over.code).toBe(0);
  expect(over.stderr).toContain(`${target} was ${before} before: `);
  expect((await manifestAt(registry, 'acme/moved/manifests/v1')).digest).not.toBe(before);
});

good('push', 'a reference by our own digest', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using given = await files();
  const built = await inProcess([`${registry.host}/acme/a:v1`, '-f', given.at('one.yaml'), '-o', 'json']);
  const { digest } = JSON.parse(built.stdout) as { digest: string };
  const ran = await inProcess([`${registry.host}/acme/b@${digest}`, '-f', given.at('one.yaml')]);
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(`/acme/b@${digest}`)]);
  expect((await manifestAt(registry, `acme/b/manifests/${digest}`)).status).toBe(200);
});

bad('push', 'a digest that the files do not give, before any request', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using given = await files();
  const target = `${registry.host}/acme/a@sha256:${'0'.repeat(64)}`;
  const ran = await inProcess([target, '-f', given.at('one.yaml')]);
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('error[DIGEST_NOT_OURS]')]);
  expect(registry.seen).toEqual([]);
});

bad('push', 'a reference without a tag, which never means latest', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using given = await files();
  const ran = await inProcess([`${registry.host}/acme/a`, '-f', given.at('one.yaml')]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[REFERENCE_INVALID]')]);
  expect(registry.seen).toEqual([]);
});

bad('push', 'other content under --no-overwrite, and leaves the tag alone', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using given = await files();
  const target = `${registry.host}/acme/kept:v1`;
  await inProcess([target, '-f', given.at('one.yaml')]);
  registry.seen.length = 0;
  const ran = await inProcess([target, '-f', given.at('two.yaml'), '--no-overwrite']);
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('error[TAG_DIFFERS]')]);
  expect(ran.stderr).not.toContain('--on-different');
  expect(writes(registry)).toEqual([]);
});

bad('push', 'a registry that denies: 5, and no fallback', async ({ inProcess }) => {
  const users = {
    robot: { password: 'sesame', may: 'push' },
    reader: { password: 'open', may: 'pull' },
  } as const;
  await using registry = await startGuardedRegistry({ anonymous: 'nothing', users });
  await using given = await files();
  const words = [`${registry.host}/acme/a:v1`, '-f', given.at('one.yaml')];
  for (const environment of [
    {},
    credentials(registry.host, 'robot', 'wrong'),
    credentials(registry.host, 'reader', 'open'),
  ]) {
    const ran = await inProcess(words, { environment });
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([
      5,
      '',
      expect.stringContaining('error[REGISTRY_DENIED]'),
    ]);
  }
  expect(writes(registry).filter(({ method }) => method === 'PUT' || method === 'PATCH')).toEqual([]);
  const allowed = await inProcess(words, { environment: credentials(registry.host, 'robot', 'sesame') });
  expect(allowed.code).toBe(0);
});

good('push', 'a repository that the registry hides until somebody may push', async ({ inProcess }) => {
  const users = { robot: { password: 'sesame', may: 'push' } } as const;
  await using registry = await startGuardedRegistry({ anonymous: 'pull', users, hideMissing: true });
  await using given = await files();
  const environment = credentials(registry.host, 'robot', 'sesame');
  const words = [`${registry.host}/acme/new:v1`, '-f', given.at('one.yaml')];
  expect((await inProcess(words, { environment })).code).toBe(0);
});

bad('push', 'a registry that is not there: 6', async ({ inProcess }) => {
  await using given = await files();
  const ran = await inProcess(['127.0.0.1:1/acme/a:v1', '-f', given.at('one.yaml'), '--output', 'json']);
  expect(ran.code).toBe(6);
  expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'REGISTRY_UNREACHABLE' } });
});

bad(
  'push',
  'nothing to push, a pair without a value, an empty standard input',
  async ({ inProcess, spawned }) => {
    await using given = await files();
    const one = given.at('one.yaml');
    const target = '127.0.0.1:1/acme/a:v1';
    for (const words of [[], ['-f', one, '--annotate', 'x'], ['-f', one, '--ctime', 'soon']]) {
      const ran = await inProcess([target, ...words]);
      expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
    }
    const empty = await spawned([target, '-f', '-'], { input: '' });
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  },
);

good('push', 'a directory means the files in it', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha'] });
  const folder = join(project.directory, 'pipelines');
  const digests = [];
  for (const [tag, file] of [
    ['a', folder],
    ['b', join(folder, 'alpha.yaml')],
  ]) {
    const ran = await inProcess([`${registry.host}/acme/dir:${tag}`, '-f', file ?? '', '-o', 'json']);
    digests.push((JSON.parse(ran.stdout) as { digest: string }).digest);
  }
  expect(digests[0]).toBe(digests[1]);
  const empty = await inProcess([`${registry.host}/acme/dir:c`, '-f', join(folder, '..', 'nothing')]);
  expect(empty.code).toBe(7);
});
