import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { actionTypeObjectName, toActionType } from './action-type.js';
import { canonicalContent } from './canonical-content.js';
import { isVersionKind, versionKindOf, wordOf } from './component.js';
import { toRemediationWorkflow } from './remediation-workflow.js';
import { contentHash, schemaPath, writeSchema } from './schema-document.js';
import type { Workflow } from './workflow.js';
import { workflowIdentity } from './workflow-id.js';

const bundle = `quay.io/a/b:v1@sha256:${'0'.repeat(64)}`;

const workflow: Workflow = {
  id: 'restart',
  version: '1.0.0',
  title: 'Restart',
  maintainers: [{ name: 'A', email: 'a@b.io' }],
  description: { what: 'Restarts <it>', whenToUse: 'It hangs', preconditions: 'It runs' },
  labels: {
    severity: ['critical', '*'],
    component: ['v1/Pod'],
    environment: ['*'],
    priority: 'P1',
    cluster: ['edge'],
    risk_tolerance: 'low',
    custom: new Map([['team', 'blue']]),
  },
  actionType: 'RestartPod',
  detectedLabels: new Map<string, true | string>([
    ['stateful', true],
    ['gitOpsTool', 'flux'],
  ]),
  dependencies: { secrets: ['token'], configMaps: [] },
  execution: { engine: 'tekton', bundle, serviceAccountName: 'runner' },
  parameters: [
    { name: 'COUNT', type: 'float', required: false, description: 'How many', default: 0.5, minimum: 0 },
  ],
  rollbackParameters: [
    { name: 'BACK', type: 'string', required: true, description: 'Where to', dependsOn: ['X'] },
  ],
};

test('a RemediationWorkflow is exactly this', () => {
  const document = writeSchema(toRemediationWorkflow(workflow));
  expect(document.slice(document.indexOf('\n') + 1)).toBe(`apiVersion: kubernaut.ai/v1alpha1
kind: RemediationWorkflow
metadata:
  name: restart
spec:
  version: "1.0.0"
  description:
    what: "Restarts <it>"
    whenToUse: It hangs
    preconditions: It runs
  actionType: RestartPod
  labels:
    severity:
      - critical
      - "*"
    environment:
      - "*"
    component:
      - v1/Pod
    priority: P1
    cluster:
      - edge
  customLabels:
    risk_tolerance: low
    team: blue
  detectedLabels:
    gitOpsTool: flux
    stateful: true
  execution:
    engine: tekton
    bundle: ${bundle}
    serviceAccountName: runner
  dependencies:
    secrets:
      - name: token
  maintainers:
    - name: A
      email: a@b.io
  parameters:
    - name: COUNT
      type: float
      required: false
      description: How many
      default: 0.5
      minimum: 0
  rollbackParameters:
    - name: BACK
      type: string
      required: true
      description: Where to
      dependsOn:
        - X
`);
  expect(load(document)).toEqual(toRemediationWorkflow(workflow));
});

test('the canonical content has the order of the Go structs, sorted free keys and escapes', () => {
  expect(canonicalContent(toRemediationWorkflow(workflow))).toBe(
    '{"apiVersion":"kubernaut.ai/v1alpha1","kind":"RemediationWorkflow","metadata":{"name":"restart"},"spec":{' +
      '"version":"1.0.0","description":{"what":"Restarts \\u003cit\\u003e","whenToUse":"It hangs","preconditions":"It runs"},' +
      '"actionType":"RestartPod","labels":{"severity":["critical","*"],"environment":["*"],"component":["v1/Pod"],' +
      '"priority":"P1","cluster":["edge"]},"customLabels":{"risk_tolerance":"low","team":"blue"},' +
      `"detectedLabels":{"gitOpsTool":"flux","stateful":true},"execution":{"engine":"tekton","bundle":"${bundle}",` +
      '"serviceAccountName":"runner"},"dependencies":{"secrets":[{"name":"token"}]},' +
      '"maintainers":[{"name":"A","email":"a@b.io"}],"parameters":[{"name":"COUNT","type":"float","required":false,' +
      '"description":"How many","minimum":0,"default":0.5}],"rollbackParameters":[{"name":"BACK","type":"string",' +
      '"required":true,"description":"Where to","dependsOn":["X"]}]}}',
  );
});

test('the identity is the same for the object and for the document read back, whatever else is in it', () => {
  const document = toRemediationWorkflow(workflow);
  const identity = workflowIdentity(document);
  expect(identity.canonicalHash).toBe(contentHash(canonicalContent(document)));
  expect(workflowIdentity(load(writeSchema(document)))).toEqual(identity);
  const cluster = { ...document, metadata: { ...document.metadata, uid: 'x' }, status: { workflowId: 'y' } };
  expect(workflowIdentity(cluster)).toEqual(identity);
});

test('an action type becomes an object whose name Kubernetes takes', () => {
  const description = { what: 'Restarts a pod', whenToUse: 'It hangs' };
  expect(writeSchema(toActionType({ name: 'RestartPod', description }))).toContain(
    'kind: ActionType\nmetadata:\n  name: restart-pod\nspec:\n  name: RestartPod\n  description:\n    what: Restarts a pod\n    whenToUse: It hangs\n',
  );
  expect(['ScaleHPANow', 'GitRevert2', 'A'].map(actionTypeObjectName)).toEqual([
    'scale-hpa-now',
    'git-revert2',
    'a',
  ]);
});

test('components have a word and a version with a kind', () => {
  expect(
    ['Deployments', 'pod', 'network-policies', 'ingresses', 'widget', 'apps/v1/Widget', '*'].map(
      versionKindOf,
    ),
  ).toEqual([
    ...['apps/v1/Deployment', 'v1/Pod', 'networking.k8s.io/v1/NetworkPolicy', 'networking.k8s.io/v1/Ingress'],
    ...[undefined, 'apps/v1/Widget', '*'],
  ]);
  expect(['v1/pod', 'Pod', 'a/b/c/Pod', 'v1/\u0000', '/v1/Pod'].map(isVersionKind)).toEqual(
    Array(5).fill(false),
  );
  expect(wordOf('apps/v1/StatefulSet')).toBe('statefulset');
});

test('the two formats lie beside each other', () => {
  expect(schemaPath('schemas', 'hello', 'remediation-workflow')).toBe(
    'schemas/hello-remediation-workflow.yaml',
  );
});
