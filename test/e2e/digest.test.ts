import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { pushedBundle } from '../support/registry/pushed-bundle.js';

good('digest', 'of a tag, a digest, a layout, a file and a declared bundle', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { reference, digest, project, registry } = given;
  const repository = reference.replace(':v1', '');
  const layout = `oci:${join(project.directory, 'layout')}:v1`;
  expect((await runInProcess(['copy', reference, layout])).code).toBe(0);
  for (const word of [reference, `${repository}@${digest}`, layout]) {
    expect((await inProcess([word])).stdout).toBe(`${digest}\n`);
  }
  expect((await inProcess([reference, '--full-ref'])).stdout).toBe(`${repository}@${digest}\n`);
  const checked = await runJson(['check', '--offline', '--config', project.config]);
  const declared = await inProcess(['alpha', '--config', project.config, '--full-ref', '-o', 'json']);
  expect(JSON.parse(declared.stdout)).toEqual({
    version: 1,
    name: 'alpha',
    digest: checked.bundle.built,
    reference: `${registry.host}/acme/alpha@${checked.bundle.built}`,
    error: null,
  });
  const file = await inProcess([join(project.directory, 'p.yaml')]);
  expect(file.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  registry.seen.length = 0;
  await inProcess([reference]);
  expect(registry.seen.filter(({ path }) => path.includes('/manifests/')).length).toBe(1);
});

bad('digest', 'what is not there, has no tag, or is in no repository', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { reference, project } = given;
  const config = ['--config', project.config];
  for (const [words, exit, code] of [
    [[reference.replace(':v1', ':v2')], 3, 'NOT_FOUND'],
    [[reference.replace(':v1', '')], 2, 'REFERENCE_INVALID'],
    [['alhpa', ...config], 2, 'USAGE'],
    [[join(project.directory, 'p.yaml'), '--full-ref'], 2, 'USAGE'],
    [['./nowhere.yaml'], 7, 'SOURCE_NOT_FOUND'],
    [['registry.invalid/acme/x:v1', '--timeout', '1'], 6, 'REGISTRY_UNREACHABLE'],
    [[], 2, 'USAGE'],
  ] as const) {
    const ran = await inProcess([...words, '-o', 'json']);
    expect([ran.code, ran.stderr], words.join(' ')).toEqual([
      exit,
      expect.stringContaining(`error[${code}]`),
    ]);
  }
});
