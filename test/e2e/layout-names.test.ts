import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOf } from '../../src/oci/digest.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const digest = `sha256:${'5'.repeat(64)}`;
/** What skopeo and podman write as `org.opencontainers.image.ref.name`, and what containerd does. */
const names = [
  'v1',
  'hello:8.3',
  'acme/hello:8.3',
  'quay.io/acme/hello:v1.0.0',
  'localhost:5000/acme/hello',
  'hello@1.0',
  'a+b--c',
  `quay.io/acme/hello@${digest}`,
  `hello:v2@${digest}`,
];

async function layout() {
  const directory = tempDir();
  const registry = await startGuardedRegistry();
  const file = join(directory.path, 'x.yaml');
  for (const [index, tag] of ['one', 'two'].entries()) {
    writeFileSync(file, samplePipeline(tag));
    await runInProcess(['push', `${registry.host}/acme/x:${tag}`, '-f', file]);
    await runInProcess(['copy', `${registry.host}/acme/x:${tag}`, `oci:${directory.path}/l:t${index}`]);
  }
  return {
    path: join(directory.path, 'l'),
    directory: directory.path,
    host: registry.host,
    /** Names the first image as another program would. */
    name(name: string) {
      const index = join(directory.path, 'l', 'index.json');
      const document = JSON.parse(readFileSync(index, 'utf8'));
      const [first] = document.manifests;
      first.annotations = { 'org.opencontainers.image.ref.name': name };
      writeFileSync(index, JSON.stringify(document));
      return first.digest as string;
    },
    async [Symbol.asyncDispose]() {
      await directory[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

test.each(names)('every command finds the image that a layout calls %s', async (name) => {
  await using given = await layout();
  const wanted = given.name(name);
  const place = `oci:${given.path}:${name}`;
  const out = join(given.directory, 'out');
  for (const words of [
    ['list', place],
    ['inspect', place],
    ['diff', place, `oci:${given.path}@${wanted}`],
    ['explain', place],
    ['export', place, '--format', 'oci-archive', '--to', out],
    ['copy', place, `${given.host}/acme/copy:v1`],
  ]) {
    const ran = await runInProcess([...words, '-o', 'json']);
    expect([words[0], ran.code, ran.stdout.includes(wanted)]).toEqual([words[0], 0, true]);
  }
});

test.each(names.slice(0, 7))(
  'copy gives an image in a layout the name %s, and it is found by it',
  async (name) => {
    await using given = await layout();
    const [from, to] = [`${given.host}/acme/x:two`, `oci:${given.path}:${name}`];
    const copied = await runInProcess(['copy', from, to, '-o', 'json']);
    const { digest: put, tags } = JSON.parse(copied.stdout) as { digest: string; tags: { tag: string }[] };
    expect([copied.code, tags.map(({ tag }) => tag)]).toEqual([0, [name]]);
    const listed = await runInProcess(['list', to, '-o', 'json']);
    expect(JSON.parse(listed.stdout).digest).toBe(put);
    const index = JSON.parse(readFileSync(join(given.path, 'index.json'), 'utf8'));
    const found = index.manifests.map((entry: { annotations?: Record<string, string> }) => entry.annotations);
    expect(found).toContainEqual({ 'org.opencontainers.image.ref.name': name });
  },
);

test('where a layout holds several images and none is named, the hint names them by their whole names', async () => {
  await using given = await layout();
  given.name('hello:8.3');
  const ran = await runInProcess(['list', `oci:${given.path}`, '-o', 'json']);
  const { error } = JSON.parse(ran.stdout) as { error: { code: string; details: { tags: string[] } } };
  expect([ran.code, error.code, error.details.tags]).toEqual([2, 'REFERENCE_INVALID', ['hello:8.3', 't1']]);
  const missing = JSON.parse(
    (await runInProcess(['list', `oci:${given.path}:hello:8.4`, '-o', 'json'])).stdout,
  );
  expect(missing.error).toMatchObject({ code: 'NOT_FOUND', hint: 'It has hello:8.3, t1' });
});

test('an index and the manifest in it are the same bundle and not one digest', async () => {
  await using given = await layout();
  const inner = given.name('v1');
  const index = join(given.path, 'index.json');
  const document = JSON.parse(readFileSync(index, 'utf8'));
  const { annotations: _, ...descriptor } = document.manifests[0];
  const nested = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...descriptor, platform: { os: 'linux', architecture: 'amd64' } }],
  });
  const outer = digestOf(Buffer.from(nested));
  writeFileSync(join(given.path, 'blobs', 'sha256', outer.slice(7)), nested);
  document.manifests.push({
    mediaType: 'application/vnd.oci.image.index.v1+json',
    digest: outer,
    size: nested.length,
    annotations: { 'org.opencontainers.image.ref.name': 'multi' },
  });
  writeFileSync(index, JSON.stringify(document));
  const diff = async (left: string, right: string) => {
    const ran = await runInProcess([
      'diff',
      `oci:${given.path}:${left}`,
      `oci:${given.path}:${right}`,
      '-o',
      'json',
    ]);
    expect(ran.code).toBe(0);
    return JSON.parse(ran.stdout);
  };
  expect(await diff('multi', 'v1')).toMatchObject({
    same: true,
    identical: false,
    left: { digest: inner, index: outer },
    right: { digest: inner, index: null },
    notes: [expect.stringContaining(outer)],
  });
  expect(await diff('multi', 'multi')).toMatchObject({ same: true, identical: true });
  const shown = await runInProcess(['diff', `oci:${given.path}:multi`, `oci:${given.path}:v1`]);
  expect(shown.stdout).not.toContain('one digest');
});

test('a repository of one letter is refused before anything is sent, with the reason, by every command that publishes', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
  const file = join(project.directory, 'x.yaml');
  project.write('x.yaml', samplePipeline('x'));
  await runInProcess(['push', `${registry.host}/acme/x:v1`, '-f', file]);
  expect((await runJson(['ensure', '--config', project.config])).code).toBe(0);
  registry.seen.length = 0;
  const target = `${registry.host}/a:v1`;
  const one = join(project.directory, 'one.yaml');
  writeFileSync(
    one,
    `version: 1\nrepository: ${registry.host}/acme\ntag: v1\nbundles:\n  a: {files: [x.yaml], reference: ${target}}\n`,
  );
  for (const words of [
    ['push', target, '-f', file],
    ['copy', `${registry.host}/acme/x:v1`, target],
    ['ensure', '--config', one],
    ['check', '--config', one],
  ]) {
    const ran = await runInProcess([...words, '-o', 'json']);
    expect([
      words[0],
      ran.code,
      ran.stdout.includes('REFERENCE_INVALID'),
      ran.stdout.includes('two characters'),
    ]).toEqual([words[0], 2, true, true]);
  }
  expect(registry.seen).toEqual([]);
  expect(existsSync(join(project.directory, 'bundles.lock'))).toBe(true);
});
