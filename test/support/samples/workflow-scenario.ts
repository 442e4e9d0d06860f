import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keyLabel } from '../../../src/engine/context/image-key.js';
import type { EnsureResult } from '../../../src/ensure/result.js';
import type { VerifyResult } from '../../../src/ensure/verify/verify-result.js';
import type { ImagesResult } from '../../../src/images/image-result.js';
import type { PinResult } from '../../../src/release/pin-result.js';
import { startKubernautCluster } from '../cluster/kubernaut-cluster.js';
import { runCli } from '../program/run-cli.js';
import { runInProcess } from '../program/run-in-process.js';
import { sha256, talkTo } from '../registry/registry-requests.js';
import { sampleProject } from './sample-project.js';

/** A document that people keep: objects that go along, then the workflow. */
function document(name: string, engine: string): string {
  return `# kept by hand
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}-runner}
---
apiVersion: kubernaut.ai/v1alpha1
kind: RemediationWorkflow
metadata:
  name: ${name}   # found by this name
spec:
  version: "1.0.0"
  description: {what: Restarts it, whenToUse: It hangs}
  actionType: RestartPod
  labels: {severity: [critical], environment: [test], component: [v1/Pod], priority: P1}
  execution:
    engine: ${engine}
    bundle: REPLACE_ME
    serviceAccountName: ${name}-runner
  parameters:
    - {name: MESSAGE, type: string, required: false, description: what to say}
`;
}

/**
 * One project of an image, a bundle, and workflows of the engines tekton and job, on a registry and in a cluster: all of it
 * made sure of, then nothing to do, then offline, then with the digest of one image changed. With variables for a container
 * engine the image is built by it; else an earlier run has built it.
 */
export async function expectWorkflowsOf(
  host: string,
  engine?: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await using cluster = await startKubernautCluster();
  await using project = sampleProject({
    repository: `${host}/acme`,
    workflow: false,
    settings: [
      'schemas: {format: remediation-workflow}',
      'actionTypes: {RestartPod: {what: Restarts a pod, whenToUse: It hangs}}',
      'catalog: {kubernetes: {namespace: flows}}',
      `images: {svc: {reference: "${host}/acme/svc:v1", context: svc, platforms: [linux/amd64]}}`,
      'workflows:',
      '  by-bundle: {bundle: alpha, document: deploy/by-bundle.yaml}',
      '  by-image: {image: svc, document: deploy/by-image.yaml, onDigestChange: patch}',
      `  by-reference: {reference: "${host}/acme/tool:v1", document: deploy/by-reference.yaml, onDigestChange: patch}`,
    ],
  });
  project.write('svc/Containerfile', 'FROM scratch\nCOPY hello /hello\n');
  project.write('svc/hello', 'hello');
  for (const name of ['by-bundle', 'by-image', 'by-reference'])
    project.write(`deploy/${name}.yaml`, document(name, name === 'by-bundle' ? 'tekton' : 'job'));
  const read = (path: string) => readFileSync(join(project.directory, path), 'utf8');
  const committed = () => ['bundles.lock', ...names.map((name) => `deploy/${name}.yaml`)].map(read);
  const names = ['by-bundle', 'by-image', 'by-reference'];
  const environment = { PATH: '', HOME: project.directory, ...engine, KUBECONFIG: cluster.kubeconfig };
  // What builds images is a program of its own beside the built one.
  const run = (words: readonly string[]) =>
    engine === undefined
      ? runInProcess(words, { environment, home: project.directory })
      : runCli(words, { env: environment, timeoutMs: 180_000 });
  const json = async <Result>(words: readonly string[]) => {
    const ran = await run([...words, '--config', project.config, '--output', 'json']);
    return { code: ran.code, ...(JSON.parse(ran.stdout) as Result) };
  };
  const client = talkTo(fetch, `http://${host}`);
  const push = async (repository: string, tag: string, labels: Record<string, string>) => {
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: labels },
      rootfs: { type: 'layers', diff_ids: [] },
    });
    await client.pushBlob(repository, config);
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: sha256(config),
        size: config.length,
      },
      layers: [],
    };
    await client.pushManifest(repository, tag, manifest);
    return sha256(JSON.stringify(manifest));
  };

  // The tool is somebody else's.
  const tool = await push('acme/tool', 'v1', { is: 'one' });
  const ensureImages = () =>
    json<ImagesResult & Pick<EnsureResult, 'workflows'>>(
      'images ensure --min-disk 1M --min-memory 1M'.split(' '),
    );
  if (engine === undefined) {
    const [{ key = '', reference = '' } = {}] = (await ensureImages()).images;
    await push('acme/svc', reference?.split(':').at(-1) ?? '', { [keyLabel]: key ?? '' });
  }
  const images = await ensureImages();
  const image = images.images[0]?.digest ?? '';
  expect([images.code, images.images[0]?.outcome, images.workflows.map(({ digest }) => digest)]).toEqual([
    0,
    engine === undefined ? 'reused' : 'built',
    [image],
  ]);

  const planned = await json<EnsureResult>(['check']);
  expect([planned.code, planned.workflows.map(({ changes }) => changes)]).toEqual([
    3,
    [['lock', 'schema', 'catalog'], ['catalog'], ['lock', 'schema', 'catalog']],
  ]);
  const first = await json<EnsureResult>(['ensure', '--push']);
  expect(first.workflows.map(({ error }) => error)).toEqual([null, null, null]);
  const bundle = first.bundles[0]?.digest;
  expect(first.workflows.map(({ digest, workflow }) => [digest, workflow?.action])).toEqual([
    [bundle, 'created'],
    [image, 'created'],
    [tool, 'created'],
  ]);
  const pinned = {
    'by-bundle': `${host}/acme/alpha:v1.0.0@${bundle}`,
    'by-image': `${host}/acme/svc:v1@${image}`,
    'by-reference': `${host}/acme/tool:v1@${tool}`,
  };
  for (const [name, text] of Object.entries(pinned)) {
    const engine = name === 'by-bundle' ? 'tekton' : 'job';
    expect(read(`deploy/${name}.yaml`)).toBe(document(name, engine).replace('REPLACE_ME', text));
  }
  const live = (name: string) =>
    cluster.objects.get(`/apis/kubernaut.ai/v1alpha1/namespaces/flows/remediationworkflows/${name}`) as
      | { spec: { version: string; execution: { bundle: string } }; status: { workflowId: string } }
      | undefined;
  for (const [index, name] of names.entries()) {
    expect(live(name)?.spec.execution.bundle).toBe(pinned[name as keyof typeof pinned]);
    expect(live(name)?.status.workflowId).toBe(first.workflows[index]?.workflow?.workflowId);
    expect(
      cluster.objects.get(`/api/v1/namespaces/flows/serviceaccounts/${name}-runner`),
      'what goes along with the workflow',
    ).toBeDefined();
  }

  const files = committed();
  const again = await json<EnsureResult>(['ensure', '--frozen']);
  expect([again.code, again.workflows.map(({ changes, workflow }) => [changes, workflow?.action])]).toEqual([
    0,
    names.map(() => [[], 'unchanged']),
  ]);
  const offline = await json<EnsureResult>(['ensure', '--offline']);
  expect([offline.code, offline.workflows.map(({ workflow }) => workflow?.action)]).toEqual([
    0,
    names.map(() => 'skipped'),
  ]);
  expect(committed()).toEqual(files);

  const verified = await json<VerifyResult>(['verify']);
  expect([verified.code, verified.workflows.map(({ state }) => state)]).toEqual([0, names.map(() => 'ok')]);
  expect(verified.workflows[2]?.links.map(({ link, state }) => `${link} ${state}`)).toEqual([
    ...['lock ok', 'registry ok', 'schema ok', 'catalog ok'],
  ]);

  const valid = await json<{ files: { file: string; problems: unknown[] }[] }>(['schema', 'validate']);
  expect([valid.code, valid.files.map(({ problems }) => problems)]).toEqual([0, [[], [], []]]);

  // A tag that moved is followed by pin --update alone.
  const moved = await push('acme/tool', 'v1', { is: 'two' });
  expect((await json<EnsureResult>(['ensure'])).workflows.map(({ changes }) => changes)).toEqual([
    [],
    [],
    [],
  ]);
  expect((await json<PinResult>(['pin'])).workflows.map(({ changes }) => changes)).toEqual([[], [], []]);
  const dry = await json<PinResult>(['pin', '--update', '--dry-run', 'by-reference']);
  expect([dry.code, dry.workflows.map(({ changes }) => changes)]).toEqual([3, [['lock', 'schema']]]);
  expect(committed()).toEqual(files);
  const updated = await json<PinResult>(['pin', '--update', 'by-reference']);
  expect([updated.code, updated.workflows[0]]).toMatchObject([
    0,
    { digest: moved, previousDigest: tool, raisedFrom: '1.0.0', workflow: { version: '1.0.1' } },
  ]);
  expect(read('deploy/by-reference.yaml')).toBe(
    document('by-reference', 'job')
      .replace('REPLACE_ME', `${host}/acme/tool:v1@${moved}`)
      .replace('1.0.0', '1.0.1'),
  );
  const last = await json<EnsureResult>(['ensure', '--frozen']);
  expect([last.code, last.workflows.map(({ workflow }) => workflow?.action)]).toEqual([
    0,
    ['unchanged', 'unchanged', 'created'],
  ]);
  expect(live('by-reference')?.spec.version).toBe('1.0.1');

  project.write('deploy/by-image.yaml', read('deploy/by-image.yaml').replace(image, tool));
  project.write('deploy/by-bundle.yaml', `${read('deploy/by-bundle.yaml')}  maintainers: []\n`);
  const drifted = await json<VerifyResult>(['verify', '--offline']);
  const drift = drifted.workflows.map(({ name, links }) => [
    name,
    links.filter(({ state }) => state === 'drift').map(({ link, reason }) => `${link} ${reason}`),
  ]);
  expect([drifted.code, drift]).toEqual([
    4,
    [
      ['by-bundle', ['schema lock']],
      ['by-image', ['schema file']],
      ['by-reference', []],
    ],
  ]);
}
