import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import * as kit from '../src/public/testing.js';
import { createJumpingClock } from './support/clocks/jumping-clock.js';

const { formatPhases, phase, runPhases } = kit;
const text = readFileSync(new URL('../docs/guides/phases.md', import.meta.url), 'utf8');

test('the example of docs/guides/phases.md runs its four phases in order and takes them down', async () => {
  const [, example = ''] = /^```ts[^\n]*\n([\s\S]*?)^```/m.exec(text) ?? [];
  const log: string[] = [];
  const doing = (name: string) => async () => {
    log.push(name);
    return name;
  };
  const given = {
    ...kit,
    createCluster: doing('createCluster'),
    deleteCluster: doing('deleteCluster'),
    installTekton: doing('installTekton'),
    deployPostgres: doing('deployPostgres'),
    deployRedis: doing('deployRedis'),
    buildServiceImage: doing('buildServiceImage'),
    deployService: doing('deployService'),
    registerWorkflows: doing('registerWorkflows'),
    runSuite: doing('runSuite'),
    log: (line: string) => void log.push(line),
  };
  const body = example.replace(/^import .*$/m, '');
  const source = `export async function run({ ${Object.keys(given).join(', ')} }) {\n${body}\n}`;
  const { code } = await transform(source, { loader: 'ts', target: 'node20', format: 'esm' });
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  const { run } = (await import(/* @vite-ignore */ url)) as { run(functions: typeof given): Promise<void> };
  await run(given);
  const at = (word: string) => log.indexOf(word);
  expect(at('createCluster')).toBeLessThan(at('installTekton'));
  expect(at('buildServiceImage')).toBeLessThan(at('deployService'));
  expect(at('deployService')).toBeLessThan(at('registerWorkflows'));
  expect(at('registerWorkflows')).toBeLessThan(at('runSuite'));
  expect(at('runSuite')).toBeLessThan(at('deleteCluster'));
});

test('the report in docs/guides/phases.md is what formatPhases gives', async () => {
  const clock = createJumpingClock();
  const takes = (ms: number) => () => clock.sleep(ms);
  let attempts = 0;
  const cluster = phase('cluster', { resource: 'cluster', run: takes(8000) });
  const tekton = phase('tekton', { after: { cluster }, resource: 'cluster', run: takes(4000) });
  const image = phase('image', {
    resource: 'build',
    retry: 'transient',
    run: async () => {
      if (attempts++ === 0) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      await clock.sleep(4000);
    },
  });
  const postgres = phase('postgres', { after: { cluster }, resource: 'cluster', run: takes(4000) });
  const run = await runPhases([cluster, tekton, image, postgres], { clock, limits: { cluster: 1 } });
  expect(text).toContain(`\n${formatPhases(run.trace())}\`\`\``);
});
