import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveDataStorage } from '../support/catalog/served-data-storage.js';
import { runCli } from '../support/program/run-cli.js';
import { runJson } from '../support/program/run-in-process.js';
import { seededRandom, testSeed } from '../support/random/seeded-random.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

const workflows = 200;
const mostRuns = 60;
/** Of one run. */
const registeredAtOnce = 8;

test('200 registrations with requests and replies lost and the process killed at random: each entry once, none reported twice', async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  let kill: (() => void) | undefined;
  let kills = 0;
  let lost = 0;
  let left = 0;
  await using registry = await startGuardedRegistry();
  await using catalog = await serveDataStorage({
    fault: ({ method, url }) => {
      if (method === 'POST' && url.endsWith('/workflows') && --left === 0) kill?.();
      if (random() > 0.2) return undefined;
      lost++;
      return random() < 0.6 ? 'lose-reply' : 'lose-request';
    },
  });
  const bundles = Array.from({ length: workflows }, (_, number) => `w${String(number).padStart(3, '0')}`);
  const settings = [`catalog: ${catalog.url}`, 'audit: true'];
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles, settings });
  const published = await runJson(['ensure', '--config', project.config, '--catalog', 'none']);
  expect(published.code, published.stderr).toBe(0);
  let code: number | null = null;
  for (let run = 0; code !== 0 && run < mostRuns; run++) {
    // The last runs are left alone, so that there is an end.
    left = catalog.workflows.length < workflows ? 5 + Math.floor(random() * 40) : 0;
    const killWhen = new Promise<void>((resolve) => {
      kill = () => {
        kills++;
        // Sometimes before the answer, sometimes while the next requests are under way.
        setTimeout(resolve, random() * 30);
      };
    });
    ({ code } = await runCli(['register', '--quiet'], {
      cwd: project.directory,
      killWhen,
    }));
  }
  const numbers = `seed ${seed}: ${kills} kills, ${lost} lost`;
  expect(code, numbers).toBe(0);
  expect(catalog.workflows.map(({ workflow_name: name }) => name).sort(), numbers).toEqual(
    bundles.map((name) => `test-${name}`),
  );
  expect([kills > 1, lost > 20], numbers).toEqual([true, true]);
  expect(catalog.problems).toEqual([]);
  // Whatever the last run could not send for want of time, one more sends.
  await expect.poll(() => sendRest(project.directory), { timeout: 60_000, interval: 100 }).toEqual([]);
  const told = catalog.events.filter(({ event_type: type }) => type === 'workflow.registered');
  const names = told.map(({ event_data: { workflow } }) => String(workflow));
  const untold = workflows - names.length;
  console.log(`register-kill: ${numbers}, ${untold} registrations without an event`);
  expect(new Set(names).size, numbers).toBe(names.length);
  expect(bundles.map((name) => `test-${name}`)).toEqual(expect.arrayContaining(names));
  // A kill may come between the catalog's answer and the event, for each registration that is under way.
  expect(untold, numbers).toBeLessThanOrEqual(kills * registeredAtOnce);
}, 600_000);

/** Spools that one more run leaves. */
async function sendRest(directory: string): Promise<string[]> {
  await runCli(['register', 'w000', '--quiet'], { cwd: directory });
  return readdirSync(join(directory, '.bundles/audit')).filter((name) => name.endsWith('.jsonl'));
}
