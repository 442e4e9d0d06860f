import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

good(
  'check',
  'reports what ensure would do, does nothing, and is content afterwards',
  async ({ spawned }) => {
    await using registry = await startGuardedRegistry();
    await using project = sampleProject({ repository: `${registry.host}/acme` });
    const options = { cwd: project.directory };
    const before = await spawned([], options);
    expect(before.code).toBe(3);
    expect(before.stdout).toMatch(/^· alpha {2}would publish {2}[0-9a-f]{12} {2}\S+\/alpha:v1\.0\.0$/m);
    expect(before.stdout).toContain('changes: publish, lock, schema');
    expect(before.stdout).toMatch(/\n1 absent \(ensure would publish and exit 0\); exit 3\n$/);
    expect(
      ['bundles.lock', 'schemas', '.bundles'].filter((name) => existsSync(join(project.directory, name))),
    ).toEqual([]);
    await runInProcess(['ensure', '--config', project.config]);
    const after = await spawned([], options);
    expect([after.code, after.stdout]).toEqual([
      0,
      expect.stringMatching(/^✓ alpha {2}reused {2}[0-9a-f]{12}\n/),
    ]);
  },
);

good('check', 'a plan to fall back reads as a sentence', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const { stdout } = await inProcess(['--offline', '--config', project.config]);
  expect(stdout).toMatch(/^↓ alpha {2}would fall back {2}offline\n/);
});

bad('check', 'other content at the tag, reported once', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  project.write('other.yaml', samplePipeline('other'));
  const reference = `${registry.host}/acme/alpha:v1.0.0`;
  await runInProcess(['push', reference, '-f', join(project.directory, 'other.yaml')]);
  const ran = await inProcess(['--config', project.config]);
  expect([ran.code, ran.stdout]).toEqual([
    4,
    expect.stringMatching(/^✗ alpha {2}would fail {2}v1\.0\.0 holds other content \(pipeline workflow\)\n/),
  ]);
  expect(ran.stdout.split('pipeline workflow')).toHaveLength(2);
  const whole = await inProcess(['--verbose', '--config', project.config]);
  expect(whole.stdout.split('pipeline workflow: changed')).toHaveLength(2);
});

bad('check', 'the same bad input as ensure', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const cases: [string[], string][] = [
    [['alhpa'], 'Did you mean alpha?'],
    [['--on-different', 'overwrite'], 'Name the bundles'],
    [['--on-different', 'maybe'], 'Allowed choices'],
    [['--frozn'], 'Did you mean --frozen?'],
  ];
  for (const [words, hint] of cases) {
    const ran = await inProcess([...words, '--config', project.config]);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(hint)]);
  }
});

bad('check', 'a lock that is none, with its line, and leaves it as it is', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  project.write('bundles.lock', '<<<<<<< ours\nversion: 1\n');
  const ran = await inProcess(['--offline', '--config', project.config, '--output', 'json']);
  expect(ran.code).toBe(2);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    bundles: [],
    summary: null,
    error: { code: 'LOCK_INVALID' },
  });
  expect(readFileSync(join(project.directory, 'bundles.lock'), 'utf8')).toBe('<<<<<<< ours\nversion: 1\n');
});
