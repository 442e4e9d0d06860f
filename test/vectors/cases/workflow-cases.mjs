// RemediationWorkflows as documents; real Go computes the names and hashes by which a cluster identifies them.
const digest = `sha256:${'0'.repeat(64)}`;

const parameter = { name: 'COUNT', type: 'integer', required: true, description: 'How many' };

const small = {
  apiVersion: 'kubernaut.ai/v1alpha1',
  kind: 'RemediationWorkflow',
  metadata: { name: 'restart' },
  spec: {
    version: '1.0.0',
    description: { what: 'Restarts it', whenToUse: 'It hangs' },
    actionType: 'RestartPod',
    labels: { severity: ['critical'], environment: ['*'], component: ['v1/Pod'], priority: 'P1' },
    execution: { engine: 'tekton', bundle: `quay.io/a/b:v1@${digest}` },
    parameters: [parameter],
  },
};

const withSpec = (spec) => ({ ...small, spec: { ...small.spec, ...spec } });
const withParameter = (more) => withSpec({ parameters: [{ ...parameter, ...more }] });

/** [what it shows, document] */
export const workflowCases = [
  ['the smallest', small],
  ['keys in another order', { spec: small.spec, metadata: small.metadata, kind: small.kind, apiVersion: small.apiVersion }],
  ['what a cluster adds', { ...small, metadata: { name: 'restart', uid: 'x', labels: { a: 'b' } }, status: { workflowId: 'y' } }],
  ['keys that no struct has', withSpec({ 'x-mine': { a: 1 }, execution: { ...small.spec.execution, resources: {} } })],
  ['HTML is escaped', withSpec({ description: { what: 'a < b && c > d', whenToUse: '<now>' } })],
  ['line separators are escaped', withSpec({ description: { what: 'a\u2028b\u2029c', whenToUse: '\u0085\u00a0\ufeff' } })],
  ['control characters', withSpec({ description: { what: '\u0000\u0001\b\t\n\u000b\f\r\u001f\u007f', whenToUse: '"\\/' } })],
  ['other scripts', withSpec({ description: { what: 'é ß 日本 🚀 \u{10ffff}', whenToUse: 'e\u0301' } })],
  [
    'custom labels in the order of their bytes',
    withSpec({ customLabels: { z: '1', a: '2', 10: '3', 9: '4', Z: '5', 'é': '6', '\ufffd': '7', '😀': '8', '': '9' } }),
  ],
  ['empty custom labels', withSpec({ customLabels: {} })],
  ['detected labels', withSpec({ detectedLabels: { stateful: true, gitOpsTool: 'flux', hpaEnabled: true } })],
  ['empty detected labels', withSpec({ detectedLabels: {} })],
  ['null detected labels', withSpec({ detectedLabels: null })],
  ['empty lists', withSpec({ maintainers: [], rollbackParameters: [], labels: { ...small.spec.labels, cluster: [] } })],
  ['empty dependencies', withSpec({ dependencies: {} })],
  ['dependencies of one kind', withSpec({ dependencies: { secrets: [{ name: 'b' }, { name: 'a' }], configMaps: [] } })],
  ['dependencies of both kinds', withSpec({ dependencies: { configMaps: [{ name: 'c' }], secrets: [{ name: 's', key: 'x' }] } })],
  ['maintainers', withSpec({ maintainers: [{ email: 'a@b.io', name: 'A' }] })],
  [
    'everything of execution',
    withSpec({
      execution: {
        serviceAccountName: 'runner',
        engineConfig: { z: [1, 1.5, 1e21, -0.000001, null, 'x<y'], a: { c: true, b: false } },
        bundleDigest: digest,
        bundle: 'https://git.example/x',
        engine: 'ansible',
      },
    }),
  ],
  ['empty texts of execution', withSpec({ execution: { engine: '', bundle: '', serviceAccountName: '' } })],
  ['no execution', withSpec({ execution: {} })],
  ['every part of a description', withSpec({ description: { preconditions: 'd', whenNotToUse: 'c', whenToUse: 'b', what: 'a' } })],
  ['empty parts of a description', withSpec({ description: { what: 'a', whenToUse: 'b', whenNotToUse: '', preconditions: '' } })],
  ['all labels', withSpec({ labels: { cluster: ['edge', 'core'], priority: '*', component: ['apps/v1/Deployment', '*'], environment: ['a', 'b'], severity: ['info', 'warning'] } })],
  ['no labels', withSpec({ labels: {} })],
  ['no parameters', withSpec({ parameters: [] })],
  ['absent parameters', withSpec({ parameters: undefined })],
  ['every key of a parameter', withParameter({ dependsOn: ['B', 'A'], default: 2, maximum: 9, minimum: 0, pattern: '^<a>$', enum: ['b', 'a'] })],
  ['an optional parameter', withParameter({ required: false })],
  ['empty keys of a parameter', withParameter({ dependsOn: [], pattern: '', enum: [] })],
  ['rollback parameters', withSpec({ rollbackParameters: [parameter, { ...parameter, name: 'B' }] })],
  ...[0, -0, 1, -1, 0.1, 1.0, 1e20, 1e21, 1.5e300, 1e-6, 1e-7, 123456789.125, 9007199254740991, -2.5e-9].map((bound) => [
    `bounds of ${bound}`,
    withParameter({ minimum: bound, maximum: bound }),
  ]),
  ...['text', '', 0, 2, -3, 0.5, 1e21, 1e-7, true, false, null, [], ['b', 'a'], {}, { b: 1, a: [null] }, '<&>\u2028'].map((value) => [
    `the default ${JSON.stringify(value)}`,
    withParameter({ default: value }),
  ]),
];
