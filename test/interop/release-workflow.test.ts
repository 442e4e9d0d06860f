import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { test as everywhere, expect } from 'vitest';
import { writeNodeBase } from '../support/engines/node-base.js';
import { startLoopbackGitHub } from '../support/github/loopback-github.js';
import { findPeers } from '../support/peers.js';
import { mustRun, run } from '../support/program/run-cli.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { startSigstoreAuthority } from '../support/signing/sigstore-authority.js';
import { tempDir } from '../support/temp-dir.js';

// The release workflow, rehearsed: a clone is made a release by the maintainers' commands, and the `run:` steps of each job run
// in order against a registry of npm, a GitHub, a container registry and a sigstore of this machine.

const peers = findPeers('git', 'docker-registry', 'node-amd64', 'node-arm64');
const test = everywhere.skipIf(peers === undefined);
const root = fileURLToPath(new URL('../../', import.meta.url));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly id?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const { jobs } = load(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')) as {
  readonly jobs: Readonly<Record<'build' | 'npm' | 'github' | 'image', Job>>;
};

/** Stages of their own in .ci/run, and what installed the packages of the clone. */
const passedOver = new Set(['npm ci', 'npm ci --ignore-scripts', 'npm test']);
const version = '0.9.0';
const tag = `v${version}`;

test('each step of the release workflow does its work, and a second run changes nothing', async () => {
  await using place = tempDir('release-');
  const clone = join(place.path, 'clone');
  await releaseCommit(clone);
  await using github = await startLoopbackGitHub();
  github.refs.set(`tags/${tag}`, github.refs.get('heads/main')!);
  await using npm = await startNpmRegistry(place.path);
  await using registry = await startDockerRegistry({ program: peers!['docker-registry'] });
  await using authority = await startSigstoreAuthority();
  const trustedRoot = join(place.path, 'root.json');
  writeFileSync(trustedRoot, authority.trustedRoot({ log: 1 }));
  const base = join(place.path, 'base');
  await writeNodeBase(base, '24', { amd64: peers!['node-amd64'], arm64: peers!['node-arm64'] });
  const workflow = `https://github.com/acme/bundles/.github/workflows/release.yml@refs/tags/${tag}`;
  const image = `${registry.host}/acme/bundles`;
  const environment = {
    ...authority.github(workflow),
    ...{ CI: 'true', TAG: tag, HOME: place.path, npm_config_registry: npm.url },
    ...{ GITHUB_API_URL: github.url, GITHUB_REPOSITORY: github.repository, GITHUB_ACTOR: 'robot' },
    ...{
      BUNDLES_FULCIO_URL: authority.url,
      BUNDLES_REKOR_URL: authority.url,
      BUNDLES_TSA_URL: authority.url,
    },
    BUNDLES_TRUSTED_ROOT: trustedRoot,
    [`npm_config_//${npm.host}/:_authToken`]: 'of-the-rehearsal',
  };
  /** The values of expressions of the workflow, and of what is elsewhere. */
  const values: Readonly<Record<string, string>> = {
    ...{ TAG: tag, GITHUB_TOKEN: github.token, BUNDLE: join(place.path, 'bundle.json') },
    ...{ REGISTRY: registry.host, IMAGE: image, BASE: `oci:${base}:24` },
    // npm makes provenance only on CI providers that it supports.
    NPM_CONFIG_PROVENANCE: 'false',
  };
  writeFileSync(values.BUNDLE!, '{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}\n');
  const kept = join(place.path, 'artifact');
  const rehearse = (name: keyof typeof jobs, directory: string) =>
    runJob(jobs[name], { directory, kept, environment, values });

  await rehearse('build', clone);
  const files = [
    'SHA256SUMS',
    'bundles.mjs',
    `tekton-bundles-${version}.cdx.json`,
    `tekton-bundles-${version}.tgz`,
  ];
  for (const file of [...files.map((one) => `release/${one}`), 'release-notes.md'])
    expect(existsSync(join(kept, file)), file).toBe(true);
  // The file of the release runs with Node alone, and prints its version.
  const alone = await run(process.execPath, [join(kept, 'release/bundles.mjs'), '--version'], {
    env: { PATH: '' },
  });
  expect(alone.stdout).toBe(`${version}\n`);

  const empty = join(place.path, 'npm-job');
  mkdirSync(empty);
  await rehearse('npm', empty);
  const published = (await (await fetch(`${npm.url}tekton-bundles`)).json()) as {
    versions: Record<string, { repository: { url: string } }>;
  };
  expect(Object.keys(published.versions)).toEqual([version]);
  expect(published.versions[version]?.repository.url).toBe('git+https://github.com/acme/bundles.git');

  for (const _ of ['first', 'again']) {
    await rehearse('github', clone);
    expect(github.releases.map(({ tag_name, draft }) => [tag_name, draft])).toEqual([[tag, false]]);
  }
  const [release] = github.releases;
  expect(release?.assets.map(({ name }) => name).sort()).toEqual(
    [...files, `tekton-bundles-${version}.sigstore.json`].sort(),
  );
  expect(release?.body).toContain('### Added');

  await rehearse('image', clone);
  const verified = await run(
    process.execPath,
    [
      ...[join(root, 'bin/bundles.js'), 'verify', `${image}:${version}`],
      ...['--certificate-identity', workflow],
      ...['--certificate-oidc-issuer', 'https://token.actions.githubusercontent.com'],
    ],
    { env: { BUNDLES_TRUSTED_ROOT: trustedRoot, HOME: place.path } },
  );
  expect([verified.code, verified.stderr]).toEqual([0, '']);
});

test('jobs that publish wait for the build, each in an environment of its own', () => {
  const publishing = Object.entries(jobs).filter(([, job]) => 'environment' in job);
  expect(publishing.map(([name]) => name)).toEqual(['npm', 'github', 'image']);
  for (const [name, { needs = [] }] of publishing) expect([needs].flat(), name).toContain('build');
  // Beside the token for npm nothing is installed, and no script of a package runs.
  expect(jobs.npm.steps.some(({ run: line = '' }) => /npm (?:ci|install|run)/.test(line))).toBe(false);
});

/** A clone whose last commit is a release, as docs/releasing.md makes one. */
async function releaseCommit(clone: string): Promise<void> {
  const git = (...words: string[]) => mustRun(peers!.git, words, { cwd: clone, env: identity });
  await mustRun(peers!.git, ['clone', '--quiet', root, clone], { env: identity });
  cpSync(join(root, 'node_modules'), join(clone, 'node_modules'), { recursive: true });
  const node = (...words: string[]) => mustRun(process.execPath, words, { cwd: clone });
  const typescript = ['--import', './scripts/typescript.mjs'];
  const isRelease = () =>
    run(process.execPath, [...typescript, 'scripts/release/check-tag.ts', tag], { cwd: clone });
  await node(...typescript, 'scripts/release/set-release.ts', version, '--date', '2026-12-01');
  // Without the built action it is none.
  expect([(await isRelease()).code, (await isRelease()).stderr]).toEqual([
    1,
    'not a release: action/dist is not what npm run build:action gives\n',
  ]);
  await node('scripts/build-action.mjs');
  await git('add', '--all');
  await git('add', '--force', 'action/dist');
  await git('commit', '--quiet', '--message', `chore(release): ${version}`);
  await git('tag', tag);
}

const identity = {
  ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_CONFIG_NOSYSTEM: '1' },
  ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com', HOME: '/nowhere' },
};

interface Rehearsal {
  readonly directory: string;
  /** Where the artifact of the workflow is kept. */
  readonly kept: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
}

async function runJob(job: Job, { directory, kept, environment, values }: Rehearsal): Promise<void> {
  const variables = join(kept, '..', 'github-env');
  writeFileSync(variables, '');
  for (const { uses = '', run: line, env: own = {} } of job.steps) {
    if (uses.startsWith('actions/upload-artifact@')) {
      for (const path of ['release', 'release-notes.md'])
        cpSync(join(directory, path), join(kept, path), { recursive: true });
    } else if (uses.startsWith('actions/download-artifact@')) {
      rmSync(join(directory, 'release'), { recursive: true, force: true });
      cpSync(kept, directory, { recursive: true });
    }
    if (line === undefined || passedOver.has(line)) continue;
    const set = Object.fromEntries(
      readFileSync(variables, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((text) => text.split('=', 2)),
    ) as Record<string, string>;
    const given = Object.fromEntries(
      Object.entries({ ...job.env, ...own }).map(([name, value]) => [name, values[name] ?? value]),
    );
    expect(Object.values(given).filter((value) => value.includes('{{'))).toEqual([]);
    const ran = await run('bash', ['-eo', 'pipefail', '-c', line], {
      cwd: directory,
      env: { ...environment, ...given, ...set, GITHUB_ENV: variables },
    });
    expect([line, ran.code, ran.code === 0 ? '' : ran.stdout + ran.stderr]).toEqual([line, 0, '']);
  }
}

async function startNpmRegistry(directory: string) {
  const ready = join(directory, 'npm-registry');
  const child = spawn(process.execPath, [join(root, 'scripts/npm-registry.mjs'), ready], {
    stdio: 'inherit',
  });
  await expect
    .poll(() => existsSync(ready) && readFileSync(ready, 'utf8'), { timeout: 60_000 })
    .toMatch(/^http/);
  const url = readFileSync(ready, 'utf8');
  return {
    ...{ url, host: new URL(url).host },
    [Symbol.asyncDispose]: async () => void child.kill(),
  };
}
