import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../src/doctor/diagnose.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { raw, startRawRegistry } from '../support/registry/raw-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

test.each([304, 401, 403, 404, 405, 501])(
  'every command works behind a proxy that answers each HEAD of a manifest with %i',
  async (status) => {
    await using registry = await startRawRegistry({ 'HEAD manifest': raw(status) });
    await using project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
    const { host } = registry;
    project.write('a.yaml', samplePipeline('a'));
    const code = async (...words: string[]) => (await runInProcess(words)).code;
    const ensure = () => runJson(['ensure', '--config', project.config, '--no-fallback']);
    expect(await code('push', `${host}/acme/a:v1`, '-f', join(project.directory, 'a.yaml'))).toBe(0);
    const copy = () => code('copy', `${host}/acme/a:v1`, `${host}/acme/b:v1`);
    const puts = () => registry.steps.filter((step) => step === 'PUT manifest').length;
    expect([await copy(), puts()]).toEqual([0, 2]);
    // What is there is found though a HEAD denies it.
    expect([await copy(), puts()]).toEqual([0, 2]);
    expect((await ensure()).bundle).toMatchObject({ verdict: 'absent', outcome: 'published' });
    expect((await ensure()).bundle).toMatchObject({ verdict: 'present', outcome: 'reused' });
    const promote = ['promote', '--config', project.config, '--to', `${host}/prod`, '--tag', 'v2.0.0'];
    expect(await code(...promote)).toBe(0);
    expect(await code('verify', '--config', project.config)).toBe(0);
    const doctor = await runInProcess(['doctor', '--config', project.config, '-o', 'json']);
    const { links } = JSON.parse(doctor.stdout) as Diagnosis;
    const verdicts = links.filter(({ link }) => link === 'registry').map(({ details }) => details.verdict);
    expect(verdicts).toEqual(['present']);
  },
);
