import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { prepareWorkflows } from '../../src/testing/prepare-workflows.js';
import { findPeers } from '../support/peers.js';
import { runCli } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('suite', 'python3', 'podman');
const interop = test.skipIf(peers === undefined);
const root = fileURLToPath(new URL('../..', import.meta.url));
const repository = 'quay.invalid/acme/tests';

async function foundBy(command: readonly string[]) {
  await using project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  const ran = await runCli(['with', '--quiet', '--config', project.config, '--', ...command]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return JSON.parse(ran.stdout) as Record<string, { digest: string; pipeline: string; workflowId: string }>;
}

interop(
  "a suite in Go resolves by Tekton's own resolver and finds its workflows in the catalog",
  async () => {
    const found = await foundBy([peers!.suite]);
    expect(Object.keys(found)).toEqual(['test-alpha', 'test-beta']);
    for (const { digest, pipeline, workflowId } of Object.values(found)) {
      expect([digest, pipeline]).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/), 'Pipeline']);
      expect(workflowId).toMatch(/^[0-9a-f-]{36}$/);
    }
  },
);

interop('a suite in Python finds the same by its standard library alone', async () => {
  const found = await foundBy([peers!.python3, join(root, 'test', 'interop', 'suite.py')]);
  expect(Object.keys(found)).toEqual(['test-alpha', 'test-beta']);
  for (const { pipeline } of Object.values(found)) expect(pipeline).toBe('pipeline');
});

interop('the same library serves node:test and a plain script', async () => {
  await using project = sampleProject({ repository });
  const body = (reports: string) => `
    import { prepareWorkflows } from ${JSON.stringify(join(root, 'dist', 'testing.js'))};
    ${reports}
    const check = async () => {
      const prepared = await prepareWorkflows({ project: ${JSON.stringify(project.config)}, catalog: 'none' });
      const { reference } = prepared.workflows['test-alpha'];
      const [host, path] = [prepared.registry, reference.split('@')[1]];
      const answer = await fetch('http://' + host + '/v2/alpha/manifests/' + path);
      await prepared[Symbol.asyncDispose]();
      if (answer.status !== 200) throw new Error(String(answer.status));
    };`;
  const run = promisify(execFile);
  const plain = `${body('')} await check(); console.log('done');`;
  const script = await run(process.execPath, ['--input-type=module', '-e', plain]);
  expect(script.stdout).toBe('done\n');
  const tested = `${body("import { test } from 'node:test';")} test('a bundle is there', check);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', tested]);
  expect(stdout).toMatch(/pass 1/);
});

/** As small as an image build can be: one file into nothing, by an engine that keeps what it built. */
async function buildImage(directory: string): Promise<number> {
  const started = performance.now();
  const words = [
    'build',
    '--quiet',
    '--isolation=chroot',
    '--tag',
    'localhost/bundles-comparison',
    directory,
  ];
  await promisify(execFile)(peers!.podman, words);
  return performance.now() - started;
}

interop('preparing the two samples takes less than building one image of the same files', async () => {
  await using directory = tempDir();
  await cp(join(root, 'pipelines'), join(directory.path, 'pipelines'), { recursive: true });
  await writeFile(join(directory.path, 'Containerfile'), 'FROM scratch\nCOPY pipelines /pipelines\n');
  const prepare = async (catalog: string | undefined) => {
    const started = performance.now();
    await using prepared = await prepareWorkflows({ project: join(root, 'bundles.yaml'), catalog });
    expect(Object.keys(prepared.workflows)).toHaveLength(2);
    return performance.now() - started;
  };
  await prepare('none');
  await prepare(undefined);
  const without = Math.min(await prepare('none'), await prepare('none'), await prepare('none'));
  const embedded = await prepare(undefined);
  await buildImage(directory.path);
  const image = await buildImage(directory.path);
  const shown = (ms: number) => `${Math.round(ms)} ms, ${(ms / image).toFixed(2)} of a warm podman build`;
  console.log(
    `two workflows: ${shown(without)}; with a catalog: ${shown(embedded)}; the build: ${Math.round(image)} ms`,
  );
  expect(without).toBeLessThan(image);
});
