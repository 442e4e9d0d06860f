import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

good(
  'bump',
  'raises the tag that ensure refuses to move, after which it publishes',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry();
    await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
    await runJson(['ensure', '--config', project.config]);
    project.write('pipelines/alpha.yaml', samplePipeline('changed'));
    const refused = await runJson(['ensure', '--config', project.config]);
    expect([refused.code, refused.bundle.error?.code]).toEqual([4, 'TAG_DIFFERS']);
    expect(refused.bundle.error?.hint).toContain('bundles bump alpha');
    const ran = await inProcess(['alpha', '--output', 'json', '--config', project.config]);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      name: 'alpha',
      from: 'v1.0.0',
      to: 'v1.0.1',
      written: true,
    });
    const again = await runJson(['ensure', '--config', project.config]);
    expect([again.code, again.bundle.outcome]).toEqual([0, 'published']);
    expect(again.bundle.reference).toMatch(/\/alpha:v1\.0\.1$/);
  },
);

good('bump', 'with --dry-run prints the next tag and changes nothing', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'localhost:1/acme' });
  const before = readFileSync(project.config, 'utf8');
  const ran = await inProcess(['alpha', 'major', '-n', '--config', project.config]);
  expect(ran.stdout).toBe('alpha v1.0.0 → v2.0.0\n');
  expect(readFileSync(project.config, 'utf8')).toBe(before);
});

bad('bump', 'an unknown bundle, an unknown part, a tag that is not a version', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'localhost:1/acme', workflow: false });
  const unknown = await inProcess(['alhpa', '--config', project.config]);
  const huge = await inProcess(['alpha', 'huge', '--config', project.config]);
  writeFileSync(project.config, readFileSync(project.config, 'utf8').replace('tag: v1.0.0', 'tag: nightly'));
  const nightly = await inProcess(['alpha', '--output', 'json', '--config', project.config]);
  expect([unknown.code, huge.code, nightly.code]).toEqual([2, 2, 2]);
  expect(JSON.parse(nightly.stdout).error.code).toBe('USAGE');
});

const discovering = (entry: string, more = '') =>
  `version: 1\n# kept\nrepository: localhost:1/acme\ntag: v1.0.0\ndiscover:\n  - ${entry}\n${more}`;

good('bump', 'renames the path that discover takes the tag from, if asked to', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'localhost:1/acme' });
  const text = discovering('{files: "task/{name}/{version}/{name}.yaml", tag: "v{version}"}');
  project.write('bundles.yaml', text);
  project.write('task/alpha/1.0.0/alpha.yaml', samplePipeline('alpha'));
  project.write('task/alpha/1.0.0/README.md', 'kept');
  project.write('task/beta/1.0.0/beta.yaml', samplePipeline('beta'));
  const options = ['--output', 'json', '--config', project.config];
  const refused = await inProcess(['alpha', ...options]);
  expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([2, 'USAGE']);
  const dry = await inProcess(['alpha', 'minor', '--rename', '-n', ...options]);
  expect(JSON.parse(dry.stdout)).toMatchObject({ to: 'v1.1.0', written: false });
  const ran = await inProcess(['alpha', '--rename', ...options]);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    from: 'v1.0.0',
    to: 'v1.0.1',
    renamed: { from: 'task/alpha/1.0.0', to: 'task/alpha/1.0.1' },
    written: true,
  });
  expect(readFileSync(project.config, 'utf8')).toBe(text);
  expect(readFileSync(`${project.directory}/task/alpha/1.0.1/README.md`, 'utf8')).toBe('kept');
  const ensured = await runJson(['ensure', 'alpha', '--offline', '--config', project.config]);
  expect([ensured.code, ensured.bundle.reference]).toEqual([0, 'localhost:1/acme/alpha:v1.0.1']);
});

good('bump', 'gives a discovered bundle a tag of its own where others share it', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'localhost:1/acme', bundles: ['alpha', 'beta'] });
  const entry = '{files: "pipelines/{name}.yaml"}';
  for (const [before, after] of [
    ['', 'bundles:\n  alpha: {tag: v1.0.1}\n'],
    ['bundles:\n  beta: {pin: false}\n', 'bundles:\n  alpha: {tag: v1.0.1}\n  beta: {pin: false}\n'],
    ['bundles: {beta: {pin: false}}\n', 'bundles: {alpha: {tag: v1.0.1}, beta: {pin: false}}\n'],
  ]) {
    project.write('bundles.yaml', discovering(entry, before));
    expect((await inProcess(['alpha', '--config', project.config])).code).toBe(0);
    expect(readFileSync(project.config, 'utf8')).toBe(discovering(entry, after));
  }
});

bad('bump', 'a rename that would lose something', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'localhost:1/acme' });
  project.write('task/1.0.0/alpha.yaml', samplePipeline('alpha'));
  project.write('task/1.0.0/beta.yaml', samplePipeline('beta'));
  const bump = async (entry: string) => {
    project.write('bundles.yaml', discovering(entry));
    return (await inProcess(['alpha', '--rename', '--config', project.config])).code;
  };
  // Another bundle lies there, the name would change, two parts would, and a path is taken.
  expect(await bump('{files: "task/{version}/{name}.yaml", tag: "{version}"}')).toBe(2);
  project.write('own/alpha/1.0.0/alpha.yaml', samplePipeline('alpha'));
  project.write('own/alpha/1.0.1/note.txt', 'taken');
  expect(await bump('{files: "own/{name}/{version}/{name}.yaml", tag: "{version}"}')).toBe(2);
  project.write('two/alpha-1.0.0/1.0.0/alpha.yaml', samplePipeline('alpha'));
  expect(await bump('{files: "two/{name}-{version}/{version}/{name}.yaml", tag: "{version}"}')).toBe(2);
  expect(readFileSync(`${project.directory}/own/alpha/1.0.0/alpha.yaml`, 'utf8')).toContain('Pipeline');
});
