import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { bad, good } from '../support/command-cases.js';
import { sampleProject } from '../support/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const repository = 'quay.invalid/acme/tests';

good('up', 'keeps everything ready until it is stopped, and tells so by a file', async ({ started }) => {
  await using project = sampleProject({ repository });
  await using temporary = tempDir();
  const ready = join(project.directory, 'ready.json');
  await using running = await started(['--config', project.config, '--ready-file', ready], {
    env: { TMPDIR: temporary.path },
  });
  expect(running.line).toMatch(/^export BUNDLES_RESULT=/);
  const { version, variables, workflows, error } = JSON.parse(readFileSync(ready, 'utf8'));
  expect([version, error]).toEqual([1, null]);
  expect(JSON.parse(readFileSync(variables.BUNDLES_RESULT, 'utf8'))).toEqual(workflows);
  expect((await fetch(`${variables.DATASTORAGE_URL}/health/ready`)).status).toBe(200);
  const { digest } = workflows['test-alpha'];
  const url = `http://${variables.BUNDLES_REGISTRY}/v2/alpha/manifests/${digest}`;
  expect((await fetch(url)).status).toBe(200);
  const ended = await running.stop('SIGTERM');
  expect([ended.code, existsSync(ready), await readdir(temporary.path)]).toEqual([0, false, []]);
  await expect(fetch(url)).rejects.toThrow();
});

good('up', 'leaves nothing when it is killed', async ({ started }) => {
  await using project = sampleProject({ repository });
  await using temporary = tempDir();
  const env = { TMPDIR: temporary.path };
  const running = await started(['--no-catalog', '--config', project.config, '-o', 'json'], { env });
  expect(running.line).toBe('{');
  await running.stop('SIGKILL');
  await vi.waitFor(async () => expect(await readdir(temporary.path)).toEqual([]), { timeout: 100_000 });
  await using second = await started(['--config', project.config], { env });
  expect((await second.stop('SIGINT')).code).toBe(0);
});

bad('up', 'a project that is not there, a ready file that cannot be written', async ({ spawned }) => {
  await using project = sampleProject({ repository });
  const nowhere = await spawned(['--config', 'nowhere.yaml']);
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('error[CONFIG_NOT_FOUND]')]);
  const words = [
    '--config',
    project.config,
    '--ready-file',
    join(project.directory, 'no', 'such', 'directory'),
  ];
  const unwritable = await spawned(words);
  expect([unwritable.code, unwritable.stderr]).toEqual([9, expect.stringContaining('error[NOT_WRITABLE]')]);
});
