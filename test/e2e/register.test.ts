import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { problem } from '../support/catalog/data-storage.js';
import { serveDataStorage } from '../support/catalog/served-data-storage.js';
import { startKubernautCluster } from '../support/cluster/kubernaut-cluster.js';
import { bad, good } from '../support/program/command-cases.js';
import { runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { remediationProject, sampleProject } from '../support/samples/sample-project.js';

good(
  'register',
  'registers what was published before, once, with a token, over sockets',
  async ({ spawned }) => {
    await using registry = await startGuardedRegistry();
    await using catalog = await serveDataStorage();
    await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
    const published = await runJson(['ensure', '--config', project.config]);
    expect(published.bundle.workflow?.action).toBe('none');
    const options = {
      cwd: project.directory,
      env: { DATASTORAGE_TOKEN: 'secret-token', BUNDLES_CATALOG: catalog.url },
    };
    const first = await spawned([], options);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/workflow test-alpha 1\.0\.0 registered as [0-9a-f-]{36}\n/);
    const second = await spawned(['--output', 'json'], options);
    expect(JSON.parse(second.stdout)).toMatchObject({
      bundles: [{ workflow: { action: 'unchanged' } }, { workflow: { action: 'unchanged' } }],
    });
    expect([catalog.workflows.length, catalog.problems, [...catalog.tokens]]).toEqual([
      2,
      [],
      ['Bearer secret-token'],
    ]);
    expect(first.stdout + first.stderr + second.stdout + second.stderr).not.toContain('secret-token');
  },
);

good('register', 'ensure registers too, and check reports it before', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using catalog = await serveDataStorage();
  const settings = [`catalog: ${catalog.url}`];
  await using project = sampleProject({ repository: `${registry.host}/acme`, settings });
  const planned = await runJson(['check', '--config', project.config]);
  expect(planned.bundle.changes).toEqual(['publish', 'lock', 'schema', 'catalog']);
  const done = await runJson(['ensure', '--config', project.config]);
  expect(done.bundle.workflow).toMatchObject({
    action: 'created',
    workflowId: catalog.workflows[0]?.workflow_id,
  });
  expect((await inProcess(['alpha', '--config', project.config])).code).toBe(0);
  expect(catalog.workflows.length).toBe(1);
});

good(
  'register',
  'with the prefix of the declared catalog, also where the run names it',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry();
    await using catalog = await serveDataStorage();
    const settings = [`catalog: {dataStorage: "${catalog.url}/", versionPrefix: v}`];
    await using project = sampleProject({ repository: `${registry.host}/acme`, settings });
    const words = ['--config', project.config, '--catalog', catalog.url];
    const done = await runJson(['ensure', ...words]);
    expect(done.bundle.workflow).toMatchObject({ version: 'v1.0.0', action: 'created' });
    expect(catalog.workflows.map(({ version }) => version)).toEqual(['v1.0.0']);
    const again = await inProcess([...words, '--output', 'json']);
    expect(JSON.parse(again.stdout).bundles[0].workflow).toMatchObject({
      version: 'v1.0.0',
      action: 'unchanged',
    });
  },
);

good(
  'register',
  'with audit, events of the run reach the catalog, also those of an earlier run',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry();
    let fault: Response | undefined = problem(503, 'service-unavailable', 'database away');
    await using catalog = await serveDataStorage({
      fault: ({ url }) => (url.includes('/audit/') ? fault : undefined),
    });
    const settings = [`catalog: ${catalog.url}`, 'audit: true'];
    await using project = sampleProject({ repository: `${registry.host}/acme`, settings });
    const first = await runJson(['ensure', '--config', project.config]);
    expect([first.code, catalog.events]).toEqual([0, []]);
    expect(first.stderr).toMatch(/warning: 2 audit events wait in the state directory .*CATALOG_UNREACHABLE/);
    fault = undefined;
    expect(await inProcess(['--config', project.config])).toMatchObject({ code: 0, stderr: '' });
    expect(catalog.events.map(({ event_type }) => event_type).sort()).toEqual([
      'bundle.published',
      'bundle.reused',
      'workflow.registered',
    ]);
    expect(new Set(catalog.events.map(({ correlation_id }) => correlation_id)).size).toBe(2);
    expect([catalog.problems, readdirSync(join(project.directory, '.bundles/audit'))]).toEqual([[], []]);
  },
);

/** Lines of bundles.yaml for a project whose schemas are RemediationWorkflows. */
good('register', 'with a cluster, by the kubeconfig that kubectl would take', async ({ spawned }) => {
  await using registry = await startGuardedRegistry();
  await using cluster = await startKubernautCluster();
  await using project = remediationProject({
    repository: `${registry.host}/acme`,
    settings: ['catalog: {kubernetes: {namespace: remedies}}'],
  });
  expect((await runJson(['ensure', '--config', project.config, '--catalog', 'none'])).code).toBe(0);
  const env = { KUBECONFIG: cluster.kubeconfig };
  const ran = await spawned([], { cwd: project.directory, env });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const live = cluster.objects.get(
    '/apis/kubernaut.ai/v1alpha1/namespaces/remedies/remediationworkflows/test-alpha',
  );
  const { workflowId } = live!.status as { workflowId: string };
  expect(ran.stdout).toContain(`workflow test-alpha 1.0.0 registered as ${workflowId}\n`);
  const wrong = await spawned(['--catalog', 'kubernetes'], { cwd: project.directory });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('error[CLUSTER_CONFIG_INVALID]')]);
});

good('register', 'a RemediationWorkflow has its id without a cluster', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using cluster = await startKubernautCluster();
  await using project = remediationProject({ repository: `${registry.host}/acme` });
  const words = ['--config', project.config];
  const planned = await runJson(['check', ...words]);
  const offline = await runJson(['ensure', '--offline', ...words]);
  const done = await runJson(['ensure', ...words]);
  expect(done.bundle.workflow).toMatchObject({
    action: 'none',
    workflowId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  for (const { bundle } of [planned, offline])
    expect(bundle.workflow?.workflowId).toBe(done.bundle.workflow?.workflowId);
  const environment = { KUBECONFIG: cluster.kubeconfig };
  const registered = await inProcess([...words, '--catalog', 'kubernetes', '--output', 'json'], {
    environment,
  });
  expect(JSON.parse(registered.stdout).bundles[0].workflow).toEqual({
    ...done.bundle.workflow,
    action: 'created',
  });
});

good('register', 'with a cluster that runs nothing of kubernaut', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using cluster = await startKubernautCluster({ controller: () => undefined });
  await using project = remediationProject({
    repository: `${registry.host}/acme`,
    settings: ['catalog: {kubernetes: {namespace: remedies, webhook: none}}'],
  });
  expect((await runJson(['ensure', '--config', project.config, '--catalog', 'none'])).code).toBe(0);
  const environment = { KUBECONFIG: cluster.kubeconfig };
  const words = ['--config', project.config, '--output', 'json'];
  for (const action of ['created', 'unchanged']) {
    const ran = await inProcess(words, { environment });
    const live = cluster.objects.get(
      '/apis/kubernaut.ai/v1alpha1/namespaces/remedies/remediationworkflows/test-alpha',
    );
    const { workflowId } = live!.status as { readonly workflowId: string };
    expect(JSON.parse(ran.stdout).bundles[0].workflow).toMatchObject({ action, workflowId });
  }
});

/** A file as people keep it: what the workflow runs as, and the workflow. */
const keptFile = `apiVersion: v1
kind: ServiceAccount
metadata: {name: runner}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: runner}
rules: [{apiGroups: [""], resources: [pods], verbs: [delete]}]
---
apiVersion: kubernaut.ai/v1alpha1
kind: RemediationWorkflow
metadata: {name: kept}
spec:
  version: 1.0.0
  description: {what: A test, whenToUse: In tests}
  actionType: RestartPod
  labels: {severity: [info], environment: [test], component: [v1/Pod], priority: P3}
  execution: {engine: tekton, bundle: "", serviceAccountName: runner}
  parameters: [{name: MESSAGE, type: string, required: false, description: what to say}]
`;

good('register', 'what is beside a workflow in its file goes along', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using cluster = await startKubernautCluster();
  await using project = remediationProject({
    repository: `${registry.host}/acme`,
    settings: ['catalog: {kubernetes: {namespace: remedies}}'],
  });
  project.write('deploy/kept.yaml', keptFile);
  const text = readFileSync(project.config, 'utf8');
  writeFileSync(project.config, `${text}workflows: {kept: {bundle: alpha, document: deploy/kept.yaml}}\n`);
  const words = ['--config', project.config];
  const environment = { KUBECONFIG: cluster.kubeconfig };
  const published = await runJson(['ensure', '--catalog', 'none', ...words]);
  expect(published.code, published.stdout + published.stderr).toBe(0);
  const actions = [];
  for (let times = 0; times < 2; times++) {
    const ran = await inProcess([...words, '--output', 'json'], { environment });
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    actions.push(JSON.parse(ran.stdout).workflows[0].workflow.action);
  }
  expect(actions).toEqual(['created', 'unchanged']);
  const patched = cluster.requests.flatMap(({ method, path }) => (method === 'PATCH' ? [path] : []));
  const at = (end: string) => patched.findIndex((path) => path.endsWith(end));
  expect(at('/remedies/serviceaccounts/runner')).toBeGreaterThanOrEqual(0);
  expect(at('/clusterroles/runner')).toBeGreaterThan(at('/serviceaccounts/runner'));
  expect(at('/remediationworkflows/kept')).toBeGreaterThan(at('/clusterroles/runner'));
  const manifests = await runJson(['ensure', '--catalog', 'manifests:out', ...words]);
  expect(manifests.code, manifests.stdout + manifests.stderr).toBe(0);
  expect(readdirSync(join(project.directory, 'out'))).toEqual([
    'accompanying-1-serviceaccount-runner.yaml',
    'accompanying-4-clusterrole-runner.yaml',
    'action-type-restart-pod.yaml',
    'kustomization.yaml',
    'remediation-workflow-kept.yaml',
    'remediation-workflow-test-alpha.yaml',
  ]);
});

good('register', 'as manifests, which are committed files', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = remediationProject({
    repository: `${registry.host}/acme`,
    settings: ['catalog: {manifests: deploy}'],
  });
  const words = ['--config', project.config];
  const offline = await runJson(['ensure', '--offline', ...words]);
  expect(offline.bundle).toMatchObject({ outcome: 'fallback', workflow: { action: 'created' } });
  const written = readFileSync(
    join(project.directory, 'deploy/remediation-workflow-test-alpha.yaml'),
    'utf8',
  );
  expect(written).toBe(readFileSync(join(project.directory, offline.bundle.schema!.path), 'utf8'));
  expect((await runJson(['ensure', ...words])).bundle.workflow?.action).toBe('unchanged');
  expect((await inProcess(words)).code).toBe(0);
  writeFileSync(join(project.directory, 'deploy/kustomization.yaml'), '# Generated by bundles\n');
  const changed = await runJson(['check', ...words]);
  expect([changed.code, changed.bundle.changes]).toEqual([0, ['catalog']]);
  const frozen = await inProcess(words);
  expect([frozen.code, frozen.stdout]).toEqual([4, expect.stringContaining('error[FROZEN]')]);
});

bad('register', 'a project without a catalog, and one that is misspelt', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const without = await inProcess(['--config', project.config]);
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  const typo = await inProcess(['--config', project.config, '--catalog', 'non']);
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('error[CONFIG_INVALID]')]);
});

bad('register', 'a token file that is missing or empty', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const words = ['--config', project.config, '--catalog', 'http://127.0.0.1:1', '--catalog-token-file'];
  const token = join(project.directory, 'token');
  expect(await inProcess([...words, token])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error[USAGE]'),
  });
  writeFileSync(token, '\n');
  expect(await inProcess([...words, token])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is empty'),
  });
});

bad('register', 'a bundle that is not published, and a lock that is missing', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using catalog = await serveDataStorage();
  await using project = sampleProject({
    repository: `${registry.host}/acme`,
    settings: [`catalog: ${catalog.url}`],
  });
  const absent = await inProcess(['--config', project.config]);
  expect([absent.code, absent.stdout]).toEqual([5, expect.stringContaining('error[PUSH_NOT_ALLOWED]')]);
  expect(absent.stdout, 'the hint names what register does not do').toContain('tekton-bundles ensure ');
  await runJson(['ensure', '--config', project.config, '--catalog', 'none']);
  const lock = join(project.directory, 'bundles.lock');
  writeFileSync(lock, readFileSync(lock, 'utf8').replace(/sources: sha256:./, 'sources: sha256:0'));
  const stale = await inProcess(['--config', project.config]);
  expect([stale.code, stale.stdout]).toEqual([4, expect.stringContaining('error[FROZEN]')]);
  expect(catalog.exchanges).toEqual([]);
});

bad('register', 'a catalog that refuses, is of another generation, or is away', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  let answer: Response | undefined;
  await using catalog = await serveDataStorage({ fault: () => answer });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await runJson(['ensure', '--config', project.config]);
  const words = ['--config', project.config, '--catalog', catalog.url];
  answer = problem(401, 'unauthorized', 'token wanted');
  const refused = await inProcess(words);
  expect([refused.code, refused.stdout]).toEqual([
    8,
    expect.stringMatching(/error\[CATALOG_REFUSED\].*\n.*DATASTORAGE_TOKEN/),
  ]);
  answer = new Response('404 page not found\n', { status: 404, headers: { 'content-type': 'text/plain' } });
  const later = await inProcess(words);
  expect([later.code, later.stdout]).toEqual([8, expect.stringContaining('July 2026')]);
  const away = await inProcess(['--config', project.config, '--catalog', 'http://127.0.0.1:1']);
  expect([away.code, away.stdout]).toEqual([
    8,
    expect.stringMatching(/^✗ alpha {2}reused {2}error\[CATALOG_UNREACHABLE\]/),
  ]);
});
