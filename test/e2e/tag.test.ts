import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { pushedBundle } from '../support/registry/pushed-bundle.js';

good('tag', 'puts a tag by one manifest, and moves it with an anchor', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { reference, digest, registry, project } = given;
  const repository = reference.replace(':v1', '');
  registry.seen.length = 0;
  const put = await inProcess([reference, 'latest']);
  expect([put.code, put.stdout, put.stderr]).toEqual([0, `${repository}:latest ${digest}\n`, '']);
  expect(
    registry.seen.filter(({ method }) => method !== 'HEAD' && method !== 'GET').map(({ method }) => method),
  ).toEqual(['PUT']);
  const again = await inProcess([`${repository}@${digest}`, 'latest', '-o', 'json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ action: 'unchanged', previous: null, anchor: null });
  const other = await runInProcess([
    'push',
    `${repository}:v2`,
    '-f',
    join(project.directory, 'p.yaml'),
    '-o',
    'json',
  ]);
  const next = (JSON.parse(other.stdout) as { digest: string }).digest;
  const moved = await inProcess([`${repository}:v2`, 'latest', '-o', 'json']);
  const anchor = `latest-${digest.slice(7, 19)}`;
  expect(JSON.parse(moved.stdout)).toMatchObject({
    reference: `${repository}:latest`,
    digest: next,
    action: 'moved',
    previous: digest,
    anchor,
  });
  expect((await runInProcess(['digest', `${repository}:${anchor}`])).stdout).toBe(`${digest}\n`);
  expect((await inProcess([reference, 'latest', '--no-keep-old'])).code).toBe(0);
  const tags = await runInProcess(['tags', repository]);
  expect(tags.stdout.split('\n')).toEqual([...['latest', anchor, 'v1', 'v2'].sort(), '']);
  expect((await inProcess([reference, 'v2', '--force'])).code).toBe(0);
});

bad('tag', 'a fixed version that holds something else, and what is not a tag', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { reference, project } = given;
  const repository = reference.replace(':v1', '');
  const push = ['push', `${repository}:v2.0.0`, '-f', join(project.directory, 'p.yaml')];
  expect((await runInProcess(push)).code).toBe(0);
  for (const [words, exit, code] of [
    [[reference, 'v2.0.0'], 4, 'TAG_DIFFERS'],
    [[`${repository}:v9`, 'latest'], 3, 'NOT_FOUND'],
    [[repository, 'latest'], 2, 'REFERENCE_INVALID'],
    [[reference, `${repository}:latest`], 2, 'REFERENCE_INVALID'],
    [[reference], 2, 'USAGE'],
  ] as const) {
    const ran = await inProcess([...words, '-o', 'json']);
    expect([ran.code, ran.stderr], words.join(' ')).toEqual([
      exit,
      expect.stringContaining(`error[${code}]`),
    ]);
  }
});
