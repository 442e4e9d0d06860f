import { join } from 'node:path';
import { expect } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { explainCode } from '../../src/cli/help/explain-page.js';
import { errorCodes } from '../../src/errors.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { pushedBundle, sampleTask } from '../support/registry/pushed-bundle.js';
import { samplePlaces } from '../support/samples/sample-places.js';
import { samplePipeline } from '../support/samples/sample-project.js';

const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);

/** The pushed bundle, declared in a project beside its files. */
async function declaredBundle() {
  const given = await pushedBundle();
  const { project, registry } = given;
  project.write(
    'bundles.yaml',
    `version: 1\nrepository: ${registry.host}/acme\ntag: v1\nbundles:\n  pushed:\n    files: [p.yaml, t.yaml]\n`,
  );
  return { ...given, config: ['--config', project.config] };
}

good('explain', 'every link of a declared bundle, as JSON', async ({ inProcess }) => {
  await using given = await declaredBundle();
  const ran = await inProcess(['pushed', ...given.config, '-o', 'json']);
  const found = JSON.parse(ran.stdout) as {
    chain: { files: { path: string }[]; objects: { kind: string }[] };
  };
  const files = found.chain.files.map(({ path }) => path);
  expect(files.map((path) => path.slice(given.project.directory.length)).sort()).toEqual([
    '/p.yaml',
    '/t.yaml',
  ]);
  const from = (file: string) => ({ file: join(given.project.directory, file), document: 1, line: 1 });
  const object = { json: digest, diffId: digest, layer: digest };
  const objects = [
    { kind: 'pipeline', name: 'workflow', origin: from('p.yaml'), ...object },
    { kind: 'task', name: 'build', origin: from('t.yaml'), ...object },
  ];
  expect(found).toEqual({
    version: 1,
    name: 'pushed',
    kind: 'declared',
    digest: given.digest,
    chain: {
      files: files.map((path) => ({ path, sha256: digest, documents: 1 })),
      objects: found.chain.objects[0]?.kind === 'task' ? objects.toReversed() : objects,
      config: { digest, created: '1970-01-01T00:00:00Z', labels: {} },
      manifest: {
        digest: given.digest,
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        annotations: {},
      },
      index: null,
    },
    against: null,
    same: null,
    causes: [],
    error: null,
  });
});

good(
  'explain',
  'the same of a registry, a layout and archives, and that they are the same',
  async ({ inProcess }) => {
    await using given = await pushedBundle();
    await using places = await samplePlaces(given.reference);
    const wanted = JSON.parse((await inProcess([given.reference, '-o', 'json'])).stdout) as object;
    for (const place of places.all) {
      const alone = await inProcess([place, '-o', 'json']);
      expect(JSON.parse(alone.stdout)).toEqual({ ...wanted, name: place });
      const both = await inProcess([given.reference, '--against', place, '-o', 'json']);
      expect(JSON.parse(both.stdout)).toMatchObject({
        against: { name: place, kind: 'place', digest: given.digest },
        same: true,
        causes: [],
      });
    }
  },
);

good('explain', 'the first link that differs, and its cause, for people', async ({ inProcess }) => {
  await using given = await declaredBundle();
  const { project, registry, reference } = given;
  project.write('t.yaml', sampleTask.replace('image: busybox', 'image: "busybox:2"'));
  const changed = await inProcess(['pushed', '--against', reference, ...given.config]);
  expect([changed.code, changed.stdout]).toEqual([
    0,
    expect.stringContaining(
      `against ${reference}\n  ${given.digest}\n  first at the link json: task build (${join(project.directory, 't.yaml')}) has other values at /spec/steps/0/image\n`,
    ),
  ]);
  expect(changed.stdout).toMatch(/^ {2}document {2}task build: .*t\.yaml, document 1, line 1$/m);
  const files = ['p.yaml', 't.yaml'].flatMap((file) => ['-f', join(project.directory, file)]);
  const zoned = `${registry.host}/acme/zoned:v1`;
  await runInProcess(['push', zoned, ...files, '--ctime', '1970-01-01T01:00:00+01:00', '--annotate', 'a=1']);
  const ran = await inProcess(['pushed', '--against', zoned, ...given.config]);
  expect(ran.stdout).toMatch(/first at the link config: the created time is one moment in another time zone/);
  expect(ran.stdout).toMatch(/also at manifest: an annotation of the manifest differs: here no a, there a=1/);
});

good('explain', 'what changed since the lock', async ({ inProcess }) => {
  await using given = await declaredBundle();
  const { project } = given;
  const ensured = await runInProcess(['ensure', '--no-push', ...given.config]);
  expect(ensured.code).toBe(0);
  const same = await inProcess(['pushed', ...given.config]);
  expect(same.stdout).toContain(`against bundles.lock\n  ${given.digest}\n  the same\n`);
  project.write('p.yaml', samplePipeline('changed'));
  const ran = await inProcess(['pushed', ...given.config, '-o', 'json']);
  const found = JSON.parse(ran.stdout) as { causes: { cause: string }[] };
  expect(found).toMatchObject({ against: { kind: 'lock', digest: given.digest }, same: false });
  expect(found.causes).toEqual([
    {
      link: 'json',
      cause: 'content-changed',
      object: 'pipeline workflow',
      file: join(project.directory, 'p.yaml'),
      here: digest,
      there: digest,
      message: expect.stringContaining('changed since the lock was written'),
    },
  ]);
  project.write('p.yaml', samplePipeline('pushed'));
  project.write(
    'bundles.yaml',
    `version: 1\nrepository: ${given.registry.host}/acme\ntag: v1\nbundles:\n  pushed:\n    files: [p.yaml, t.yaml]\n    annotations: {a: b}\n`,
  );
  const annotated = await inProcess(['pushed', ...given.config, '-o', 'json']);
  expect((JSON.parse(annotated.stdout) as typeof found).causes).toMatchObject([{ cause: 'declaration' }]);
});

good('explain', 'bare files', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const ran = await inProcess(['-', '--against', given.reference, '-o', 'json'], { input: sampleTask });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    name: '-',
    kind: 'files',
    same: false,
    causes: [{ link: 'document', cause: 'object-removed', object: 'pipeline workflow' }],
  });
});

bad('explain', 'an undeclared name, no name, and what does not exist', async ({ inProcess }) => {
  await using given = await declaredBundle();
  const { config, reference } = given;
  const ran = await inProcess(['pushd', ...config]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  expect((await inProcess([])).code).toBe(2);
  expect((await inProcess(['pushed', ...config, '--against', reference.replace(':v1', ':v2')])).code).toBe(3);
  expect((await inProcess(['oci-archive:none.tar'])).code).toBe(3);
  expect((await inProcess(['./none.yaml'])).code).toBe(7);
  const json = await inProcess(['pushed', '--config', 'none/bundles.yaml', '-o', 'json']);
  expect([json.code, JSON.parse(json.stdout)]).toMatchObject([2, { error: { code: 'CONFIG_NOT_FOUND' } }]);
});

good('explain', 'every error code, offline and by the same row as the page', async ({ inProcess }) => {
  for (const code of errorCodes) {
    const { stdout } = await inProcess([code, '-o', 'json']);
    const { means, example, remedy, url } = explainCode(code);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      code,
      exit: exitCodes[code],
      means,
      example,
      remedy,
      url,
      error: null,
    });
    const text = (await inProcess([code])).stdout;
    expect(text).toMatch(new RegExp(`^${code} \\(exit status ${exitCodes[code]}\\)\n`));
    expect(text).not.toMatch(/\]\(|`/);
    for (const line of text.split('\n'))
      if (/\s\S+\s/.test(line)) expect(line.length).toBeLessThanOrEqual(100);
  }
});

bad('explain', 'an error code in small letters', async ({ inProcess }) => {
  await using given = await declaredBundle();
  for (const word of ['tag_differs', 'Tag_Differs', 'tag-differs']) {
    for (const [words, code] of [
      [given.config, 'USAGE'],
      [['--config', 'none/bundles.yaml'], 'CONFIG_NOT_FOUND'],
    ] as const) {
      const ran = await inProcess([word, ...words, '-o', 'json']);
      expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code, hint: 'Did you mean TAG_DIFFERS?' } });
    }
  }
});

bad('explain', 'an error code that is none', async ({ inProcess }) => {
  const ran = await inProcess(['TAG_DIFERS', '-o', 'json']);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    error: { code: 'USAGE', hint: 'Did you mean TAG_DIFFERS?' },
  });
});
