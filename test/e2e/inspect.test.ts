import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushedBundle } from '../support/registry/pushed-bundle.js';
import { samplePlaces } from '../support/samples/sample-places.js';
import { tempDir } from '../support/temp-dir.js';

const flags = ['--annotate', 'org.example=one', '--label', 'team=acme'];
const noFacts = { description: null, workspaces: [], results: [], bundles: [] };
const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
const bytes = expect.any(Number);

good('inspect', 'everything of a bundle, as JSON', async ({ inProcess }) => {
  await using given = await pushedBundle(flags);
  const ran = await inProcess([given.reference, '-o', 'json']);
  const found = JSON.parse(ran.stdout) as { objects: { kind: string }[] };
  found.objects.sort((a, b) => (a.kind < b.kind ? -1 : 1));
  const layer = { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest, size: bytes };
  const sizes = { layer, diffId: digest, tarSize: bytes, contentSize: bytes };
  expect(found).toEqual({
    version: 1,
    reference: given.reference,
    digest: given.digest,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    size: bytes,
    index: null,
    created: '1970-01-01T00:00:00Z',
    annotations: { 'org.example': 'one' },
    labels: { team: 'acme' },
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest, size: bytes },
    objects: [
      {
        apiVersion: 'tekton.dev/v1',
        kind: 'pipeline',
        name: 'workflow',
        annotations: {
          'dev.tekton.image.apiVersion': 'v1',
          'dev.tekton.image.kind': 'pipeline',
          'dev.tekton.image.name': 'workflow',
        },
        ...sizes,
        facts: {
          ...noFacts,
          description: 'pushed',
          params: [
            {
              name: 'MESSAGE',
              type: 'string',
              default: 'hello',
              required: false,
              description: 'what to say',
            },
          ],
          images: [{ image: 'docker.io/library/busybox:1.36', at: 'tasks.say.steps.say', pinned: false }],
        },
      },
      {
        apiVersion: 'tekton.dev/v1beta1',
        kind: 'task',
        name: 'build',
        annotations: {
          'dev.tekton.image.apiVersion': 'v1beta1',
          'dev.tekton.image.kind': 'task',
          'dev.tekton.image.name': 'build',
        },
        ...sizes,
        facts: {
          description: 'builds it',
          params: [
            { name: 'flags', type: 'array', default: ['-v'], required: false, description: null },
            { name: 'target', type: 'string', default: null, required: true, description: 'what to build' },
          ],
          workspaces: [
            { name: 'source', optional: false, description: null },
            { name: 'cache', optional: true, description: null },
          ],
          results: [{ name: 'digest', type: 'string', description: null }],
          images: [
            { image: `docker.io/library/busybox@sha256:${'a'.repeat(64)}`, at: 'stepTemplate', pinned: true },
            { image: 'busybox', at: 'steps.a', pinned: false },
            { image: '$(params.target)', at: 'steps.1', pinned: false },
            { image: 'registry:2', at: 'sidecars.s', pinned: false },
          ],
          bundles: [],
        },
      },
    ],
    origin: {
      match: 'exact',
      builders: ['bundles', 'tkn'],
      summary: 'bundles, or tkn of Go 1.26 and before, byte for byte',
      differences: [],
    },
    problems: [],
    attached: [],
    error: null,
  });
});

good('inspect', 'the same of a registry, a layout and archives', async ({ inProcess }) => {
  await using given = await pushedBundle(flags);
  await using places = await samplePlaces(given.reference);
  const wanted = JSON.parse((await inProcess([given.reference, '-o', 'json'])).stdout) as object;
  for (const place of places.all) {
    const ran = await inProcess([place, '-o', 'json']);
    expect(JSON.parse(ran.stdout)).toEqual({ ...wanted, reference: place });
  }
});

good('inspect', 'text that reads well', async ({ inProcess }) => {
  await using given = await pushedBundle(['--ctime', '1969-12-31T19:00:00-05:00', ...flags]);
  const { stdout } = await inProcess([given.reference]);
  const plain = stdout
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:…')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'short')
    .replaceAll(/[\d.]+ (?:bytes|KiB)/g, 'N bytes');
  expect(plain).toContain(`${given.reference}
  sha256:…
  type        application/vnd.docker.distribution.manifest.v2+json, N bytes in all
  created     1969-12-31T19:00:00-05:00
  built by    bundles with --ctime 1969-12-31T19:00:00-05:00, or tkn on a machine in time zone -05:00, byte for byte
  annotation  org.example=one
  label       team=acme
`);
  expect(plain).toContain(`task build tekton.dev/v1beta1
  layer      short, N bytes
  diffId     short, N bytes (the object N bytes)
  about      builds it
  param      flags (array) = ["-v"]
             target (string), required
  workspace  source
             cache, optional
  result     digest (string)
  image      docker.io/library/busybox@short at stepTemplate
             busybox at steps.a, not pinned
             $(params.target) at steps.1, not pinned
             registry:2 at sidecars.s, not pinned
`);
});

good('inspect', 'what a cluster would misread, and ends well', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const file = join(given.project.directory, 't.yaml');
  const reference = `${given.registry.host}/acme/twice:v1`;
  await runInProcess(['push', reference, '-f', file, '-f', file, '--tkn-compat']);
  const ran = await inProcess([reference]);
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/^warning: .*task.*build/m)]);
  const { problems } = JSON.parse((await inProcess([reference, '-o', 'json'])).stdout) as {
    problems: object[];
  };
  expect(problems).toEqual([
    { rule: 'object-unique', severity: 'warning', message: expect.any(String), layer: 1 },
  ]);
});

bad(
  'inspect',
  'a reference without a tag, nothing at all, a form that does not exist',
  async ({ inProcess }) => {
    for (const words of [['quay.io/acme/x'], [], ['quay.io/acme/x:v1', '-o', 'yaml'], ['oci:']]) {
      expect((await inProcess(words)).code).toBe(2);
    }
  },
);

bad(
  'inspect',
  'a registry that denies, one that is not there, and a tag that is not',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry({ anonymous: 'nothing' });
    expect((await inProcess([`${registry.host}/acme/x:v1`])).code).toBe(5);
    expect((await inProcess(['127.0.0.1:1/acme/x:v1', '--timeout', '2'])).code).toBe(6);
    await using given = await pushedBundle();
    const ran = await inProcess([given.reference.replace(':v1', ':v2'), '-o', 'json']);
    expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([3, { error: { code: 'NOT_FOUND' } }]);
  },
);

bad('inspect', 'a file that is not an archive', async ({ inProcess }) => {
  await using directory = tempDir();
  writeFileSync(join(directory.path, 'x.tar'), 'x'.repeat(2000));
  const ran = await inProcess([`oci-archive:${join(directory.path, 'x.tar')}`]);
  expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining('error[ARCHIVE_INVALID]')]);
});
