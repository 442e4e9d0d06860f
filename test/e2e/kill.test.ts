import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { killedProject } from '../support/program/killed-project.js';
import { runCli } from '../support/program/run-cli.js';
import { seededRandom, testSeed } from '../support/random/seeded-random.js';

const hook = fileURLToPath(new URL('../support/program/kill-at.mjs', import.meta.url));
const bundles = ['alpha', 'beta', 'gamma'];
const kills = Number(process.env.BUNDLES_TEST_KILLS ?? '16');

test.each([
  ['a first run', false],
  ['a run over an older lock', true],
] as const)('%s is killed at calls that change the disk, and the next run converges', async (_, recorded) => {
  const calls = await countCalls(recorded);
  expect(calls).toBeGreaterThan(kills / 2);
  const seed = testSeed();
  const random = seededRandom(seed);
  for (let index = 0; index < kills / 2; index++) {
    // One call out of each part of the run; the last ones write lock, schemas and state.
    const call = 1 + Math.floor(((index + random()) * calls * 2) / kills);
    const when = random() < 0.5 ? 'before' : 'after';
    try {
      await using project = await killedProject({
        repository: 'registry.invalid/acme',
        bundles,
        recorded,
      });
      const env = { NODE_OPTIONS: `--import ${hook}`, KILL_AT: String(call), KILL_WHEN: when };
      const ran = await runCli(['ensure', '--offline'], { cwd: project.directory, env });
      if (call < calls * 0.9) expect(ran.signal, ran.stderr).toBe('SIGKILL');
      await project.expectWhole();
      await project.expectConverges(['--offline']);
    } catch (cause) {
      throw new Error(`killed ${when} call ${call} of ${calls}, seed ${seed}`, { cause });
    }
  }
});

async function countCalls(recorded: boolean): Promise<number> {
  await using project = await killedProject({ repository: 'registry.invalid/acme', bundles, recorded });
  const ran = await runCli(['ensure', '--offline'], {
    cwd: project.directory,
    env: { NODE_OPTIONS: `--import ${hook}` },
  });
  return Number(/calls: (\d+)/.exec(ran.stderr)?.[1]);
}
