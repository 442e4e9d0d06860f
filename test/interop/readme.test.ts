import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { photographCatalog } from '../../scripts/pictures/catalog-page.js';
import { drawScene } from '../../scripts/pictures/run-scene.js';
import { withoutDurations } from '../support/documents/picture-scene.js';
import { playProjectLines, readmeFence, root } from '../support/documents/readme.js';
import { findPeers } from '../support/peers.js';
import { mustRun, run } from '../support/program/run-cli.js';
import { runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const terminal = findPeers('python3');
const browser = findPeers('chromium');
const git = findPeers('git');
const loop = findPeers('tkn', 'skopeo');

test.skipIf(!terminal)(
  'the picture in README.md is that of a terminal: npm run pictures -- run',
  async () => {
    const committed = readFileSync(join(root, 'docs/pictures/ensure.svg'), 'utf8');
    // How long a run takes moves no line, and only the width of its own text.
    const still = (svg: string) =>
      withoutDurations(svg).replace(/textLength="[\d.]+"(?=[^>]*>[^<]*SOME TIME)/g, '');
    expect(still(await drawScene(terminal!.python3))).toBe(still(committed));
  },
);

test.skipIf(!browser)(
  'the picture of the catalog in README.md shows its page as it is: npm run pictures -- catalog',
  async () => {
    const { pictures, text } = await photographCatalog(browser!.chromium);
    expect(text).toBe(readFileSync(join(root, 'docs/pictures/catalog.txt'), 'utf8'));
    for (const [name, picture] of Object.entries(pictures)) {
      const committed = readFileSync(join(root, 'docs/pictures', name));
      expect(committed.subarray(8, 12).toString(), name).toBe('WEBP');
      // The same page, give or take fonts.
      expect(committed.length / picture.length, name).toBeGreaterThan(0.5);
      expect(committed.length / picture.length, name).toBeLessThan(2);
    }
  },
);

test.skipIf(!git)('all lines of README.md for a project of your own, with git', async () => {
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  await playProjectLines({ env, repository: true }, async (project, played) => {
    for (const { line, code, stderr } of played) expect(code, `${line}\n${stderr}`).toBe(0);
    const status = await mustRun('git', ['status', '--porcelain', '--untracked-files=all'], {
      cwd: project,
      env,
    });
    const staged = status.split('\n').filter((line) => line.startsWith('A '));
    expect(staged.map((line) => line.slice(3))).toEqual([
      '.gitattributes',
      '.gitignore',
      'bundles.lock',
      'bundles.yaml',
    ]);
    const others = status.split('\n').filter((line) => line !== '' && !line.startsWith('A '));
    // What was there before; nothing that ensure made is left over.
    expect(
      others.every((line) => /^\?\? (?:node_modules\/|pipelines\/|package\.json$)/.test(line)),
      status,
    ).toBe(true);
  });
});

test.skipIf(!loop)(
  'the loop in README.md records what bundles pins, and overwrites where bundles does not',
  async () => {
    await using registry = await startGuardedRegistry();
    await using directory = tempDir();
    const repository = `${registry.host}/acme/pipelines`;
    await using project = sampleProject({ repository, bundles: ['build', 'deploy'] });
    const bin = join(directory.path, 'bin');
    mkdirSync(bin);
    for (const name of ['tkn', 'skopeo'] as const) symlinkSync(loop![name], join(bin, name));
    const settings = join(directory.path, '.config/containers');
    mkdirSync(settings, { recursive: true });
    writeFileSync(
      join(settings, 'registries.conf'),
      `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`,
    );
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: directory.path,
      TZ: 'UTC',
    };
    const script = readmeFence('tkn bundle push').replaceAll('quay.io/acme/pipelines', repository);
    expect(script.trimEnd().split('\n')).toHaveLength(10);
    const runLoop = () => mustRun('sh', ['-c', script], { cwd: project.directory, env });
    const digestOf = async (name: string) =>
      (
        await mustRun(
          'skopeo',
          ['inspect', '--format', '{{.Digest}}', `docker://${repository}/${name}:v1.0.0`],
          { env },
        )
      ).trim();

    await runLoop();
    const recorded = readFileSync(join(project.directory, 'references.txt'), 'utf8').trimEnd().split('\n');
    const config = ['--config', project.config];
    const { result } = await runJson(['ensure', ...config]);
    expect(result.bundles.map(({ pinned }) => pinned)).toEqual(recorded);
    expect(result.summary?.reused).toBe(2);

    // One file changes, and the registry does not serve manifests for a moment.
    const published = await digestOf('deploy');
    project.write('pipelines/deploy.yaml', samplePipeline('other'));
    const whileDown = async (action: () => Promise<unknown>) => {
      registry.intercept = ({ method, url }) =>
        method === 'GET' && new URL(url).pathname.includes('/manifests/')
          ? new Response('down', { status: 503 })
          : undefined;
      await action();
      registry.intercept = undefined;
    };
    await whileDown(async () => {
      const { result } = await runJson(['ensure', ...config]);
      const found = result.bundles.map(({ verdict, outcome }) => [verdict, outcome]);
      expect(found).toEqual([
        ['present', 'reused'],
        ['unreachable', 'fallback'],
      ]);
    });
    expect(await digestOf('deploy')).toBe(published);
    await whileDown(() => run('sh', ['-c', script], { cwd: project.directory, env }));
    expect(await digestOf('deploy')).not.toBe(published);
  },
);
