import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { bad, good } from '../support/command-cases.js';
import { startGuardedRegistry } from '../support/guarded-registry.js';
import { runJson } from '../support/run-in-process.js';
import { samplePipeline, sampleProject } from '../support/sample-project.js';

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
