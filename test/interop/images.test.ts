import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBuildContext } from '../../src/engine/context/build-context.js';
import { keyLabel } from '../../src/engine/context/image-key.js';
import type { PruneReport } from '../../src/images/prune-images.js';
import { imageProject, readImages } from '../support/engines/image-project.js';
import { startPodmanService } from '../support/engines/podman-service.js';
import { makeBase, type PodmanStore, podmanStore } from '../support/engines/podman-store.js';
import { standInPodman } from '../support/engines/stand-in-podman.js';
import { exampleOf } from '../support/errors/example-of.js';
import { findPeers } from '../support/peers.js';
import { cliPath, mustRun, run, runCli } from '../support/program/run-cli.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'buildah', 'busybox', 'docker-registry', 'skopeo');
const testWithPodman = test.skipIf(peers === undefined);
const podman = peers?.podman ?? '';

const inTerminal = join(import.meta.dirname, '../support/program/in-terminal.py');
const little = ['--min-disk', '1M', '--min-memory', '1M'];
const files = {
  'svc/Containerfile': 'FROM localhost/base:1\nARG TEXT=none\nCOPY . /app\nRUN echo $TEXT >/text\n',
  'svc/main': 'hello',
};
const svc = 'svc: {reference: localhost/svc, context: svc, args: {TEXT: "one"}}';

interface Place {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

async function ensure(
  project: Place,
  store: Pick<PodmanStore, 'env'>,
  words: readonly string[] = [],
  path?: string,
) {
  const ran = await runCli(['images', 'ensure', '--output', 'json', ...little, ...words], {
    cwd: project.directory,
    env: { ...store.env, ...project.env, PATH: path ?? process.env.PATH },
    timeoutMs: 240_000,
  });
  return { ...ran, result: readImages(ran.stdout), first: readImages(ran.stdout).first };
}

testWithPodman('an image is built once, and found by its key no matter who built it', async () => {
  await using store = await podmanStore(podman);
  await makeBase(store);
  await using project = imageProject([svc], files);
  const built = await ensure(project, store);
  expect([built.code, built.first.outcome, built.first.attempts]).toEqual([0, 'built', 1]);
  expect(built.first.use).toEqual({ reference: built.first.reference, imagePullPolicy: 'Never' });
  const labels = JSON.parse(await store.podman('image', 'inspect', built.first.reference ?? ''))[0].Labels;
  expect(labels[keyLabel]).toBe(built.first.key);

  const again = await ensure(project, store);
  expect(again.first).toMatchObject({ outcome: 'reused', from: 'store', id: built.first.id, attempts: 0 });
  // Another checkout, of another team.
  await using other = imageProject([svc.replace('localhost/svc', 'localhost/svc')], files);
  expect((await ensure(other, store)).first).toMatchObject({ outcome: 'reused', id: built.first.id });

  project.write('svc/main', 'changed');
  const changed = await ensure(project, store);
  expect([changed.first.outcome, changed.first.key === built.first.key]).toEqual(['built', false]);
  project.write('svc/main', 'hello');
  expect((await ensure(project, store)).first).toMatchObject({ outcome: 'reused', id: built.first.id });

  // A base that changed is another image.
  await store.podman('tag', changed.first.reference ?? '', 'localhost/base:1');
  const rebased = await ensure(project, store);
  expect([rebased.first.outcome, rebased.first.key === built.first.key]).toEqual(['built', false]);
});

test.skipIf(peers === undefined || findPeers('python3') === undefined)(
  'a terminal shows which step of a build is at work, and a pipe does not',
  async () => {
    await using store = await podmanStore(podman);
    await makeBase(store);
    await using project = imageProject([svc], {
      ...files,
      'svc/Containerfile': 'FROM localhost/base:1\nCOPY . /app\nRUN sleep 2\nRUN echo ready\n',
    });
    const words = [process.execPath, cliPath, 'images', 'ensure', ...little];
    const env = { ...store.env, ...project.env, TERM: 'xterm', LANG: 'C.UTF-8', COLUMNS: '80' };
    const at = { cwd: project.directory, env, timeoutMs: 240_000 };
    const ran = await mustRun('python3', [inTerminal, '[]', ...words], at);
    const { shown, status } = JSON.parse(ran) as { shown: string; status: number };
    expect([status, shown], shown).toEqual([0, expect.stringMatching(/building svc █+░+ step 3 of \d \(/)]);
    project.write('svc/main', 'changed');
    const piped = await run(process.execPath, words.slice(1), at);
    expect([piped.code, piped.stderr, piped.stderr.includes('step')]).toEqual([
      0,
      expect.stringContaining('building (output: '),
      false,
    ]);
  },
);

testWithPodman(
  'the example of docs/reference/service-images.md is built once, with its log inside of its context',
  async () => {
    await using store = await podmanStore(podman);
    const document = readFileSync(
      join(import.meta.dirname, '../../docs/reference/service-images.md'),
      'utf8',
    );
    const [, example = ''] = /^```yaml\nimages:\n([\s\S]*?)^```/m.exec(document) ?? [];
    const lines = example
      .replace('quay.io/acme/', 'localhost/')
      .replace('linux/amd64', `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`)
      .split('\n')
      .map((line) => line.slice(2));
    await using project = imageProject(
      lines.filter((line) => line !== ''),
      {
        'build/datastorage.Containerfile': 'FROM scratch\nARG GO_VERSION\nCOPY . /app\n',
        'main.go': 'package main\n',
      },
    );
    const out = join(project.directory, 'out');
    const built = await ensure(project, store, ['--export', out]);
    expect(built.first).toMatchObject({ outcome: 'built', error: null });
    expect(built.first.log).toBe(join(project.directory, '.bundles', 'images', 'datastorage.log'));
    const inside = await filesOfImage(join(out, 'datastorage.tar'));
    expect(inside).toEqual(expect.arrayContaining(['app/main.go', 'app/bundles.yaml']));
    expect(inside.filter((path) => /\.bundles|\.state\/tekton-bundles|datastorage\.tar/.test(path))).toEqual(
      [],
    );
    // Another run, and another project of the same files.
    const again = await ensure(project, store, ['--export', out]);
    expect(again.first).toMatchObject({ outcome: 'reused', from: 'store', key: built.first.key });
  },
);

testWithPodman(
  'what was pushed once is reused from a registry by a second store, and never built there',
  async () => {
    await using registry = await startDockerRegistry();
    await using store = await podmanStore(podman);
    await makeBase(store);
    await store.podman(
      'push',
      '--quiet',
      '--tls-verify=false',
      'localhost/base:1',
      `docker://${registry.host}/base:1`,
    );
    const lines = [`svc: {reference: "${registry.host}/acme/svc:v1", context: svc}`];
    const based = {
      ...files,
      'svc/Containerfile': `FROM ${registry.host}/base:1\nCOPY . /app\nRUN cat /app/main\n`,
    };
    await using project = imageProject(lines, based);
    const pushed = await ensure(project, store);
    expect(pushed.first).toMatchObject({ outcome: 'built', verdict: 'absent', pushed: true, error: null });
    const digestOf = async (tag: string) =>
      JSON.parse(
        await mustRun(peers!.skopeo, [
          'inspect',
          '--tls-verify=false',
          `docker://${registry.host}/acme/svc:${tag}`,
        ]),
      ).Digest as string;
    const tag = pushed.first.reference?.split(':').at(-1) ?? '';
    expect([await digestOf(tag), await digestOf('v1')]).toEqual([pushed.first.digest, pushed.first.digest]);

    await using second = await podmanStore(podman);
    await using checkout = imageProject(lines, based);
    const reused = await ensure(checkout, second);
    expect(reused.first).toMatchObject({
      outcome: 'reused',
      from: 'registry',
      digest: pushed.first.digest,
      id: null,
      use: { reference: pushed.first.reference, imagePullPolicy: 'IfNotPresent' },
    });
    expect(await second.names()).toEqual([]);

    // The declared tag is not taken from the image it names.
    checkout.write('svc/main', 'other');
    const different = await ensure(checkout, second);
    expect([different.code, different.first.error?.code]).toEqual([4, 'TAG_DIFFERS']);
    expect(await digestOf('v1')).toBe(pushed.first.digest);
    // Nor is the same name in the local store, before that was known.
    expect(await second.names()).not.toContain(`${registry.host}/acme/svc:v1`);
    expect(await second.names()).toContain(different.first.reference);
    const local = await ensure(checkout, second, ['--no-push']);
    expect(local.first).toMatchObject({ outcome: 'reused', from: 'registry' });
  },
);

testWithPodman('an export is an archive that podman loads into another store', async () => {
  await using store = await podmanStore(podman);
  await makeBase(store);
  await using project = imageProject([svc], files);
  const out = join(project.directory, 'out');
  const built = await ensure(project, store, ['--export', out]);
  expect(built.first.exported).toBe(join(out, 'svc.tar'));
  // Written over, and from a reused image.
  const again = await ensure(project, store, ['--export', out]);
  expect(again.first).toMatchObject({ outcome: 'reused', exported: join(out, 'svc.tar') });
  await using second = await podmanStore(podman);
  await second.podman('load', '--input', join(out, 'svc.tar'));
  expect(await second.names()).toEqual([built.first.reference]);
  expect((await second.podman('images', '--quiet', '--no-trunc')).trim()).toBe(`sha256:${built.first.id}`);
});

testWithPodman('a key is made of exactly what podman sees of a context', async () => {
  await using store = await podmanStore(podman);
  await using project = imageProject([svc], {
    'svc/Containerfile': 'FROM scratch\nCOPY . /\n',
    'svc/keep/a.txt': '1',
    'svc/keep/b.md': '2',
    'svc/drop/c.txt': '3',
    'svc/drop/deep/keep.txt': '4',
    'svc/node_modules/x/y.js': '5',
    'svc/a b.txt': '6',
    'svc/.hidden/z': '7',
    'svc/keep/README.md': '8',
    'svc/#odd [x]*': '9',
    'svc/!also': '10',
  });
  mkdirSync(join(project.directory, 'svc', 'empty'));
  const rules = [
    'drop\n!drop/deep/keep.txt\nnode_modules/\n',
    '**/*.md\n!keep/README.md\n.hidden\n',
    '*\n!keep\nkeep/b.md\n',
    '# nothing\n\n  a b.txt  \n/drop/\n',
    '*.txt\n**/deep\n',
    'keep/*\n!keep/a.*\n',
    '/keep/a.txt\n./drop\n!/drop//c.txt\n',
    '**\n!**/*.txt\n',
    '#*\n!\\!also\n?odd*\n!a*\n\\!*\n',
    'd?op\n[n]ode_modules\n',
  ];
  for (const text of rules) {
    project.write('svc/.containerignore', text);
    const built = await ensure(project, store, ['--export', join(project.directory, 'out')]);
    expect(built.first.error).toBeNull();
    const seen = await filesOfImage(join(project.directory, 'out', 'svc.tar'));
    const { entries } = await readBuildContext(join(project.directory, 'svc'));
    const keyed = entries.filter(({ kind }) => kind === 'file').map(({ path }) => path);
    expect(keyed, text).toEqual(seen);
  }
});

/** Paths of the files in the only layer of a docker archive, sorted. */
async function filesOfImage(archive: string): Promise<string[]> {
  await using directory = tempDir();
  await mustRun('tar', ['-xf', archive, '-C', directory.path]);
  const layers = (await mustRun('tar', ['-tf', archive]))
    .split('\n')
    .filter((name) => /^[a-f0-9]{64}\.tar$/.test(name));
  expect(layers).toHaveLength(1);
  const names = (await mustRun('tar', ['-tf', join(directory.path, layers[0] ?? '')])).split('\n');
  return names.filter((name) => name !== '' && !name.endsWith('/')).sort();
}

testWithPodman('an engine that quits twice builds at the third attempt', async () => {
  await using store = await podmanStore(podman);
  await makeBase(store);
  for (const end of ['eof', 'refused', 'lock'] as const) {
    await using project = imageProject([svc.replace('one', end)], files);
    const standIn = standInPodman(project.directory, [end, end, 'real'], { real: podman });
    const ran = await ensure(project, store, [], `${standIn.path}:${process.env.PATH}`);
    expect(ran.first).toMatchObject({ outcome: 'built', attempts: 3, error: null });
    expect([ran.code, standIn.builds()]).toEqual([0, 3]);
  }
});

testWithPodman(
  'real failures are recognized by what the engine reports, never by what a RUN prints',
  async () => {
    await using store = await podmanStore(podman);
    await makeBase(store);
    await using service = await startPodmanService(podman, store);
    const run = (command: string) => `FROM localhost/base:1\nRUN ${command}\n`;
    const samples = {
      copy: ['FROM scratch\nCOPY nowhere /\n', 'BUILD_FAILED', 'step'],
      disk: [run('echo "Error: write /x: no space left on device" >&2; exit 1'), 'BUILD_FAILED', 'step'],
      eof: [run('echo before; echo unexpected EOF >&2; exit 3'), 'BUILD_FAILED', 'step'],
      killed: [run('kill -9 $$'), 'ENGINE_FAILED', 'killed'],
      late: [run('exit 125'), 'BUILD_FAILED', 'step'],
      lock: [run('echo "Error: acquiring lock: timed out" ; exit 1'), 'BUILD_FAILED', 'step'],
      step: [run('echo ": connection refused"; exit 2'), 'BUILD_FAILED', 'step'],
    } as const;
    const lines = Object.keys(samples).map(
      (name) => `${name}: {reference: localhost/${name}, context: ${name}}`,
    );
    const texts = Object.entries(samples).map(([name, [text]]) => [`${name}/Containerfile`, text] as const);
    await using project = imageProject(lines, Object.fromEntries(texts));
    for (const { env } of [store, service]) {
      const ran = await ensure(project, { env });
      expect(ran.code).toBe(7);
      expect(
        ran.result.images.map(({ name, attempts, error }) => [
          name,
          attempts,
          error?.code,
          error?.details.reason,
        ]),
      ).toEqual(Object.entries(samples).map(([name, [, code, reason]]) => [name, 1, code, reason]));
      const eof = ran.result.images.find(({ name }) => name === 'eof')?.error;
      expect(eof?.details.lastLines).toContain('before');
      expect(eof?.details.lastLines).toContainEqual(expect.stringMatching(/^Error: building at STEP/));
    }
  },
);

testWithPodman('an image whose context changed while it was built is thrown away', async () => {
  await using store = await podmanStore(podman);
  await makeBase(store);
  await using project = imageProject([svc], {
    ...files,
    'svc/Containerfile': 'FROM localhost/base:1\nCOPY . /app\nRUN sleep 3\n',
  });
  const running = ensure(project, store);
  for (;;) {
    const { stdout } = await runCli(['--version']);
    expect(stdout).not.toBe('');
    const names = await mustRun('find', [project.directory, '-name', 'svc.log', '-size', '+0']);
    if (names !== '') break;
  }
  project.write('svc/main', 'changed meanwhile');
  const ran = await running;
  expect([ran.code, ran.first.error?.code]).toEqual([7, 'SOURCE_CHANGED']);
  const shown = ran.first.error?.message.replaceAll('svc', 'api').replace(`${project.directory}/`, '');
  expect(shown).toBe(exampleOf('SOURCE_CHANGED'));
  expect(await store.names()).toEqual(['localhost/base:1']);
});

testWithPodman(
  'a name that holds an image of somebody else is taken with --replace only, which leaves it a name',
  async () => {
    await using store = await podmanStore(podman);
    await makeBase(store);
    await using project = imageProject([svc.replace('localhost/svc', 'localhost/svc:v1')], files);
    const idOf = async (name: string) =>
      (await store.podman('image', 'inspect', '--format', '{{.Id}}', name)).trim();
    const theirs = await idOf('localhost/base:1');
    await store.podman('tag', 'localhost/base:1', 'localhost/svc:v1');
    const refused = await ensure(project, store);
    expect([refused.code, refused.first.attempts]).toEqual([4, 0]);
    expect(refused.first.error).toMatchObject({
      code: 'TAG_DIFFERS',
      details: { reference: 'localhost/svc:v1', found: [{ id: theirs, repository: null }] },
    });
    expect(await idOf('localhost/svc:v1')).toBe(theirs);

    // The name of a key proves nothing either.
    const byKey = refused.first.reference ?? '';
    await store.podman('untag', 'localhost/svc:v1', 'localhost/svc:v1');
    await store.podman('tag', 'localhost/base:1', byKey);
    const forged = await ensure(project, store);
    expect([forged.code, forged.first.error?.code, await idOf(byKey)]).toEqual([4, 'TAG_DIFFERS', theirs]);

    await store.podman('tag', 'localhost/base:1', 'localhost/svc:v1');
    const taken = await ensure(project, store, ['--replace']);
    expect(taken.first).toMatchObject({ outcome: 'built', error: null });
    for (const name of [byKey, 'localhost/svc:v1']) {
      expect(await idOf(name)).toBe(taken.first.id);
      expect(await idOf(`${name}-${theirs.slice(0, 12)}`)).toBe(theirs);
    }
    // What was built for this repository gives its name to what follows.
    project.write('svc/main', 'second');
    const second = await ensure(project, store);
    expect([second.code, second.first.id]).toEqual([0, await idOf('localhost/svc:v1')]);
  },
);

testWithPodman(
  'a list is made again by each build, and reused only where its images carry the key',
  async () => {
    await using store = await podmanStore(podman);
    await makeBase(store);
    const lines = ['svc: {reference: localhost/one, context: svc, platforms: [linux/amd64, linux/arm64]}'];
    const text = { 'svc/Containerfile': 'FROM scratch\nCOPY main /main\n', 'svc/main': 'm' };
    await using project = imageProject(lines, text);
    // Another project with an image of the same name and content.
    await using other = imageProject([lines[0]?.replace('localhost/one', 'localhost/two') ?? ''], text);
    const membersOf = async (name: string) =>
      (JSON.parse(await store.podman('manifest', 'inspect', name)).manifests as { digest: string }[]).map(
        ({ digest }) => digest,
      );
    const first = await ensure(project, store);
    const name = first.first.reference ?? '';
    const second = await ensure(other, store);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.first.key).toBe(first.first.key);
    expect(await membersOf(name)).toHaveLength(2);
    expect(await membersOf(second.first.reference ?? '')).toHaveLength(2);
    expect(await store.names()).not.toContainEqual(expect.stringContaining('tekton-bundles/'));

    // What an attempt that was killed left of its list is not in the next one.
    project.write('svc/main', 'changed');
    const changed = await ensure(project, store);
    const left = `localhost/tekton-bundles/localhost/one:${changed.first.reference?.split(':').at(-1)}`;
    await store.podman('manifest', 'rm', changed.first.reference ?? '');
    await store.podman('manifest', 'create', left);
    await store.podman('manifest', 'add', left, 'containers-storage:localhost/base:1');
    expect((await ensure(project, store)).first).toMatchObject({ outcome: 'built', error: null });
    expect(await membersOf(changed.first.reference ?? '')).toHaveLength(2);
    expect((await ensure(project, store)).first).toMatchObject({ outcome: 'reused', from: 'store' });

    // A list of other images under the name of the key.
    await store.podman('manifest', 'rm', name);
    await store.podman('manifest', 'create', name);
    await store.podman('manifest', 'add', name, 'containers-storage:localhost/base:1');
    project.write('svc/main', 'm');
    const foreign = await ensure(project, store);
    expect([foreign.code, foreign.first.error?.code]).toEqual([4, 'TAG_DIFFERS']);
  },
);

testWithPodman('several platforms make one list, which is pushed and found again', async () => {
  await using registry = await startDockerRegistry();
  await using store = await podmanStore(podman);
  const lines = [
    `svc: {reference: "${registry.host}/acme/svc", context: svc, platforms: [linux/amd64, linux/arm64]}`,
  ];
  const text = { 'svc/Containerfile': 'FROM scratch\nCOPY main /main\n', 'svc/main': 'm' };
  await using project = imageProject(lines, text);
  const built = await ensure(project, store);
  expect(built.first).toMatchObject({ outcome: 'built', pushed: true, error: null });
  const raw = await mustRun(peers!.skopeo, [
    ...['inspect', '--raw', '--tls-verify=false', `docker://${built.first.reference}`],
  ]);
  const platforms = (JSON.parse(raw).manifests as { platform: { architecture: string } }[]).map(
    ({ platform }) => platform.architecture,
  );
  expect(platforms.sort()).toEqual(['amd64', 'arm64']);
  await using second = await podmanStore(podman);
  expect((await ensure(project, second)).first).toMatchObject({ outcome: 'reused', from: 'registry' });
  expect((await ensure(project, store, ['--offline'])).first).toMatchObject({
    outcome: 'reused',
    from: 'store',
  });

  // The images of a list have no names of their own, and are not dangling layers.
  const members = () => store.podman('images', '--all', '--quiet', '--no-trunc');
  const before = await members();
  const pruned = await runCli(['images', 'prune', '--yes', '--grace', '0s', '--output', 'json'], {
    cwd: project.directory,
    env: { ...store.env, ...project.env },
  });
  expect([pruned.code, (JSON.parse(pruned.stdout) as PruneReport).images]).toEqual([0, []]);
  expect(await members()).toBe(before);
});

testWithPodman('buildah does what podman does', async () => {
  await using registry = await startDockerRegistry();
  await using store = await podmanStore(podman);
  await makeBase(store);
  await using project = imageProject([svc.replace('localhost/', `${registry.host}/`)], files);
  const words = ['--engine', 'buildah', '--export', join(project.directory, 'out')];
  const built = await ensure(project, store, words);
  expect(built.first).toMatchObject({ outcome: 'built', engine: 'buildah', pushed: true, error: null });
  const offline = await ensure(project, store, [...words, '--offline']);
  expect(offline.first).toMatchObject({ outcome: 'reused', from: 'store', id: built.first.id });
  await using second = await podmanStore(podman);
  await second.podman('load', '--input', join(project.directory, 'out', 'svc.tar'));
  expect(await second.names()).toEqual([built.first.reference]);
});

testWithPodman('prune frees what no project needs, and nothing that another team made', async () => {
  await using store = await podmanStore(podman);
  await makeBase(store);
  await using project = imageProject([svc], files);
  const state = { XDG_STATE_HOME: join(project.directory, '.state') };
  await using neighbour = imageProject(['other: {reference: localhost/other, context: svc}'], files);
  const old = await ensure(project, store);
  project.write('svc/main', 'second');
  const kept = await ensure(project, store);
  // The other project shares this user's state, and its images too are built by bundles.
  const others = await ensure({ ...neighbour, env: { ...neighbour.env, ...state } }, store);
  neighbour.write('svc/main', 'second');
  await ensure({ ...neighbour, env: { ...neighbour.env, ...state } }, store);
  await store.podman('tag', 'localhost/base:1', 'quay.io/team/foreign:1');
  await store.podman('volume', 'create', 'theirs');
  project.write('loose/Containerfile', 'FROM localhost/base:1\nRUN echo loose >/loose\n');
  const loose = (await store.podman('build', '--quiet', join(project.directory, 'loose'))).trim();
  const before = await store.names();

  const prune = async (...words: string[]) => {
    const ran = await runCli(['images', 'prune', '--output', 'json', '--grace', '0s', ...words], {
      cwd: project.directory,
      env: { ...store.env, ...project.env },
    });
    return JSON.parse(ran.stdout) as PruneReport;
  };
  const shown = await prune();
  expect(shown.images.map(({ why, names }) => [why, ...names])).toEqual(
    expect.arrayContaining([['unused', old.first.reference]]),
  );
  expect(await store.names()).toEqual(before);

  const enough = await prune('--yes', '--to', '1M');
  expect(enough.images.map(({ left }) => left)).toEqual(enough.images.map(() => 'enough is free'));
  expect(await store.names()).toEqual(before);

  const freed = await prune('--yes');
  expect(freed.images.filter(({ removed }) => removed).length).toBeGreaterThanOrEqual(1);
  const after = await store.names();
  expect(before.filter((name) => !after.includes(name)).sort()).toEqual([old.first.reference]);
  // What somebody built without a name is his, too.
  expect(await store.podman('images', '--all', '--quiet', '--no-trunc')).toContain(loose);
  for (const name of [
    kept.first.reference,
    others.first.reference,
    'quay.io/team/foreign:1',
    'localhost/base:1',
  ])
    expect(after).toContain(name);
  expect(await store.podman('volume', 'ls', '--quiet')).toContain('theirs');
  expect((await ensure(project, store)).first).toMatchObject({ outcome: 'reused', id: kept.first.id });

  // An image that a container uses stays, and is reported.
  project.write('svc/main', 'third');
  await ensure(project, store);
  await store.podman('create', '--name', 'running', kept.first.reference ?? '', '/bin/true');
  const inUse = await prune('--yes', '--no-dangling');
  expect(inUse.images.map(({ removed, left }) => [removed, left !== null])).toEqual([[false, true]]);
  expect(await store.podman('ps', '--all', '--format', '{{.Image}}')).toContain(kept.first.reference);
});
