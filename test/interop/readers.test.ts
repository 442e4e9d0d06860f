import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { mustRun, run, runCli } from '../support/program/run-cli.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('crane', 'oras', 'skopeo', 'docker-registry');
const interop = test.skipIf(peers === undefined);
const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
const source = [
  'kind: Task\napiVersion: tekton.dev/v1\nmetadata: {name: fetch}\nspec:\n  steps: [{name: s, image: busybox}]\n',
]
  .concat(
    'kind: Pipeline\napiVersion: tekton.dev/v1\nmetadata: {name: workflow}\nspec: {params: [{name: a, default: on}]}\n',
  )
  .join('---\n');
let registry: DockerRegistry;
let home: TempDir;
let reference: string;
let digest: string;
let manifest: string;

beforeAll(async () => {
  if (peers === undefined) return;
  registry = await startDockerRegistry({ program: peers['docker-registry'] });
  home = tempDir();
  reference = `${registry.host}/acme/bundle:v1.0.0`;
  const file = join(home.path, 'bundle.yaml');
  writeFileSync(file, source);
  await mustRunCli(['push', reference, '-f', file, '--annotate', 'org.example=<1>', '--label', 'l=1']);
  const response = await fetch(`${registry.url}/v2/acme/bundle/manifests/v1.0.0`, {
    headers: { accept: mediaType },
  });
  digest = response.headers.get('docker-content-digest') ?? '';
  manifest = await response.text();
});

afterAll(async () => {
  await registry?.close();
  await home?.[Symbol.asyncDispose]();
});

interop('crane finds every layer, size and hash of our bundle right', async () => {
  await mustRun(peers!.crane, ['validate', '--remote', reference, '--insecure'], { env: environment() });
  const said = await mustRun(peers!.crane, ['digest', reference, '--insecure'], { env: environment() });
  expect(said.trim()).toBe(digest);
  expect(await mustRun(peers!.crane, ['manifest', reference, '--insecure'], { env: environment() })).toBe(
    manifest,
  );
});

interop('crane names the files in our layers', async () => {
  const exported = join(home.path, 'exported');
  mkdirSync(exported, { recursive: true });
  const tar = join(exported, 'all.tar');
  await mustRun(peers!.crane, ['export', reference, tar, '--insecure'], { env: environment() });
  const names = await mustRun('tar', ['-tf', tar], { env: environment() });
  expect(names.trim().split('\n').sort()).toEqual(['fetch', 'workflow']);
});

interop('oras fetches our manifest and our layers', async () => {
  const fetched = await mustRun(peers!.oras, ['manifest', 'fetch', '--plain-http', reference], {
    env: environment(),
  });
  expect(fetched).toBe(manifest);
  const resolved = await mustRun(peers!.oras, ['resolve', '--plain-http', reference], { env: environment() });
  expect(resolved.trim()).toBe(digest);
  const { layers } = JSON.parse(manifest) as { layers: { digest: string; size: number }[] };
  for (const layer of layers) {
    const path = join(home.path, `${layer.digest.slice(7)}.tar.gz`);
    const blob = `${registry.host}/acme/bundle@${layer.digest}`;
    await mustRun(peers!.oras, ['blob', 'fetch', '--plain-http', '--output', path, blob], {
      env: environment(),
    });
    expect(readFileSync(path).length).toBe(layer.size);
  }
});

interop('skopeo reads our manifest and copies our bundle', async () => {
  const plain = ['--tls-verify=false'];
  const raw = await mustRun('skopeo', ['inspect', '--raw', ...plain, `docker://${reference}`], {
    env: environment(),
  });
  expect(raw).toBe(manifest);
  const inspected = await mustRun('skopeo', ['inspect', ...plain, `docker://${reference}`], {
    env: environment(),
  });
  expect(JSON.parse(inspected)).toMatchObject({
    Digest: digest,
    Labels: { l: '1' },
    Created: '1970-01-01T00:00:00Z',
  });
  const directory = join(home.path, 'copied');
  await mustRun(
    'skopeo',
    ['--insecure-policy', 'copy', '--src-tls-verify=false', `docker://${reference}`, `dir:${directory}`],
    {
      env: environment(),
    },
  );
  expect(readFileSync(join(directory, 'manifest.json'), 'utf8')).toBe(manifest);
  expect(readdirSync(directory).length).toBe(2 + 1 + 2);
});

interop('crane and skopeo carry our bundle to another repository without a change', async () => {
  const byCrane = `${registry.host}/copied/by-crane:v1`;
  await mustRun(peers!.crane, ['copy', reference, byCrane, '--insecure'], { env: environment() });
  const bySkopeo = `${registry.host}/copied/by-skopeo:v1`;
  await mustRun(
    'skopeo',
    [
      '--insecure-policy',
      'copy',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      '--preserve-digests',
      `docker://${reference}`,
      `docker://${bySkopeo}`,
    ],
    { env: environment() },
  );
  for (const copy of [byCrane, bySkopeo]) {
    const said = await mustRun(peers!.crane, ['digest', copy, '--insecure'], { env: environment() });
    expect(said.trim(), copy).toBe(digest);
  }
});

interop('skopeo and crane read a layout that we built, when it holds one image', async () => {
  const project = join(home.path, 'project');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'bundle.yaml'), source);
  writeFileSync(
    join(project, 'bundles.yaml'),
    `version: 1\nrepository: ${registry.host}/acme\ntag: v1.0.0\npublish: never\nbundles:\n  bundle:\n    files: [bundle.yaml]\n`,
  );
  const layout = join(project, 'layout');
  await mustRunCli(['build', '--to', layout], project);
  const found = readdirSync(layout, { recursive: true })
    .map(String)
    .find((path) => path.endsWith('oci-layout'));
  const directory = join(layout, found ?? '', '..');
  const raw = await mustRun('skopeo', ['inspect', '--raw', `oci:${directory}`], { env: environment() });
  const built = JSON.parse(raw) as { mediaType: string; layers: object[] };
  expect(built.mediaType).toBe(mediaType);
  expect(built.layers.length).toBe(2);
  const pushed = `${registry.host}/acme/from-layout:v1`;
  await mustRun(peers!.crane, ['push', directory, pushed, '--insecure'], { env: environment() });
  const fetched = await mustRun(peers!.crane, ['manifest', pushed, '--insecure'], { env: environment() });
  expect(fetched).toContain(JSON.stringify(built.layers).slice(1, -1));
});

interop('what oras reports of a tag that is not there, our list reports with its own exit code', async () => {
  const absent = `${registry.host}/acme/bundle:absent`;
  const theirs = await run(peers!.oras, ['manifest', 'fetch', '--plain-http', absent], {
    env: environment(),
  });
  expect(theirs.code).toBe(1);
  const ours = await runCli(['list', absent], { env: environment() });
  expect(ours.code).not.toBe(0);
  expect(ours.stderr).toContain(absent);
});

async function mustRunCli(args: readonly string[], cwd?: string): Promise<string> {
  const ran = await runCli(args, { env: environment(), cwd });
  if (ran.code === 0) return ran.stdout;
  throw new Error(`bundles ${args.join(' ')}: ${ran.code}\n${ran.stdout}${ran.stderr}`);
}

function environment(): Record<string, string> {
  return { HOME: home.path, TZ: 'UTC' };
}
