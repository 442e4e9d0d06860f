import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ImageProject, imageProject, readImages } from '../support/engines/image-project.js';
import { startPodmanService } from '../support/engines/podman-service.js';
import { makeBase, podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { mustRun, runCli } from '../support/program/run-cli.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';

const peers = findPeers('podman', 'buildah', 'busybox', 'docker-registry');
const testWithEngines = test.skipIf(peers === undefined);

async function ensure(
  project: ImageProject,
  env: Readonly<Record<string, string>>,
  words: readonly string[],
  killWhen?: Promise<unknown>,
) {
  const ran = await runCli(
    ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M', ...words],
    { cwd: project.directory, env: { ...env, ...project.env }, ...(killWhen && { killWhen }) },
  );
  return { ...ran, ...(ran.stdout === '' ? { first: undefined } : readImages(ran.stdout)) };
}

/** The command lines of all processes, seen all the time. */
function watchCommands(): { stop(): Promise<string> } {
  let over = false;
  const seen = new Set<string>();
  const loop = (async () => {
    while (!over) {
      for (const name of readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        try {
          seen.add(readFileSync(`/proc/${name}/cmdline`, 'latin1'));
        } catch {
          // It has ended.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  })();
  return {
    async stop() {
      over = true;
      await loop;
      return [...seen].join('\n');
    },
  };
}

const engines = ['podman', 'podman in a service', 'buildah'] as const;

testWithEngines.each(engines)(
  '%s gets secrets and arguments that no process list, log, key or image shows',
  async (name) => {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using service = await startPodmanService(peers!.podman, store);
    const env = name === 'podman in a service' ? service.env : store.env;
    const engine = ['--engine', name === 'buildah' ? 'buildah' : 'podman'];
    // Taken apart, so that this text is not what is looked for.
    const secret = ['hidden', process.pid, 'value'].join('-');
    const argument = ['argument', process.pid, 'value'].join('-');
    await using project = imageProject(
      [
        `svc: {reference: localhost/svc, context: svc, secrets: [env-one, file-one], args: {GO_VERSION: ${argument}, HOME: /x}, cpus: 0.5, memory: 512MiB}`,
      ],
      {
        'svc/Containerfile': [
          'FROM localhost/base:1',
          'ARG GO_VERSION',
          'COPY . /context',
          'RUN --mount=type=secret,id=env-one --mount=type=secret,id=file-one cat /run/secrets/env-one /run/secrets/file-one; \\',
          '  cat /run/secrets/env-one /run/secrets/file-one | sha256sum >/sum; echo -n "$GO_VERSION" | sha256sum >/argument; sleep 2',
          '',
        ].join('\n'),
      },
    );
    writeFileSync(join(project.directory, 'secret-file'), `${secret}-2\n`);
    const secrets = ['--secret', 'id=env-one,env=ONE', '--secret', 'id=file-one,src=secret-file'];
    const watched = watchCommands();
    const out = join(project.directory, 'out');
    const ran = await ensure(project, { ...env, ONE: secret }, [...engine, ...secrets, '--export', out]);
    const commands = await watched.stop();
    expect(ran.first, ran.stderr).toMatchObject({ outcome: 'built', error: null });
    expect(commands).toContain('/run/secrets/env-one');
    expect(commands).not.toContain(secret);
    expect(commands).not.toContain(argument);
    const log = readFileSync(ran.first?.log ?? '', 'utf8');
    expect(log).toContain('***');
    expect([log, ran.stdout, ran.stderr].filter((text) => text.includes(secret))).toEqual([]);
    // The build had them, and the image has not.
    const show = await filesOf(join(out, 'svc.tar'), join(project.directory, 'unpacked'));
    const sums = await Promise.all(
      [`${secret}${secret}-2\n`, argument].map(async (text) =>
        (await mustRun('sha256sum', [], { input: text })).slice(0, 64),
      ),
    );
    expect([show.get('sum')?.slice(0, 64), show.get('argument')?.slice(0, 64)]).toEqual(sums);
    expect([...show.values()].filter((text) => text.includes(secret))).toEqual([]);
    expect([...show.keys()].filter((path) => path.includes('secret'))).toEqual([]);
    const works = readdirSync(join(project.directory, '.bundles', 'images'));
    expect(works).toEqual(['svc.log']);
    // Another value is the same key, and no reason to build.
    const again = await ensure(project, { ...env, ONE: 'other' }, [...engine, ...secrets]);
    expect(again.first).toMatchObject({ outcome: 'reused', key: ran.first?.key });
  },
);

/** All files of the layers of a docker archive, by their path. */
async function filesOf(archive: string, directory: string): Promise<ReadonlyMap<string, string>> {
  await mustRun('mkdir', ['-p', join(directory, 'files')]);
  await mustRun('tar', ['-xf', archive, '-C', directory]);
  const [manifest] = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as [
    { Layers: string[]; Config: string },
  ];
  for (const layer of manifest.Layers)
    await mustRun('tar', ['-xf', join(directory, layer), '-C', join(directory, 'files'), '--exclude=dev']);
  const names = (
    await mustRun('find', [join(directory, 'files'), '-type', 'f', '-not', '-path', '*/bin/*'])
  ).trim();
  const files = names
    .split('\n')
    .map((path) => [path.slice(directory.length + 7), readFileSync(path, 'latin1')] as const);
  return new Map([
    ...files,
    ['config', readFileSync(join(directory, manifest.Config), 'utf8').replaceAll(/argument-\d+-value/g, '')],
  ]);
}

testWithEngines(
  'a killed run leaves no secret behind, and one without a source is named before anything waits',
  async () => {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using service = await startPodmanService(peers!.podman, store);
    const secret = ['killed', process.pid, 'value'].join('-');
    await using project = imageProject(['svc: {reference: localhost/svc, context: svc, secrets: [one]}'], {
      'svc/Containerfile':
        'FROM localhost/base:1\nRUN --mount=type=secret,id=one test -n "$(cat /run/secrets/one)" && sleep 30\n',
    });
    const missing = await ensure(project, service.env, []);
    expect([missing.code, missing.first?.error?.code, missing.first?.attempts]).toEqual([2, 'USAGE', 0]);
    const images = join(project.directory, '.bundles', 'images');
    const files = () => mustRun('grep', ['-rl', secret, project.directory]).catch(() => '');
    const written = (async () => {
      for (;;) {
        const text = await mustRun('sh', [
          '-c',
          `ls ${images}/build-*/secret-0 2>/dev/null; tail -c 300 ${images}/svc.log 2>/dev/null`,
        ]).catch(() => '');
        if (text.includes('/secret-0') && text.includes('RUN')) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const killed = await ensure(
      project,
      { ...service.env, ONE: secret },
      ['--secret', 'id=one,env=ONE'],
      written,
    );
    expect(killed.signal).toBe('SIGKILL');
    for (let tries = 0; tries < 300 && (await files()) !== ''; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await files()).toBe('');
  },
);

testWithEngines('layers of one store are used in another by way of a repository', async () => {
  await using registry = await startDockerRegistry();
  const cache = `${registry.host}/acme/cache`;
  await using project = imageProject(
    [`svc: {reference: localhost/svc, context: svc, cacheFrom: "${cache}", cacheTo: "${cache}"}`],
    {
      'svc/Containerfile': 'FROM scratch\nCOPY bin /bin\nCOPY main /main\n',
      'svc/main': 'm',
      'svc/bin/file': 'f',
    },
  );
  await using first = await podmanStore(peers!.podman);
  expect((await ensure(project, first.env, ['--no-push'])).first).toMatchObject({
    outcome: 'built',
    error: null,
  });
  expect((await registry.requests()).filter(({ method }) => method === 'PUT')).toEqual([]);
  project.write('svc/main', 'm2');
  expect((await ensure(project, first.env, ['--push'])).first).toMatchObject({
    outcome: 'built',
    error: null,
  });
  expect((await registry.requests()).some(({ method }) => method === 'PUT')).toBe(true);
  await using second = await podmanStore(peers!.podman);
  const pulled = await ensure(project, second.env, ['--no-push']);
  expect(pulled.first).toMatchObject({ outcome: 'built', error: null });
  expect(readFileSync(pulled.first?.log ?? '', 'utf8')).toMatch(/Cache pulled from remote/i);
});
