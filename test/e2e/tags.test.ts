import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { pushedBundle } from '../support/registry/pushed-bundle.js';

good('tags', 'sorted, as references, and without those that stand for digests', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { reference, digest } = given;
  const repository = reference.replace(':v1', '');
  const anchor = `latest-${digest.slice(7, 19)}`;
  const signature = `${digest.replace(':', '-')}.sig`;
  for (const tag of ['latest', anchor, signature]) {
    expect((await runInProcess(['tag', reference, tag])).code).toBe(0);
  }
  const all = ['latest', anchor, signature, 'v1'].sort();
  expect((await inProcess([repository])).stdout).toBe(`${all.join('\n')}\n`);
  const few = await inProcess([repository, '--omit-digest-tags', '--full-ref']);
  expect(few.stdout).toBe(`${repository}:latest\n${repository}:v1\n`);
  const json = await inProcess([repository, '-o', 'json']);
  expect(JSON.parse(json.stdout)).toEqual({ version: 1, repository, tags: all, error: null });
});

bad('tags', 'a repository that is not there, a tag, and a registry that is away', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { reference, registry } = given;
  for (const [words, exit, code] of [
    [[`${registry.host}/acme/nothing`], 3, 'NOT_FOUND'],
    [[reference], 2, 'REFERENCE_INVALID'],
    [['Not A Repository'], 2, 'REFERENCE_INVALID'],
    [['registry.invalid/acme/x', '--timeout', '1'], 6, 'REGISTRY_UNREACHABLE'],
    [[reference.replace(':v1', ''), 'more'], 2, 'USAGE'],
  ] as const) {
    const ran = await inProcess([...words, '-o', 'json']);
    expect([ran.code, ran.stderr], words.join(' ')).toEqual([
      exit,
      expect.stringContaining(`error[${code}]`),
    ]);
  }
});
