import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBuildContext } from '../../src/engine/context/build-context.js';
import { contextBytes, contextPath } from '../../src/engine/context/context-path.js';
import { type ImageProject, imageProject, readImages } from '../support/engines/image-project.js';
import { startPodmanService } from '../support/engines/podman-service.js';
import { type PodmanStore, podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { mustRun, runCli } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'busybox');
const testWithPodman = test.skipIf(peers === undefined);
const podman = peers?.podman ?? '';
const svc = 'svc: {reference: localhost/svc, context: svc}';
const quiet = ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M'];

/** Paths of the files and links that an image built of the project has, sorted. */
async function seenByEngine(project: ImageProject, env: PodmanStore['env']): Promise<string[]> {
  const out = join(project.directory, 'out');
  const ran = await runCli([...quiet, '--export', out], {
    cwd: project.directory,
    env: { ...env, ...project.env },
    timeoutMs: 240_000,
  });
  expect(readImages(ran.stdout).first).toMatchObject({ error: null });
  await using directory = tempDir();
  await mustRun('tar', ['-xf', join(out, 'svc.tar'), '-C', directory.path]);
  const [layer] = execFileSync('tar', ['-tf', join(out, 'svc.tar')], { encoding: 'utf8' })
    .split('\n')
    .filter((name) => /^[a-f0-9]{64}\.tar$/.test(name));
  const options = { encoding: 'buffer', maxBuffer: 2 ** 26 } as const;
  const names = execFileSync(
    'tar',
    ['--null', '--quoting-style=literal', '--show-stored-names', '-tf', join(directory.path, layer ?? '')],
    options,
  );
  return contextPath(names)
    .split('\n')
    .filter((name) => name !== '' && !name.endsWith('/'))
    .sort();
}

async function keyedPaths(context: string): Promise<string[]> {
  const { entries } = await readBuildContext(context);
  return entries.filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
}

testWithPodman(
  'where much is ignored, podman and its service see exactly what the key is made of',
  async () => {
    await using store = await podmanStore(podman);
    await using service = await startPodmanService(podman, store);
    await using project = imageProject([svc], { 'svc/Containerfile': 'FROM scratch\nCOPY . /\n' });
    for (const place of ['src', 'src/pkg/deep', 'data', 'logs/old', 'keep', 'c++'])
      for (let index = 0; index < 120; index++)
        project.write(`svc/${place}/${index}${['.log', '.txt', '.go'][index % 3]}`, `${index}`);
    project.write('svc/#note', '');
    project.write('svc/keep/[1].log', '');
    const texts = [
      '**/*.log\n',
      '**/*.log\n!keep/3.log\n!src/pkg/deep\n',
      '*\n!src/**/*.go\n',
      '**\n!**/*.txt\n**/1*.txt\n',
      'data/*\nlogs\nc++\n!data/12.log\n',
      'keep/*\n!keep/?.log\nsrc/pkg/*/[0-9]*.txt\n',
      '/logs/\n**/deep\n!logs/old/7.txt\n',
    ];
    for (const [index, text] of texts.entries()) {
      project.write('svc/.containerignore', text);
      const keyed = await keyedPaths(join(project.directory, 'svc'));
      expect(await seenByEngine(project, index % 2 === 0 ? store.env : service.env), text).toEqual(keyed);
    }
  },
);

testWithPodman(
  'what no few rules can leave out is built from a copy, with links, modes and odd names',
  async () => {
    await using store = await podmanStore(podman);
    await using service = await startPodmanService(podman, store);
    await using project = imageProject([svc], {
      'svc/Containerfile': 'FROM scratch\nCOPY . /\n',
      'svc/.containerignore': '**\n!**/*.go\n!run\n!**/link\n',
    });
    const context = join(project.directory, 'svc');
    for (let index = 0; index < 1_500; index++)
      for (const ending of ['go', 'txt']) project.write(`svc/d${index % 3}/e/${index}.${ending}`, `${index}`);
    writeFileSync(Buffer.concat([Buffer.from(`${context}/d1/`), contextBytes('\udcff.go')]), 'x');
    writeFileSync(join(context, 'run'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('../run', join(context, 'd1', 'link'));
    expect((await readBuildContext(context)).isCopied).toBe(true);
    const keyed = await keyedPaths(context);
    expect(keyed).toHaveLength(1_503);
    expect(await seenByEngine(project, store.env)).toEqual(keyed);
    project.write('svc/d2/more.go', '');
    expect(await seenByEngine(project, service.env)).toEqual([...keyed, 'd2/more.go'].sort());
    expect(readdirSync(join(project.directory, '.bundles', 'images'))).toEqual(['svc.log']);
  },
);

testWithPodman('names that are not UTF-8, links and odd signs are built as they are', async () => {
  await using store = await podmanStore(podman);
  await using project = imageProject([svc], { 'svc/Containerfile': 'FROM scratch\nCOPY . /\n' });
  const context = join(project.directory, 'svc');
  mkdirSync(join(context, 'd'));
  const names = ['\udcff', 'a\udc80b.log', '\ufffd', 'é', '😀', ' x ', 'a+b', '"q"'];
  for (const name of names)
    writeFileSync(Buffer.concat([Buffer.from(`${context}/d/`), contextBytes(name)]), name);
  symlinkSync('nowhere', join(context, 'd', 'link'));
  symlinkSync('/etc', join(context, 'd', 'absolute'));
  for (const text of ['', '**/*.log\n', 'd/😀\nd/a+b\n', 'd/\ufffd\n']) {
    project.write('svc/.dockerignore', text);
    const keyed = await keyedPaths(context);
    expect(await seenByEngine(project, store.env), text).toEqual(keyed);
    expect(keyed).toContain('d/\udcff');
  }
});

testWithPodman('the ignore file of a Containerfile is the one that podman itself would take', async () => {
  await using store = await podmanStore(podman);
  await using project = imageProject([svc.replace('}', ', containerfile: build/C}')], {
    'build/C': 'FROM scratch\nCOPY . /\n',
    'svc/a': '',
    'svc/b': '',
    'svc/c': '',
    'svc/d': '',
  });
  const direct = async () => {
    const words = ['--quiet', '--file', join(project.directory, 'build/C'), join(project.directory, 'svc')];
    const id = (await store.podman('build', ...words)).trim();
    const mount = (await store.podman('image', 'mount', id)).trim();
    return (await mustRun('ls', [mount])).split('\n').filter((name) => name !== '');
  };
  for (const [path, name] of [
    ['svc/.dockerignore', 'a'],
    ['svc/.containerignore', 'b'],
    ['build/C.containerignore', 'c'],
    ['build/C.dockerignore', 'd'],
  ] as const) {
    project.write(path, `${name}\n.*\n`);
    const seen = await seenByEngine(project, store.env);
    expect(seen).toEqual(['a', 'b', 'c', 'd'].filter((one) => one !== name));
    expect(await direct()).toEqual(seen);
  }
});
