import { dump, load } from 'js-yaml';
import { expect } from 'vitest';
import { createDocumentValidator } from '../src/schema/validate-document.js';
import { crdValidator, pruned } from './support/cluster/crd.js';
import { remediationParserRefuses } from './support/random/schema-parsers.js';
import { seededRandom } from './support/random/seeded-random.js';
import { testWithShared } from './support/shared.js';

type Mapping = Record<string, unknown>;

const digest = `sha256:${'a'.repeat(64)}`;

function sound(engine: 'tekton' | 'job' | 'ansible'): Mapping {
  const playbook = { bundle: 'https://git.example/ops.git', bundleDigest: 'b'.repeat(40) };
  const image = { bundle: `quay.io/acme/x:v1@${digest}`, bundleDigest: digest };
  return {
    apiVersion: 'kubernaut.ai/v1alpha1',
    kind: 'RemediationWorkflow',
    metadata: { name: 'restart-pod', labels: { team: 'blue' } },
    spec: {
      version: '1.2.3',
      description: {
        what: 'Restarts it',
        whenToUse: 'It hangs',
        whenNotToUse: 'It is new',
        preconditions: 'None',
      },
      actionType: 'RestartPod',
      labels: {
        severity: ['critical', 'high'],
        environment: ['production', 'test'],
        component: ['v1/Pod', 'apps/v1/Deployment'],
        priority: 'P1',
        cluster: ['edge'],
      },
      customLabels: { team: 'blue' },
      detectedLabels: { stateful: true, gitOpsTool: 'flux' },
      execution: {
        engine,
        ...(engine === 'ansible' ? playbook : image),
        ...(engine === 'ansible' && { engineConfig: { playbookPath: 'site.yml' } }),
        ...(engine === 'job' && {
          resources: { requests: { cpu: '100m' }, limits: { cpu: 1, memory: '64Mi' } },
        }),
        serviceAccountName: 'runner',
      },
      dependencies: { secrets: [{ name: 'token' }], configMaps: [{ name: 'settings' }] },
      maintainers: [{ name: 'A', email: 'a@b.io' }],
      parameters: [
        {
          name: 'COUNT',
          type: 'integer',
          required: true,
          description: 'How many',
          minimum: 1,
          dependsOn: ['MODE'],
        },
        {
          name: 'MODE',
          type: 'string',
          required: false,
          description: 'How',
          default: 'fast',
          enum: ['fast', 'slow'],
        },
        { name: 'TARGET_RESOURCE_NAME', type: 'string', required: true, description: 'Which' },
      ],
      rollbackParameters: [
        {
          name: 'UNDO',
          type: 'boolean',
          required: false,
          description: 'Whether',
          default: false,
        },
      ],
    },
  };
}

const values: readonly unknown[] = [
  ...[null, '', 'x', 'X', 'two words', 'Upper/Kind', 'v1/Pod', '*', 'P1', 'p2', 'P9', 'critical', 'medium'],
  ...[
    '1.0.0',
    '01.0.0',
    'v1.0.0',
    '1.0',
    '1.0.0-rc.1+b',
    'a@b',
    'a@b.io',
    'tekton',
    'job',
    'ansible',
    'shell',
  ],
  ...[`quay.io/a/b@${digest}`, `Quay IO@${digest}`, 'quay.io/a/b:v1', digest, 'c'.repeat(40), 'RestartPod'],
  ...['string', 'float', 'number', '(?=a)', 'a'.repeat(300), 0, 1, -1, 1.5, true, false, 'true'],
  ...[
    [],
    {},
    [''],
    ['*', 'x'],
    ['x', 'x'],
    [1],
    [{}],
    [{ name: 'a' }, { name: 'a' }],
    { a: 1 },
    { playbookPath: '' },
  ],
];

/** Every place of a document but what belongs to all objects of Kubernetes. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, child]) =>
    path.length === 0 && key === 'metadata'
      ? []
      : places(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

/** The document with one change at one place. */
function changed(document: Mapping, random: () => number): Mapping {
  const copy = structuredClone(document);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const path = pick(places(copy));
  const last = path.at(-1) as string;
  const parent = path.slice(0, -1).reduce<unknown>((node, step) => (node as Mapping)[step], copy) as Mapping;
  const how = random();
  if (how < 0.2) {
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  } else if (how < 0.3 && !Array.isArray(parent)) parent[`${last}x`] = parent[last];
  else parent[last] = structuredClone(pick(values));
  return copy;
}

/** As an API server takes keys without a value. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)]));
}

testWithShared('upstream/kubernaut-crds')(
  'five hundred changed documents are refused where the cluster or the parser refuses them, and only there',
  async () => {
    const validate = createDocumentValidator();
    const crd = crdValidator('remediationworkflows');
    const random = seededRandom(20261130);
    const verdicts = { refused: 0, accepted: 0, advised: 0 };
    for (let index = 0; index < 500; index++) {
      const base = sound((['tekton', 'job', 'ansible'] as const)[index % 3] as 'tekton');
      const document = index < 3 ? base : changed(base, random);
      const text = dump(document);
      const { problems } = await validate(text, { file: 'x.yaml' });
      const errors = problems.filter(({ severity }) => severity === 'error');
      const value = withoutNulls(load(text));
      // kubectl asks the API server to refuse what it would drop. A document may have resources all the same.
      const dropped = pruned(value, crd.root).filter((path) => path !== '.spec.execution.resources');
      const refused =
        !crd.accepts(value) || dropped.length > 0 || remediationParserRefuses(value) !== undefined;
      expect(
        errors.length > 0,
        `${text}\n${JSON.stringify({ errors, crd: crd.accepts.errors, dropped, parser: remediationParserRefuses(value) })}`,
      ).toBe(refused);
      verdicts[refused ? 'refused' : problems.length > 0 ? 'advised' : 'accepted']++;
    }
    // Neither verdict is the exception.
    for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(20);
  },
);
