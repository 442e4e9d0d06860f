import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { isBundlesError } from '../errors.js';
import { parseProject } from './parse-project-text.js';

const validate = new Ajv2020({ strictRequired: false, strictTypes: false, formats: { regex: true } }).compile(
  JSON.parse(
    readFileSync(new URL('../../schemas/json/bundles.schema.json', import.meta.url), 'utf8'),
  ) as object,
);

const head = 'version: 1\nrepository: quay.io/acme/test\ntag: v1.0.0\n';
const bundle = 'bundles: {a: {files: [a.yaml]}}\n';
const six =
  'signal_type: T, severity: low, component: pod, environment: test, priority: P3, risk_tolerance: low';
const workflow = (more: string, labels = six): string =>
  `${head}bundles: {a: {files: [a.yaml], workflow: {id: w, description: Does it, labels: {${labels}}${more}}}}\n`;

const workflows = (more: string): string => `${head}${bundle}workflows: {${more}}\n`;

const remediation = (more: string): string =>
  `${head}schemas: {format: remediation-workflow}\nactionTypes: {RestartPod: {what: Restarts it, whenToUse: It hangs}}\nbundles: {a: {files: [a.yaml], workflow: {id: w, description: {what: Does it, whenToUse: Then}, actionType: RestartPod, labels: {severity: info, component: v1/Pod, environment: test, priority: P3}${more}}}}\n`;

test.each([
  ['smallest', head + bundle],
  ['moving', `${head}moving: [latest, v1]\n${bundle}`],
  ['publish ci', `${head}publish: ci\n${bundle}`],
  ['publish never', `${head}publish: never\n${bundle}`],
  ['fallback word', `${head}fallback: none\n${bundle}`],
  ['fallback registry', `${head}fallback: "localhost:5000"\n${bundle}`],
  ['fallback object', `${head}fallback: {registry: ghcr.io/x/y, clusterReference: "r:5000"}\n${bundle}`],
  ['schemas', `${head}schemas: {directory: out, format: none}\n${bundle}`],
  [
    'registries',
    `${head}registries: {quay.io: {}, "r:5000": {plainHttp: true, mirrors: [m.io/a], caFile: ca.pem, http2: false}}\n${bundle}`,
  ],
  ['images', `${head}images: {svc: {reference: quay.io/a/svc, context: .}}\n${bundle}`],
  [
    'whole image',
    `${head}images: {svc: {reference: "localhost/svc:v1", context: services, containerfile: a/Dockerfile, target: Prod_1.x, args: {A: ""}, platforms: [linux/arm/v7, linux/amd64], secrets: [npm, a.b], cpus: 0.5, memory: 512MiB}}\n${bundle}`,
  ],
  [
    'caches of an image',
    `${head}images: {svc: {reference: q.io/svc, context: ., platforms: [linux/amd64], cacheFrom: q.io/cache, cacheTo: "q.io:5000/a/cache", cpus: 8}}\n${bundle}`,
  ],
  [
    'lint',
    `${head}lint: {apiFields: alpha, features: [enable-param-enum], ignore: [unpinned-image], non-root: error, for: [konflux]}\n${bundle}`,
  ],
  ['signing', `${head}signing: {storage: tag, annotations: {org.example.team: blue}}\n${bundle}`],
  ['catalog none', `${head}catalog: none\n${bundle}`],
  ['catalog address', `${head}catalog: http://127.0.0.1:8081\naudit: true\n${bundle}`],
  ['catalog', `${head}catalog: {dataStorage: "https://a.b/c", api: 2026-01, versionPrefix: v}\n${bundle}`],
  ['cluster', `${head}schemas: {format: remediation-workflow}\ncatalog: kubernetes\n${bundle}`],
  ['current cluster', `${head}schemas: {format: remediation-workflow}\ncatalog: {kubernetes: }\n${bundle}`],
  [
    'named cluster',
    `${head}schemas: {format: remediation-workflow}\ncatalog: {kubernetes: {context: kind-a, namespace: b, webhook: none}}\n${bundle}`,
  ],
  ['manifests', `${head}schemas: {format: remediation-workflow}\ncatalog: {manifests: deploy/w}\n${bundle}`],
  [
    'manifests by a word',
    `${head}schemas: {format: remediation-workflow}\ncatalog: manifests:out\n${bundle}`,
  ],
  ['own references only', 'version: 1\nbundles: {a: {files: [a.yaml], reference: "quay.io/x/a:v1"}}\n'],
  ['glob', `${head}bundles: {a.b-c__d: {files: ["**/*.yaml", "dir/"]}}\n`],
  ['annotations', `${head}bundles: {a: {files: [a], annotations: {k: ""}, labels: {l: v}}}\n`],
  ['workflow', workflow('')],
  ['version', workflow(', version: 1.2.3-rc.1')],
  ['custom label', workflow('', `${six}, team.name: blue`)],
  ['parameters', workflow(', parameters: {A: {type: integer, minimum: 1, maximum: 2}, b: {enum: [x]}}')],
  ['rollback', workflow(', rollbackParameters: {A: {type: boolean, description: d, default: true}}')],
  ['maintainers', workflow(', maintainers: [{name: A, email: a@b.io}]')],
  ['what alone', workflow('').replace('description: Does it', 'description: {what: Does it}')],
  ['remediation workflow', remediation('')],
  ['action that exists', remediation('').replace(/RestartPod: \{.*?\}/, 'RestartPod: existing')],
  ['lists of labels', remediation('').replace('severity: info', 'severity: [critical, "*"]')],
  ['flat labels too', remediation('').replace('priority: P3', 'priority: P3, signal_type: T, own: x')],
  [
    'all parts',
    remediation(
      ', detectedLabels: {stateful: true, gitOpsTool: flux}, dependencies: {secrets: [a], configMaps: [b.c]}, serviceAccountName: runner',
    ),
  ],
  ['float', remediation(', parameters: {A: {type: float, minimum: 0.5}}')],
  [
    'documents',
    workflows(
      'w: {bundle: a, document: deploy/w.yaml, onDigestChange: patch}, x: {reference: "q.io/a:v1", document: d, id: x-1}',
    ),
  ],
  [
    'playbooks',
    workflows(
      `p: {document: d, git: {url: "https://g.io/a.git", commit: ${'0a'.repeat(20)}}}, q: {document: e, git: {url: "git@g.io:a/b.git", commit: ${'0b'.repeat(20)}}}`,
    ),
  ],
  [
    'workflow of an image',
    `${workflows('w: {image: svc, document: deploy/w.yaml}')}images: {svc: {reference: q.io/a, context: .}}\n`,
  ],
  ['second label set', workflows(`w: {bundle: a, id: w, version: 1.0.0, description: d, labels: {${six}}}`)],
  [
    'second label set of a cluster',
    remediation('') +
      'workflows: {w: {bundle: a, id: w2, description: {what: Does it, whenToUse: Then}, actionType: RestartPod, labels: {severity: info, component: v1/Pod, environment: test, priority: P3}}}\n',
  ],
])('%s: schema and reader accept it', (_name, text) => {
  expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
  expect(parseProject(text, 'bundles.yaml').bundles).toHaveLength(1);
});

test.each([
  ['{files: "task/{name}/{version}/{name}.yaml", tag: "{version}"}', ''],
  ['{files: "task/*/{task}?/", name: "x-{task}"}', ''],
  [
    '{files: "{name}.yaml", annotations: {a: "{name}"}, labels: {b: c}}',
    'bundles: {n: {pin: true}, o: {files: [o]}}\n',
  ],
])('the entry %s of discover: schema and reader accept it', (entry, more) => {
  const text = `${head}discover: [${entry}]\n${more}`;
  expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
  const values = { name: 'n', task: 'n', version: 'v2' };
  expect(parseProject(text, 'bundles.yaml', {}, [{ rule: 0, path: 'a', values }]).bundles[0]?.files).toEqual([
    'a',
  ]);
});

test('where every entry of discover has a repository and a tag, the project needs none', () => {
  const text = 'version: 1\ndiscover: [{files: "{name}", repository: "q.io/{name}", tag: v1}]\n';
  expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
  expect(validate(load(`${text}bundles: {a: {files: [a]}}\n`))).toBe(false);
  expect(validate(load(text.replace(', tag: v1', '')))).toBe(false);
});

test.each([
  ['no version', 'repository: quay.io/a/b\ntag: v1\nbundles: {a: {files: [a]}}\n'],
  ['version 2', (head + bundle).replace('version: 1', 'version: 2')],
  ['no repository', (head + bundle).replace(/^repository.*\n/m, '')],
  ['no tag', (head + bundle).replace(/^tag.*\n/m, '')],
  ['no bundles', head],
  ['empty bundles', `${head}bundles: {}\n`],
  ['list of bundles', `${head}bundles: [a]\n`],
  ['unknown key', `${head}registry: quay.io\n${bundle}`],
  ['repository without host', (head + bundle).replace('quay.io/acme/test', 'acme/test')],
  ['repository of upper case', (head + bundle).replace('acme', 'Acme')],
  ['repository is only a host', (head + bundle).replace('/acme/test', '')],
  ['tag with a space', (head + bundle).replace('v1.0.0', 'v 1')],
  ['tag as number', (head + bundle).replace('v1.0.0', '1.0')],
  ['moving as text', `${head}moving: latest\n${bundle}`],
  ['moving twice', `${head}moving: [a, a]\n${bundle}`],
  ['publish yes', `${head}publish: always\n${bundle}`],
  ['fallback word', `${head}fallback: nowhere\n${bundle}`],
  ['fallback without registry', `${head}fallback: {clusterReference: "r:5000"}\n${bundle}`],
  ['fields of no stability', `${head}lint: {apiFields: gamma}\n${bundle}`],
  ['signing by a key', `${head}signing: {key: cosign.pub}\n${bundle}`],
  ['signing in no form', `${head}signing: {storage: bundle}\n${bundle}`],
  ['consumer that does not exist', `${head}lint: {for: [x]}\n${bundle}`],
  ['severity that does not exist', `${head}lint: {non-root: fatal}\n${bundle}`],
  ['feature that does not exist', `${head}lint: {features: [x]}\n${bundle}`],
  ['format', `${head}schemas: {format: crd}\n${bundle}`],
  ['action types without the format', `${head}actionTypes: {A: existing}\n${bundle}`],
  ['action type in the flat format', workflow(', actionType: RestartPod')],
  ['when to use in the flat format', workflow('').replace('Does it', '{what: a, whenToUse: b}')],
  ['list of severities in the flat format', workflow('', six.replace('severity: low', 'severity: [low]'))],
  ['float in the flat format', workflow(', parameters: {A: {type: float}}')],
  ['maintainer without email', workflow(', maintainers: [{name: A}]')],
  ['action type name', remediation('').replaceAll('RestartPod', 'restart-pod')],
  ['action type without whenToUse', remediation('').replace(', whenToUse: It hangs', '')],
  ['no action type', remediation('').replace('actionType: RestartPod,', '')],
  ['description as text', remediation('').replace('{what: Does it, whenToUse: Then}', 'Does it')],
  ['flat severity', remediation('').replace('severity: info', 'severity: low')],
  ['flat component', remediation('').replace('v1/Pod', 'pod')],
  ['no environments', remediation('').replace('environment: test', 'environment: []')],
  ['detected label false', remediation(', detectedLabels: {stateful: false}')],
  ['detected label as text', remediation(', detectedLabels: {stateful: "true"}')],
  ['unknown detected label', remediation(', detectedLabels: {cloud: true}')],
  ['secret twice', remediation(', dependencies: {secrets: [a, a]}')],
  ['service account', remediation(', serviceAccountName: A_b')],
  ['directory outside', `${head}schemas: {directory: ../x}\n${bundle}`],
  ['registries as list', `${head}registries: [quay.io]\n${bundle}`],
  ['registry without dot', `${head}registries: {quay: {}}\n${bundle}`],
  ['registry with path', `${head}registries: {quay.io/a: {}}\n${bundle}`],
  ['registry with unknown key', `${head}registries: {quay.io: {insecure: true}}\n${bundle}`],
  ['mirror as URL', `${head}registries: {quay.io: {mirrors: ["https://m.io"]}}\n${bundle}`],
  ['mirror twice', `${head}registries: {quay.io: {mirrors: [m.io, m.io]}}\n${bundle}`],
  ['caFile outside', `${head}registries: {quay.io: {caFile: ../ca.pem}}\n${bundle}`],
  ['http2 as text', `${head}registries: {quay.io: {http2: "no"}}\n${bundle}`],
  ['plainHttp as text', `${head}registries: {quay.io: {plainHttp: "true"}}\n${bundle}`],
  ['images as list', `${head}images: [quay.io/a/b]\n${bundle}`],
  ['image without context', `${head}images: {svc: {reference: quay.io/a/svc}}\n${bundle}`],
  ['image without reference', `${head}images: {svc: {context: .}}\n${bundle}`],
  [
    'image with digest',
    `${head}images: {svc: {context: ., reference: "q.io/a@sha256:${'0'.repeat(64)}"}}\n${bundle}`,
  ],
  ['image without registry', `${head}images: {svc: {context: ., reference: acme/svc}}\n${bundle}`],
  ['context outside', `${head}images: {svc: {context: .., reference: q.io/a}}\n${bundle}`],
  [
    'containerfile outside',
    `${head}images: {svc: {context: ., containerfile: /x, reference: q.io/a}}\n${bundle}`,
  ],
  ['argument as number', `${head}images: {svc: {context: ., args: {A: 1}, reference: q.io/a}}\n${bundle}`],
  ['argument name', `${head}images: {svc: {context: ., args: {"1A": x}, reference: q.io/a}}\n${bundle}`],
  ['stage', `${head}images: {svc: {context: ., target: -x, reference: q.io/a}}\n${bundle}`],
  [
    'secret of an image',
    `${head}images: {svc: {context: ., reference: q.io/a, secrets: ["a,b"]}}\n${bundle}`,
  ],
  [
    'cache with a tag',
    `${head}images: {svc: {context: ., reference: q.io/a, cacheTo: "q.io/b:v1"}}\n${bundle}`,
  ],
  [
    'cache of a list',
    `${head}images: {svc: {context: ., reference: q.io/a, platforms: [l/a, l/b], cacheTo: q.io/b}}\n${bundle}`,
  ],
  ['no processors', `${head}images: {svc: {context: ., reference: q.io/a, cpus: 0}}\n${bundle}`],
  ['memory in another unit', `${head}images: {svc: {context: ., reference: q.io/a, memory: 4GB}}\n${bundle}`],
  ['platform', `${head}images: {svc: {context: ., platforms: [amd64], reference: q.io/a}}\n${bundle}`],
  [
    'platform twice',
    `${head}images: {svc: {context: ., platforms: [l/a, l/a], reference: q.io/a}}\n${bundle}`,
  ],
  ['image name', `${head}images: {Svc: {context: ., reference: q.io/a}}\n${bundle}`],
  ['dockerfile', `${head}images: {svc: {context: ., dockerfile: x, reference: q.io/a}}\n${bundle}`],
  ['catalog word', `${head}catalog: kubernets\n${bundle}`],
  ['catalog with a password', `${head}catalog: "http://u:p@h"\n${bundle}`],
  ['catalog of another generation', `${head}catalog: {dataStorage: "http://h", api: 2026-02}\n${bundle}`],
  ['catalog of two kinds', `${head}catalog: {dataStorage: "http://h", manifests: x}\n${bundle}`],
  ['catalog of no kind', `${head}catalog: {}\n${bundle}`],
  ['unknown key of a catalog', `${head}catalog: {kubernetes: {contxt: a}}\n${bundle}`],
  ['webhook', `${head}catalog: {kubernetes: {webhook: true}}\n${bundle}`],
  ['namespace', `${head}catalog: {kubernetes: {namespace: A_B}}\n${bundle}`],
  ['audit as text', `${head}audit: "yes"\n${bundle}`],
  ['bundle name', `${head}bundles: {A_: {files: [a]}}\n`],
  ['no files', `${head}bundles: {a: {}}\n`],
  ['discover as mapping', `${head}discover: {files: "{name}"}\n`],
  ['empty discover', `${head}discover: []\n`],
  ['discover without files', `${head}discover: [{tag: v1}]\n`],
  ['discover without a name', `${head}discover: [{files: "{task}.yaml"}]\n`],
  ['discover outside', `${head}discover: [{files: "../{name}"}]\n`],
  ['discover of any depth', `${head}discover: [{files: "**/{name}"}]\n`],
  ['odd placeholder', `${head}discover: [{files: "{Name}", name: x}]\n`],
  ['lone brace', `${head}discover: [{files: "{name}", tag: "v{"}]\n`],
  ['discover with an unknown key', `${head}discover: [{files: "{name}", pin: true}]\n`],
  ['empty files', `${head}bundles: {a: {files: []}}\n`],
  ['file outside', `${head}bundles: {a: {files: [x/../../y]}}\n`],
  ['absolute file', `${head}bundles: {a: {files: [/etc/x.yaml]}}\n`],
  ['backslash', `${head}bundles: {a: {files: ['a\\b']}}\n`],
  [
    'reference with digest',
    `${head}bundles: {a: {files: [a], reference: "quay.io/x/a@sha256:${'0'.repeat(64)}"}}\n`,
  ],
  ['reference without tag', `${head}bundles: {a: {files: [a], reference: quay.io/x/a}}\n`],
  ['annotation as number', `${head}bundles: {a: {files: [a], annotations: {k: 1}}}\n`],
  ['workflow without labels', `${head}bundles: {a: {files: [a], workflow: {id: w, description: d}}}\n`],
  ['id', workflow('').replace('id: w', 'id: W')],
  ['version with v', workflow(', version: v1.0.0')],
  ['version of two parts', workflow(', version: "1.0"')],
  ['empty description', workflow('').replace('Does it', '""')],
  ['long description', workflow('').replace('Does it', 'x'.repeat(501))],
  ['severity', workflow('', six.replace('severity: low', 'severity: info'))],
  ['priority', workflow('', six.replace('P3', 'p4'))],
  ['former label', workflow('', `${six}, kubernaut.ai/category: x`)],
  [
    'eleven labels',
    workflow('', `${six}, ${Array.from({ length: 11 }, (_, index) => `own-${index}: x`).join(', ')}`),
  ],
  ['TARGET_RESOURCE', workflow(', parameters: {TARGET_RESOURCE: {}}')],
  ['default', workflow(', parameters: {A: {default: x}}')],
  ['type', workflow(', parameters: {A: {type: float}}')],
  ['enum on integer', workflow(', parameters: {A: {type: integer, enum: [a]}}')],
  ['minimum on string', workflow(', parameters: {A: {minimum: 1}}')],
  ['fraction', workflow(', parameters: {A: {type: integer, minimum: 1.5}}')],
  ['rollback without description', workflow(', rollbackParameters: {A: {}}')],
  ['workflows as list', `${head}${bundle}workflows: [w]\n`],
  ['workflow that runs nothing', workflows('w: {document: d}')],
  ['workflow that runs two things', workflows('w: {document: d, bundle: a, reference: "q.io/a:v1"}')],
  ['workflow name', workflows('W_: {document: d, bundle: a}')],
  ['reference of a workflow without tag', workflows('w: {document: d, reference: q.io/a}')],
  ['document outside', workflows('w: {document: ../d, bundle: a}')],
  ['a document and labels', workflows(`w: {document: d, bundle: a, labels: {${six}}}`)],
  ['other digest change', workflows('w: {document: d, bundle: a, onDigestChange: minor}')],
  [
    'digest change of a derived one',
    workflows(`w: {bundle: a, id: w, description: d, labels: {${six}}, onDigestChange: keep}`),
  ],
  [
    'derived from an image',
    workflows(`w: {reference: "q.io/a:v1", id: w, description: d, labels: {${six}}}`),
  ],
  ['short commit', workflows('w: {document: d, git: {url: "https://g.io/a", commit: abcdef0}}')],
  [
    'commit in capitals',
    workflows(`w: {document: d, git: {url: "https://g.io/a", commit: ${'A'.repeat(40)}}}`),
  ],
  [
    'password of a git host',
    workflows(`w: {document: d, git: {url: "https://u:p@g.io/a", commit: ${'a'.repeat(40)}}}`),
  ],
  ['git without address', workflows(`w: {document: d, git: {commit: ${'a'.repeat(40)}}}`)],
  ['engine', workflows('w: {document: d, bundle: a, engine: job}')],
  [
    'flat second label set of a cluster',
    `${remediation('')}workflows: {w: {bundle: a, id: w2, description: d, labels: {${six}}}}\n`,
  ],
])('%s: schema and reader refuse it', (_name, text) => {
  expect(validate(load(text))).toBe(false);
  try {
    parseProject(text, 'bundles.yaml');
  } catch (error) {
    expect(isBundlesError(error, 'CONFIG_INVALID')).toBe(true);
    return;
  }
  throw new Error('The reader accepted it');
});

test.each(['bundles.yaml', 'docs/reference/configuration.md'])('the project in %s is valid', (file) => {
  const whole = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const text = file.endsWith('.md') ? /```yaml\n(version: 1\n.*?)```/s.exec(whole)![1]! : whole;
  expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
  expect(parseProject(text, file).bundles.length).toBeGreaterThan(0);
});

test.each([
  ['a bundle that is not declared', 'w: {bundle: b, document: d}', 'Did you mean'],
  ['an image that is not declared', 'w: {image: svc, document: d}', undefined],
  ['a reference as image', 'w: {image: "q.io/a:v1", document: d}', 'Write reference'],
  ['one document twice', 'w: {bundle: a, document: d, id: x}, x: {bundle: a, document: d}', undefined],
])('the reader alone refuses %s', (_name, more, hint) => {
  const text = workflows(more);
  expect(validate(load(text))).toBe(true);
  const refused = expect.objectContaining({
    code: 'CONFIG_INVALID',
    details: expect.objectContaining({
      problems: [expect.objectContaining({ hint: hint ? expect.stringContaining(hint) : null })],
    }),
  });
  expect(() => parseProject(text, 'bundles.yaml')).toThrow(refused);
});

test('workflows of images and playbooks alone need no bundle, repository or tag', () => {
  const text = 'version: 1\nworkflows: {w: {reference: "q.io/a:v1", document: d}}\n';
  expect(validate(load(text)), JSON.stringify(validate.errors)).toBe(true);
  expect(parseProject(text, 'bundles.yaml')).toMatchObject({
    bundles: [],
    workflows: [
      {
        name: 'w',
        source: { kind: 'reference' },
        content: { path: 'd', id: undefined },
        onDigestChange: 'keep',
      },
    ],
  });
  expect(() => parseProject(workflows(''), 'bundles.yaml')).not.toThrow();
  const own = workflow('').replace('bundles: {a:', 'workflows: {a: {bundle: a, document: d}}\nbundles: {a:');
  expect(() => parseProject(own, 'bundles.yaml')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});

test('every rule of the workflow schema is documented', () => {
  const documented = readFileSync(new URL('../../docs/reference/workflows.md', import.meta.url), 'utf8');
  const sources = [
    'parameters/pipeline-params',
    'parameters/derive-parameter',
    'derive-workflow',
    'dependencies',
    'parameters/parameter-rules',
  ];
  const rules = sources.flatMap((name) => {
    const source = readFileSync(new URL(`../workflow/${name}.ts`, import.meta.url), 'utf8');
    const named = [...source.matchAll(/rule: '([a-z-]+)'/g)].map(([, rule]) => rule!);
    const broken = [...source.matchAll(/broken\('([a-z-]+)'/g)].map(([, rule]) => `default-${rule}`);
    const problem = [...source.matchAll(/problem\('SCHEMA_[A-Z]+', '([a-z-]+)'/g)].map(([, rule]) => rule!);
    return [...named, ...broken, ...problem];
  });
  expect(rules.length).toBeGreaterThan(15);
  for (const rule of rules) expect(documented).toContain(`\`${rule}\``);
});
