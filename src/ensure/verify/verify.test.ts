import { expect, test } from 'vitest';
import { runJson } from '../../../test/support/program/run-in-process.js';
import { startGuardedRegistry } from '../../../test/support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../../../test/support/samples/sample-project.js';
import { systemClock } from '../../async/system-clock.js';
import type { Machine } from '../../open/machine.js';
import { ensure, verify } from '../on-demand.js';
import type { VerifyResult } from './verify-result.js';

const machine: Machine = {
  environment: {},
  home: undefined,
  uid: undefined,
  platform: 'linux',
  clock: systemClock,
};
const timeless = ({ summary, ...result }: VerifyResult) => ({
  ...result,
  summary: { ...summary, durationMs: 0 },
});

test('verify() gives what the command prints about links, and finds what has drifted', async () => {
  await using registry = await startGuardedRegistry();
  const repository = `${registry.host}/acme`;
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'], workflow: false });
  const { config } = project;
  await ensure({ config, machine });

  const held = await verify({ config, machine });
  const printed = (await runJson(['verify', '--config', config])).result as unknown as VerifyResult;
  expect({ ...timeless(held), signatures: [] }).toEqual(timeless(printed));
  expect(held.summary).toMatchObject({ ok: 2, drift: 0 });

  project.write('pipelines/alpha.yaml', samplePipeline('changed'));
  const drifted = await verify({ config, names: ['alpha'], machine, offline: true });
  expect(drifted.bundles.map(({ name, state, links }) => [name, state, links[1]])).toEqual([
    ['alpha', 'drift', expect.objectContaining({ link: 'sources', state: 'drift' })],
  ]);
});

test('verify() reads variables of its machine, and rejects for what concerns the whole run', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const environment = { BUNDLES_CONFIG: project.config };
  const { bundles } = await verify({ machine: { ...machine, environment }, offline: true });
  expect(bundles.map(({ name, links }) => [name, links[0]?.reason])).toEqual([['alpha', 'missing']]);
  const unknown = verify({ config: project.config, names: ['other'], machine, offline: true });
  await expect(unknown).rejects.toMatchObject({ code: 'USAGE' });
  const reason = new Error('enough');
  const aborted = verify({ config: project.config, machine, signal: AbortSignal.abort(reason) });
  await expect(aborted).rejects.toBe(reason);
});
