import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openLayoutStore } from '../../src/content/layout/layout-store.js';
import { verifyImage } from '../../src/content/verify-image.js';
import { bad, good } from '../support/program/command-cases.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

interface BuildRecord {
  readonly bundles: readonly { name: string; tag: string | null; digest: string; layout: string }[];
}

const repository = 'registry.invalid/acme';

good('build', 'each declared bundle becomes a layout that holds all it names', async ({ inProcess }) => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  const to = join(project.directory, 'out');
  const { stdout } = await inProcess(['--config', project.config, '--to', to, '--output', 'json']);
  const { bundles } = JSON.parse(stdout) as BuildRecord;
  expect(bundles.map(({ name, tag }) => [name, tag])).toEqual([
    ['alpha', 'v1.0.0'],
    ['beta', 'v1.0.0'],
  ]);
  for (const { layout, digest } of bundles) {
    const store = openLayoutStore(layout);
    expect((await store.resolve('v1.0.0')).digest).toBe(digest);
    await verifyImage(store, 'v1.0.0');
  }
});

good('build', 'names narrow the work, and the digest is the one that ensure pins', async ({ inProcess }) => {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  const to = join(project.directory, 'out');
  const { stdout } = await inProcess(['beta', '--config', project.config, '--to', to]);
  expect(stdout).toMatch(/^beta sha256:[0-9a-f]{64} .*\/out\/beta\n$/);
  expect(existsSync(join(to, 'alpha'))).toBe(false);
  const { runJson } = await import('../support/program/run-in-process.js');
  const { bundle } = await runJson(['ensure', 'beta', '--config', project.config, '--offline']);
  expect(stdout).toContain(bundle.digest);
});

good('build', 'files by -f, with annotations, labels and a name', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  const file = join(project.directory, 'pipelines/alpha.yaml');
  const to = join(project.directory, 'out');
  const words = ['mine', '-f', file, '--annotate', 'a=1', '--label', 'b=2', '--to', to, '-o', 'json'];
  const { stdout } = await inProcess(words);
  const [built] = (JSON.parse(stdout) as BuildRecord).bundles;
  expect(built).toMatchObject({ name: 'mine', tag: null, layout: join(to, 'mine') });
  const index = JSON.parse(readFileSync(join(to, 'mine/index.json'), 'utf8')) as {
    manifests: { digest: string }[];
  };
  expect(index.manifests.map(({ digest }) => digest)).toEqual([built!.digest]);
  const blob = readFileSync(join(to, 'mine/blobs/sha256', built!.digest.slice(7)), 'utf8');
  expect(JSON.parse(blob)).toMatchObject({ annotations: { a: '1' } });
});

good('build', 'standard input', async ({ spawned }) => {
  await using project = sampleProject({ repository });
  const ran = await spawned(['-f', '-', '--to', 'out', '--tag', 'v1'], {
    cwd: project.directory,
    input: samplePipeline('from a pipe'),
  });
  expect(ran.stdout).toMatch(/^bundle sha256:\w{64} out\/bundle\n$/);
});

bad('build', 'an unknown name, with the near one', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  const ran = await inProcess(['alhpa', '--config', project.config, '--to', join(project.directory, 'out')]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('Did you mean alpha?');
});

bad('build', 'no place to build to', async ({ inProcess }) => {
  const ran = await inProcess([]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
});

bad('build', 'files that are missing, empty, not YAML or no Tekton objects', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  const at = (name: string, text: string) => {
    project.write(name, text);
    return join(project.directory, name);
  };
  const cases: [string, string][] = [
    [join(project.directory, 'nope.yaml'), 'SOURCE_NOT_FOUND'],
    [at('empty.yaml', ''), 'OBJECT_INVALID'],
    [at('broken.yaml', 'a: [\n'), 'YAML_INVALID'],
    [at('map.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'), 'OBJECT_INVALID'],
    [at('twice.yaml', `${samplePipeline('a')}---\n${samplePipeline('b')}`), 'OBJECT_DUPLICATE'],
  ];
  for (const [file, code] of cases) {
    const ran = await inProcess(['-f', file, '--to', join(project.directory, 'out')]);
    expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining(`error[${code}]`)]);
  }
  expect(existsSync(join(project.directory, 'out'))).toBe(false);
});

bad('build', 'options of files without files', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  const to = join(project.directory, 'out');
  for (const option of ['--annotate', '--label']) {
    const ran = await inProcess(['--config', project.config, '--to', to, option, 'a=b']);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(option)]);
  }
});

bad('build', 'two names for one bundle of files, or a name that leads elsewhere', async ({ inProcess }) => {
  await using project = sampleProject({ repository });
  const file = join(project.directory, 'pipelines/alpha.yaml');
  for (const names of [['one', 'two'], ['../out'], ['/etc/x']]) {
    const ran = await inProcess([...names, '-f', file, '--to', join(project.directory, 'out')]);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  }
});
