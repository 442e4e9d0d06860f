import { expect, test } from 'vitest';
import { remediationEntry, restartPod } from '../../test/support/catalog/remediation-entry.js';
import type { KubeRequest } from '../../test/support/cluster/kube-api-server.js';
import type { KubeObject } from '../../test/support/cluster/kube-objects.js';
import {
  type KubernautOptions,
  refusedByWebhook,
  startKubernautCluster,
} from '../../test/support/cluster/kubernaut-cluster.js';
import { testWithShared } from '../../test/support/shared.js';
import { systemClock } from '../async/system-clock.js';
import { openCluster } from '../cluster/open-cluster.js';
import { workflowIdentity } from '../workflow/workflow-id.js';
import { parseContent, registerWorkflow } from './catalog-target.js';
import { kubernetesTarget } from './kubernetes-target.js';

const crdTest = testWithShared('upstream/kubernaut-crds/remediationworkflows.yaml');
const entry = remediationEntry();
const base = '/apis/kubernaut.ai/v1alpha1/namespaces/remedies';
const path = `${base}/remediationworkflows/test-hello`;
const identity = workflowIdentity(parseContent(entry));

/** A cluster whose admission has kubernaut's rules, and a target in the namespace `remedies`. */
async function start(
  options: KubernautOptions & {
    readonly actions?: boolean;
    readonly timeoutMs?: number;
    readonly webhook?: 'none';
  } = {},
) {
  const { actions = true, timeoutMs = 30_000, intercept, webhook } = options;
  const server = await startKubernautCluster({
    ...options,
    intercept: (request) => {
      const given = intercept?.(request);
      if (given) return given;
      const denied =
        request.method === 'PATCH'
          ? refusedByWebhook(request.body as KubeObject, server.objects, 'remedies')
          : undefined;
      return denied ? { status: 403, body: { kind: 'Status', message: denied, code: 403 } } : undefined;
    },
  });
  const cluster = await openCluster({ files: [server.kubeconfig] });
  const target = await kubernetesTarget(cluster, {
    clock: systemClock,
    namespace: 'remedies',
    timeoutMs,
    webhook,
    actionTypes: actions ? [restartPod] : [],
  });
  const lines = () => server.requests.map(({ method, path: at }) => `${method} ${at}`);
  return { server, target, lines, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('the action is applied and waited for, then the workflow, until it is active', async () => {
  await using cluster = await start();
  const first = await registerWorkflow(cluster.target, entry);
  expect(first).toEqual({ action: 'created', workflowId: identity.workflowId, warnings: [] });
  const patches = cluster.server.requests.filter(({ method }) => method === 'PATCH');
  expect(patches.map(({ path: at, query }) => [at, query.fieldManager, query.force])).toEqual([
    [`${base}/actiontypes/restart-pod`, 'tekton-bundles', 'false'],
    [path, 'tekton-bundles', 'false'],
  ]);
  expect(cluster.server.objects.get(path)?.spec).toEqual(parseContent(entry).spec);
  expect(cluster.server.requests.some(({ query }) => query.watch === 'true')).toBe(true);
  const second = await registerWorkflow(cluster.target, entry);
  expect(second).toEqual({ action: 'unchanged', workflowId: identity.workflowId, warnings: [] });
  expect(cluster.server.requests.filter(({ method }) => method === 'PATCH').length).toBe(2);
});

test('many workflows of one action apply it once', async () => {
  await using cluster = await start();
  const entries = ['a', 'b', 'c', 'd'].map((name) => remediationEntry(name));
  await Promise.all(entries.map((one) => cluster.target.register(one)));
  expect(
    cluster.lines().filter((line) => line.startsWith('PATCH') && line.includes('actiontypes')).length,
  ).toBe(1);
  expect((await cluster.target.look(entries[0]!)).is).toBe('same');
});

test('the next version goes over the last one; other content under one version is a conflict', async () => {
  await using cluster = await start();
  await cluster.target.register(entry);
  const changed = remediationEntry('test-hello', { text: 'Says goodbye' });
  expect(await cluster.target.look(changed)).toMatchObject({
    is: 'different',
    error: { code: 'CATALOG_CONFLICT' },
  });
  await expect(cluster.target.register(changed)).rejects.toMatchObject({
    code: 'CATALOG_REFUSED',
    message: expect.stringContaining('bump the version'),
  });
  const next = remediationEntry('test-hello', { text: 'Says goodbye', version: '1.1.0' });
  expect((await cluster.target.look(next)).is).toBe('absent');
  expect((await cluster.target.register(next)).workflowId).toBe(
    workflowIdentity(parseContent(next)).workflowId,
  );
});

test('a field that somebody else manages is a conflict that names him, and stays', async () => {
  await using cluster = await start();
  const document = parseContent(entry) as unknown as KubeObject;
  const theirs = { ...document, spec: { ...(document.spec as object), version: '0.9.0' } };
  cluster.server.objects.apply(path, theirs, { manager: 'argocd', force: false });
  await expect(cluster.target.register(entry)).rejects.toMatchObject({
    code: 'CATALOG_CONFLICT',
    message: expect.stringMatching(/conflict with "argocd": \.spec\.version/),
    hint: expect.stringContaining('Another client manages'),
  });
  expect(cluster.server.objects.get(path)?.spec).toMatchObject({ version: '0.9.0' });
});

test('a status other than Active is reported in the cluster\u2019s own words', async () => {
  await using cluster = await start({ catalogStatus: () => 'Invalid' });
  const invalid = {
    code: 'CATALOG_REFUSED',
    message: expect.stringContaining('the controller has its reasons'),
  };
  await expect(cluster.target.register(entry)).rejects.toMatchObject(invalid);
  await expect(cluster.target.look(entry)).rejects.toMatchObject(invalid);
  const { objects } = cluster.server;
  const live = objects.get(path)!;
  objects.put(path, { ...live, status: { ...(live.status as object), catalogStatus: 'Disabled' } });
  expect(await cluster.target.look(entry)).toMatchObject({
    is: 'same',
    warnings: [expect.stringContaining('Disabled')],
  });
});

test('a cluster that never reports a state is given up after its time, and the next run goes on from there', async () => {
  await using cluster = await start({ catalogStatus: () => 'Pending', timeoutMs: 2_000 });
  await expect(cluster.target.register(entry)).rejects.toMatchObject({
    code: 'CATALOG_UNREACHABLE',
    message: expect.stringContaining('after 2 s its status is Pending'),
    mayHaveHappened: true,
  });
  expect((await cluster.target.look(entry)).is).toBe('absent');
});

test('an action type without a description must exist already', async () => {
  await using cluster = await start({ actions: false });
  const failed = await Promise.allSettled(
    ['a', 'b'].map((name) => cluster.target.register(remediationEntry(name))),
  );
  expect(failed.map((one) => (one as PromiseRejectedResult).reason.details.workflow)).toEqual(['a', 'b']);
  await expect(cluster.target.register(entry)).rejects.toMatchObject({
    code: 'CATALOG_REFUSED',
    message: expect.stringContaining('has no ActionType of this name'),
    hint: expect.stringContaining('actionTypes'),
  });
  cluster.server.objects.put(`${base}/actiontypes/other-name`, {
    ...restartPod,
    metadata: { name: 'other-name', namespace: 'remedies' },
    status: { registered: true },
  });
  await using fresh = await start({ actions: false });
  fresh.server.objects.put(`${base}/actiontypes/other-name`, {
    ...restartPod,
    metadata: { name: 'other-name', namespace: 'remedies' },
    status: { registered: true },
  });
  expect((await fresh.target.register(entry)).workflowId).toBe(identity.workflowId);
});

test('a reply that breaks off is requested again', async () => {
  let broken = 0;
  const intercept = ({ method, path: at }: KubeRequest) =>
    method === 'PATCH' && at === path && broken++ < 2 ? ('reset' as const) : undefined;
  await using cluster = await start({ intercept });
  expect((await cluster.target.register(entry)).action).toBe('created');
  expect(broken).toBe(3);
});

crdTest('what the CustomResourceDefinition refuses is reported in its words', async () => {
  await using cluster = await start();
  const odd = remediationEntry('test-hello', { version: 'v1' });
  await expect(cluster.target.register(odd)).rejects.toMatchObject({
    code: 'CATALOG_REFUSED',
    reason: 'invalid',
    message: expect.stringContaining('/spec/version'),
  });
});

test('a watch that is not allowed leaves reading again and again', async () => {
  const intercept = ({ query }: KubeRequest) =>
    query.watch === 'true' ? { status: 403, body: { message: 'no watch for you' } } : undefined;
  await using cluster = await start({ intercept });
  expect((await cluster.target.register(entry)).action).toBe('created');
});

test('a cluster without the kinds, without the right, or that is away is recognized', async () => {
  await using without = await start({ resources: [] });
  await expect(without.target.register(entry)).rejects.toMatchObject({
    code: 'CATALOG_REFUSED',
    hint: expect.stringContaining('CustomResourceDefinitions'),
  });
  const intercept = () => ({ status: 403, body: { message: 'forbidden for you' } });
  await using forbidden = await start({ intercept });
  await expect(forbidden.target.look(entry)).rejects.toMatchObject({
    code: 'CATALOG_REFUSED',
    reason: 'forbidden',
  });
  await using gone = await start();
  await gone.server[Symbol.asyncDispose]();
  await expect(gone.target.look(entry)).rejects.toMatchObject({ code: 'CATALOG_UNREACHABLE' });
});

const account = (text = 'runner') =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, labels: {for: ${text}}}\n`;
const role =
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "wf:runner"}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n';
const secret =
  'apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: other}\nstringData: {key: abc}\n';
const runner = '/api/v1/namespaces/remedies/serviceaccounts/runner';
const clusterRole = '/apis/rbac.authorization.k8s.io/v1/clusterroles/wf%3arunner';

test('what goes along with a workflow is applied before it, in order, and belongs to it', async () => {
  await using cluster = await start();
  const first = { ...entry, accompanying: [role, secret, account()] };
  const second = { ...remediationEntry('second'), accompanying: [account()] };
  expect((await registerWorkflow(cluster.target, first)).action).toBe('created');
  const patched = cluster.lines().flatMap((line) => (line.startsWith('PATCH') ? [line.slice(6)] : []));
  expect(patched.slice(0, 5)).toEqual([
    runner,
    '/api/v1/namespaces/other/secrets/key',
    clusterRole,
    `${base}/actiontypes/restart-pod`,
    path,
  ]);
  await registerWorkflow(cluster.target, second);
  const ownersOf = (at: string) => {
    const list = cluster.server.objects.get(at)?.metadata.ownerReferences ?? [];
    return (list as readonly { readonly kind: string; readonly name: string }[]).map(
      ({ kind, name }) => `${kind} ${name}`,
    );
  };
  expect(ownersOf(runner)).toEqual(['RemediationWorkflow test-hello', 'RemediationWorkflow second']);
  expect([ownersOf(clusterRole), ownersOf('/api/v1/namespaces/other/secrets/key')]).toEqual([[], []]);
  const before = cluster.lines().length;
  expect((await registerWorkflow(cluster.target, second)).action).toBe('unchanged');
  expect(cluster.lines().slice(before)).toEqual([`GET ${base}/remediationworkflows/second`, `GET ${runner}`]);
});

test('an object that is gone or changed is applied again; what somebody else applied stays his', async () => {
  await using cluster = await start();
  const { objects } = cluster.server;
  objects.apply(
    runner,
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner' } },
    { manager: 'argocd', force: false },
  );
  const kept = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' } };
  const given = { ...entry, accompanying: [account(), secret] };
  await registerWorkflow(cluster.target, given);
  expect(objects.get(runner)?.metadata.ownerReferences).toBeUndefined();
  const at = '/api/v1/namespaces/other/secrets/key';
  objects.put(at, { ...kept, data: { key: 'YWJj' } });
  expect((await cluster.target.look(given)).is).toBe('same');
  objects.put(at, { ...kept, data: { key: 'eHl6' } });
  expect((await cluster.target.look(given)).is).toBe('absent');
  objects.delete(at);
  expect((await registerWorkflow(cluster.target, given)).action).toBe('created');
  expect(objects.get(at)).toBeDefined();
  const other = { ...remediationEntry('second'), accompanying: [account('other')] };
  await expect(cluster.target.register(other)).rejects.toMatchObject({
    code: 'SCHEMA_INVALID',
    message: expect.stringContaining('"test-hello"'),
  });
});

test('without a webhook the status is written as it would be', async () => {
  await using cluster = await start({ webhook: 'none', controller: () => undefined, timeoutMs: 2_000 });
  const first = await registerWorkflow(cluster.target, entry);
  expect(first).toEqual({ action: 'created', workflowId: identity.workflowId, warnings: [] });
  const common = {
    catalogStatus: 'Active',
    registeredBy: 'tekton-bundles',
    registeredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    previouslyExisted: false,
  };
  expect(cluster.server.objects.get(`${base}/actiontypes/restart-pod`)?.status).toEqual({
    ...common,
    registered: true,
  });
  const live = cluster.server.objects.get(path);
  expect(live?.status).toEqual({
    ...common,
    workflowId: identity.workflowId,
    contentHash: identity.canonicalHash,
    conditions: [expect.objectContaining({ type: 'Ready', status: 'True', reason: 'Registered' })],
  });
  expect(live?.spec).toEqual(parseContent(entry).spec);
  expect((await registerWorkflow(cluster.target, entry)).action).toBe('unchanged');
  const next = remediationEntry('test-hello', { text: 'Says goodbye', version: '1.1.0' });
  expect((await registerWorkflow(cluster.target, next)).workflowId).toBe(
    workflowIdentity(parseContent(next)).workflowId,
  );
});
