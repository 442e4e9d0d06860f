import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { expectQuick } from '../../test/support/expect-quick.js';
import { BundlesError } from '../errors.js';
import type { PlacedProblem } from '../yaml-file/problems-error.js';
import { parseProject } from './parse-project-text.js';
import type { ProjectOverrides } from './project.js';
import { readProject } from './read-project.js';

const small = `version: 1
repository: quay.io/acme/test
tag: v1.2.3
bundles:
  hello:
    files: [pipelines/hello.yaml]
`;

const labels =
  'labels: {signal_type: Test, severity: low, component: deployment, environment: test, priority: P3, risk_tolerance: low}';
const workflow = `${small}    workflow:
      id: test-hello
      description: Says hello
      ${labels}
`;

function refusal(
  text: string,
  overrides: ProjectOverrides = {},
): BundlesError & { problems: PlacedProblem[] } {
  try {
    parseProject(text, 'bundles.yaml', overrides);
  } catch (error) {
    if (!(error instanceof BundlesError)) throw error;
    expect(error.code).toBe('CONFIG_INVALID');
    const problems = (error.details.problems ?? []) as PlacedProblem[];
    return Object.assign(error, { problems });
  }
  throw new Error('It was accepted');
}

test('how bundles are signed, and never by which key', () => {
  const text = 'signing: {storage: both, annotations: {b: "2", a: "1"}}';
  const settings = { storage: 'both', annotations: { a: '1', b: '2' } };
  expect(parseProject(`${small}${text}\n`, 'bundles.yaml').signing).toEqual(settings);
  for (const wrong of ['{key: cosign.pub}', '{storage: bundle}', '{annotations: {a: 1}}', 'both'])
    expect(refusal(`${small}signing: ${wrong}\n`).problems).toHaveLength(1);
});

test('what the cluster takes and rules that are not wanted', () => {
  const text =
    'lint: {apiFields: alpha, features: [enable-param-enum], ignore: [unpinned-image], non-root: warning, for: [konflux]}';
  const settings = {
    apiFields: 'alpha',
    features: ['enable-param-enum'],
    ignore: ['unpinned-image'],
    for: ['konflux'],
    severities: { 'non-root': 'warning' },
  };
  expect(parseProject(`${small}${text}\n`, 'bundles.yaml').lint).toEqual(settings);
  for (const [wrong, hint] of [
    ['{ignore: [unpined-image]}', 'Did you mean "unpinned-image"?'],
    ['{ignore: [invalid-yaml]}', 'Nothing can be built from a source that breaks this rule'],
    ['{apifields: alpha}', 'Did you mean "apiFields"?'],
    ['{apiFields: Alpha}', 'Did you mean "alpha"?'],
    ['{nonroot: warning}', 'Did you mean "non-root"?'],
    ['{for: konflux}', 'Write for: [konflux]'],
    ['{for: [konfluks]}', 'Did you mean "konflux"?'],
    ['{non-root: warnings}', 'Did you mean "warning"?'],
  ]) {
    expect(refusal(`${small}lint: ${wrong}\n`).hint, wrong).toBe(hint);
  }
});

test('a small project gets every default', () => {
  expect(parseProject(small, 'dir/bundles.yaml')).toEqual({
    file: 'dir/bundles.yaml',
    directory: 'dir',
    actionTypes: [],
    moving: [],
    publish: 'auto',
    fallback: { kind: 'embedded' },
    schemas: { directory: 'schemas', format: 'workflow-schema' },
    catalog: { kind: 'none' },
    audit: false,
    registries: new Map(),
    lint: { apiFields: 'beta', features: [], ignore: [], for: [], severities: {} },
    images: [],
    workflows: [],
    signing: { storage: 'referrer', annotations: {} },
    overridden: false,
    bundles: [
      {
        name: 'hello',
        reference: { registry: 'quay.io', repository: 'acme/test/hello', tag: 'v1.2.3' },
        files: ['pipelines/hello.yaml'],
        annotations: {},
        labels: {},
        pin: false,
        workflow: undefined,
      },
    ],
  });
});

test('every field is read', () => {
  const text = `version: 1
repository: localhost:5000/acme
tag: v2.0.0-rc.1
moving: [v2, latest]
publish: never
fallback: {registry: localhost:5001/mirror, clusterReference: registry.local:5000/mirror}
schemas: {directory: ./out/schemas/, format: none}
catalog: none
bundles:
  b-two: {files: [b/**/*.yaml, c], reference: quay.io/other/b:v9}
  a.one:
    files: [./a.yaml]
    annotations: {org.example.team: "blue", a: ""}
    labels: {x: "y"}
    workflow:
      id: one
      version: 3.1.4
      name: One
      description: Does one thing
      labels: {signal_type: OOMKilled, severity: critical, component: pod, environment: "*", priority: "*", risk_tolerance: high, business_category: availability, team: blue}
      parameters:
        COUNT: {type: integer, minimum: 0, maximum: 5, required: true, dependsOn: [MODE]}
        MODE: {enum: [fast, slow], pattern: "^[a-z]+$", description: How fast}
      rollbackParameters:
        FORCE: {type: boolean, description: Whether to force, default: false}
`;
  const project = parseProject(text, 'bundles.yaml');
  expect(project.bundles.map(({ name }) => name)).toEqual(['a.one', 'b-two']);
  const [one, two] = project.bundles;
  expect(two!.reference).toEqual({ registry: 'quay.io', repository: 'other/b', tag: 'v9' });
  expect(one!.files).toEqual(['a.yaml']);
  expect(one!.annotations).toEqual({ a: '', 'org.example.team': 'blue' });
  expect(one!.workflow!.version).toBe('3.1.4');
  expect(one!.workflow!.labels.custom).toEqual(new Map([['team', 'blue']]));
  expect(one!.workflow!.parameters.get('COUNT')).toEqual({
    type: 'integer',
    required: true,
    minimum: 0,
    maximum: 5,
    dependsOn: ['MODE'],
  });
  expect(one!.workflow!.rollbackParameters.get('FORCE')?.default).toBe(false);
  expect(project.moving).toEqual(['v2', 'latest']);
  expect(project.schemas).toEqual({ directory: 'out/schemas', format: 'none' });
  expect(project.fallback).toEqual({
    kind: 'registry',
    registry: 'localhost:5001/mirror',
    clusterReference: 'registry.local:5000/mirror',
  });
});

test('what the run gives takes precedence over the file, also over a reference of its own', () => {
  const text = `${small}  own: {files: [x.yaml], reference: ghcr.io/other/own:v7.0.0}\n`;
  const project = parseProject(text, 'bundles.yaml', {
    repository: 'localhost:5000/ci',
    tag: 'pr-7',
    fallback: 'none',
    catalog: 'none',
  });
  expect(project.overridden).toBe(true);
  expect(project.fallback).toEqual({ kind: 'none' });
  expect(project.bundles.map(({ reference }) => reference)).toEqual([
    { registry: 'localhost:5000', repository: 'ci/hello', tag: 'pr-7' },
    { registry: 'localhost:5000', repository: 'ci/own', tag: 'pr-7' },
  ]);
});

test('a repository and a tag may come from the run alone', () => {
  const text = 'version: 1\nbundles: {a: {files: [a.yaml]}}\n';
  expect(refusal(text).problems.map(({ path }) => path)).toEqual(['repository', 'tag']);
  const project = parseProject(text, 'bundles.yaml', { repository: 'quay.io/x/y', tag: 'v1.0.0' });
  expect(project.bundles[0]!.reference.repository).toBe('x/y/a');
});

test('a run that names the declared catalog keeps its settings in the file', () => {
  const declared = small.replace(
    'version: 1',
    'version: 1\ncatalog: {dataStorage: "http://catalog.test:8080/base/", versionPrefix: v}',
  );
  const prefixOf = (url: string) => {
    const { catalog } = parseProject(declared, 'bundles.yaml', { catalog: url });
    return catalog.kind === 'data-storage' ? [catalog.url, catalog.versionPrefix] : [];
  };
  for (const url of ['http://catalog.test:8080/base', 'HTTP://CATALOG.test:8080/base/'])
    expect(prefixOf(url)).toEqual([url, 'v']);
  for (const url of [
    'http://catalog.test:8081/base',
    'https://catalog.test:8080/base',
    'http://catalog.test:8080',
  ])
    expect(prefixOf(url)).toEqual([url, '']);
});

test.each(['$REG', '$' + '{REG}', '$(REG)', '%REG%', '{{ REG }}', '{{REG}}'])(
  'the variable %s is not expanded, in the repository, the tag, a reference or a fallback',
  (variable) => {
    for (const text of [
      small.replace('quay.io/acme/test', `"${variable}/acme"`),
      small.replace('quay.io/acme/test', `"quay.io/${variable}"`),
      small.replace('v1.2.3', `"${variable}"`),
      `${small}    reference: "quay.io/acme/${variable}:v1"\n`,
      `fallback: "${variable}"\n${small}`,
    ])
      expect(refusal(text).hint, text).toContain('not expanded');
    expect(refusal(small, { tag: variable }).hint).toContain('not expanded');
  },
);

test('a wrong override names its flag and its variable', () => {
  const error = refusal(small, { tag: 'not a tag' });
  expect(error.details.option).toBe('--tag');
  expect(error.hint).toContain('BUNDLES_TAG');
  expect(refusal(small, { catalog: 'embeded' }).hint).toContain('embedded');
  expect(refusal(small, { catalog: 'kubernetes' }).message).toContain('schemas.format is workflow-schema');
  expect(refusal(small, { fallback: 'embeded' }).hint).toContain('embedded');
});

test.each([
  ['unknown key', `${small}  hi: {files: [a], workflo: {}}\n`, 'bundles.hi.workflo', 7, 20, '"workflow"'],
  ['unknown root key', `tags: v1\n${small}`, 'tags', 1, 1, '"tag"'],
  ['number as tag', small.replace('v1.2.3', '1.10'), 'tag', 3, 6, '"1.10"'],
  ['misspelt choice', small.replace('tag:', 'publish: nver\ntag:'), 'publish', 3, 10, '"never"'],
  ['yes for publish', small.replace('tag:', 'publish: yes\ntag:'), 'publish', 3, 10, 'Write auto'],
  ['short key', `schemas: {dir: x}\n${small}`, 'schemas.dir', 1, 11, '"directory"'],
  [
    'short type',
    `${workflow}      parameters: {A: {type: int}}\n`,
    'bundles.hello.workflow.parameters.A.type',
    11,
    30,
    '"integer"',
  ],
  ['variable as tag', small.replace('v1.2.3', '$TAG'), 'tag', 3, 6, 'not expanded'],
  ['host alone', small.replace('/acme/test', ''), 'repository', 2, 13, 'quay.io/acme/bundles'],
  ['host and a slash', small.replace('acme/test', ''), 'repository', 2, 13, 'quay.io/acme/bundles'],
  ['port', small.replace('quay.io/', 'quay.io:99999/'), 'repository', 2, 13, '1 to 65535'],
  [
    'severity',
    workflow.replace('severity: low', 'severity: lo'),
    'bundles.hello.workflow.labels.severity',
    10,
    45,
    '"low"',
  ],
  ['priority', workflow.replace('P3', 'PP3'), 'bundles.hello.workflow.labels.priority', 10, 102, '"P3"'],
  [
    'former label',
    workflow.replace('signal_type: Test', 'kubernaut.ai/signal-type: Test, signal_type: T'),
    'bundles.hello.workflow.labels["kubernaut.ai/signal-type"]',
    10,
    16,
    'signal_type',
  ],
  ['leading v', `${workflow}      version: v1.0.0\n`, 'bundles.hello.workflow.version', 11, 16, '1.0.0'],
  ['path outside', small.replace('pipelines/', '../'), 'bundles.hello.files[0]', 6, 13, 'directory'],
  [
    'default of a parameter',
    `${workflow}      parameters: {A: {default: x}}\n`,
    'bundles.hello.workflow.parameters.A.default',
    11,
    24,
    'Pipeline',
  ],
  [
    'snake case',
    `${workflow}      parameters: {A: {depends_on: [B]}}\n`,
    'bundles.hello.workflow.parameters.A.depends_on',
    11,
    24,
    'dependsOn',
  ],
])('%s: path, line, column and what would be right', (_name, text, path, line, column, hint) => {
  const { problems, details } = refusal(text);
  expect(problems[0]).toMatchObject({ path, line, column });
  expect(problems[0]!.hint).toContain(hint);
  expect(details).toMatchObject({ file: 'bundles.yaml', line, column, path });
});

test.each([
  [
    'catalog that is not a URL',
    'catalog: {dataStorage: nowhere}',
    'catalog.dataStorage',
    'wanted http://HOST',
  ],
  ['password of a catalog', 'catalog: "http://u:p@h"', 'catalog', 'with a user or a password'],
  ['manifests of flat schemas', 'catalog: manifests:x', 'catalog', 'registers remediation-workflow'],
  ['manifests outside', 'catalog: {manifests: ../x}', 'catalog.manifests', 'leads out of'],
  ['audit without a catalog', 'audit: true', 'audit', 'a catalog with an audit trail'],
  ['unknown schema format', 'schemas: {format: crd}', 'schemas.format', 'remediation-workflow, none'],
  ['actions without their format', 'actionTypes: {A: existing}', 'actionTypes', 'only a RemediationWorkflow'],
  ['later version', 'version: 2', 'version', 'wanted 1'],
  ['text version', 'version: "1"', 'version', 'wanted 1'],
  ['moving twice', 'moving: [a, a]', 'moving[1]', 'twice'],
  ['moving is the fixed tag', 'moving: [v1.2.3]', 'moving', 'fixed tag'],
  ['fallback without host', 'fallback: myregistry', 'fallback', 'embedded, none'],
  ['repository without host', 'repository: acme/test', 'repository', 'wanted a registry and a repository'],
  [
    'repository with scheme',
    'repository: https://quay.io/acme',
    'repository',
    'wanted a registry and a repository',
  ],
  [
    'repository with a tag',
    'repository: quay.io/acme:v1',
    'repository',
    'wanted a registry and a repository',
  ],
  ['absolute directory', 'schemas: {directory: /etc}', 'schemas.directory', 'absolute path'],
  ['nothing', 'tag:', 'tag', 'found nothing'],
])('%s', (_name, line, path, message) => {
  const key = line.slice(0, line.indexOf(':'));
  const without = small.split('\n').filter((other) => !other.startsWith(`${key}:`));
  const error = refusal(`${line}\n${without.join('\n')}`);
  expect(error.problems[0]!.path).toBe(path);
  expect(error.message).toContain(message);
});

test('everything wrong is reported at once, the first in the message', () => {
  const error = refusal(
    'version: 1\nrepository: 5\ntag: v1\nbundles:\n  A: {}\n  b: {files: x}\n  c: {files: []}\n',
  );
  expect(error.problems.map(({ line }) => line)).toEqual([2, 5, 6, 7]);
  expect(error.message).toContain('"bundles.yaml:2:13": repository found the number 5');
  expect(error.message).toContain('(and 3 more)');
});

test.each([
  ['a tab', 'version: 1\nbundles:\n\ta: 1\n', 3, 'tab'],
  ['a duplicate key', 'version: 1\nversion: 1\n', 2, 'twice in one mapping, first in line 1'],
  [
    'a merge conflict',
    'version: 1\n<<<<<<< HEAD\ntag: a\n=======\ntag: b\n>>>>>>> other\n',
    2,
    'merge conflict',
  ],
  ['an empty file', '', 1, 'empty file'],
  ['only a comment', '# nothing\n', 1, 'empty file'],
  ['two documents', 'version: 1\n---\nversion: 1\n', 1, 'more than one'],
  ['a template', 'version: 1\ntag: {{ tag }}\n', 2, 'complex keys'],
  ['a tag of YAML', 'version: !!js/function 1\n', 1, 'unknown'],
  ['an unknown alias', 'version: *v\n', 1, 'alias'],
  ['a glob without quotes', 'files: [**/*.yaml]\n', 1, 'needs quotes'],
  ['a star without quotes', 'environment: *\n', 1, 'needs quotes'],
])('%s is refused with its line', (_name, text, line, message) => {
  const error = refusal(text);
  expect(error.details.line).toBe(line);
  expect(`${error.message} ${error.hint}`).toContain(message);
});

test.each(['- a\n', 'text\n', '5\n', 'null\n'])('the root %j is not a mapping', (text) => {
  const { message, problems } = refusal(text);
  expect([message, problems.length]).toEqual([expect.stringContaining('wanted a mapping'), 1]);
});

test('an alias bomb costs nothing', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 11; level++)
    lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`);
  const bombs = [
    `${small}    annotations: {a: *a10}\n`.replace('version: 1', `version: 1\n${lines.join('\n')}`),
    `x: &x [y]\n${Array.from({ length: 200 }, (_, index) => `k${index}: *x`).join('\n')}\n`,
    `x: &x {y: *x}\n${small}`,
  ];
  const refuseAll = () => {
    for (const text of bombs) refusal(text);
  };
  expectQuick(refuseAll, 1_000);
});

test('keys of the prototype are keys like others', () => {
  const project = parseProject(
    `${small}    annotations: {__proto__: "x", constructor: "y"}\n`,
    'bundles.yaml',
  );
  expect(Object.entries(project.bundles[0]!.annotations)).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  expect(refusal(`${small}__proto__: {polluted: true}\n`).problems[0]!.path).toBe('__proto__');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('text of the file is quoted in the message', () => {
  const error = refusal(`${small}"\\e[31m\\u202e": 1\n`);
  expect(error.message).toContain('"\\u001b[31m\u202e"');
});

test('a thousand problems end at fifty', () => {
  const text = `${small}${Array.from({ length: 1_000 }, (_, index) => `key${index}: 1`).join('\n')}\n`;
  expect(refusal(text).problems).toHaveLength(50);
});

test('two bundles or two workflows of one name are refused', () => {
  const twin = `${small}  other: {files: [a.yaml], reference: "quay.io/acme/test/hello:v1.2.3"}\n`;
  expect(refusal(twin).message).toContain('both declare the reference');
  const lines = workflow.split('\n').slice(4).join('\n').replace('  hello:', '  again:');
  expect(refusal(workflow + lines).message).toContain('both declare the workflow test-hello');
});

test('a tag that is not a version asks for a version of the workflow', () => {
  expect(parseProject(workflow, 'bundles.yaml').bundles[0]!.workflow!.version).toBe('1.2.3');
  const error = refusal(workflow.replace('v1.2.3', 'latest'));
  expect(error.problems[0]!.path).toBe('bundles.hello.workflow.version');
  expect(error.message).toContain('the tag "latest" is not a version');
});

test.each([
  ['{type: strin}', 'type'],
  ['{type: integer, enum: [a]}', 'enum'],
  ['{minimum: 1}', 'minimum'],
  ['{type: integer, minimum: 5, maximum: 1}', 'maximum'],
  ['{type: integer, minimum: 0.5}', 'minimum'],
  ['{pattern: "("}', 'pattern'],
  ['{pattern: "(?=a)"}', 'pattern'],
  ['{enum: [a, a]}', 'enum'],
  ['{enum: []}', 'enum'],
  ['{enum: [1]}', 'enum[0]'],
  ['{enum: [A], pattern: "^[a-z]$"}', 'enum'],
  ['{required: "yes"}', 'required'],
  ['{description: ""}', 'description'],
])('the parameter %s is refused at its %s', (parameter, field) => {
  const { problems } = refusal(`${workflow}      parameters: {A: ${parameter}}\n`);
  expect(problems[0]!.path).toBe(`bundles.hello.workflow.parameters.A.${field}`);
});

test('files that cannot be read have their own codes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'project-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'bundles.yaml');
  await expect(readProject(path)).rejects.toMatchObject({
    code: 'CONFIG_NOT_FOUND',
    hint: expect.stringContaining('init'),
  });
  await expect(readProject(directory)).rejects.toMatchObject({ code: 'NOT_READABLE' });
  await writeFile(path, `\uFEFF${small.replaceAll('\n', '\r\n')}`);
  expect((await readProject(path)).bundles).toHaveLength(1);
  await writeFile(path, Buffer.from(`\uFEFF${small}`, 'utf16le'));
  await expect(readProject(path)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('UTF-16'),
  });
  await writeFile(path, 'x'.repeat(1024 * 1024 + 1));
  await expect(readProject(path)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a wrong name is reported before what is missing for it', () => {
  const error = refusal(small.replace('files:', 'fles:'));
  expect(error.problems.map(({ path }) => path)).toEqual(['bundles.hello.fles', 'bundles.hello.files']);
  expect(error.hint).toBe('Did you mean "files"?');
  expect(refusal(workflow.replace('severity: low', 'severty: low')).hint).toContain('severty');
  expect(refusal(workflow.replace('signal_type: Test', 'Signal-Type: Test')).hint).toContain('signal_type');
});

test('a registry whose name is like a word is a registry', () => {
  const { fallback } = parseProject(`${small}fallback: embedded.io\n`, 'bundles.yaml');
  expect(fallback).toEqual({ kind: 'registry', registry: 'embedded.io', clusterReference: undefined });
});

test('labels of a project may be like the known ones', () => {
  const text = workflow.replace('labels: {', 'labels: {severity2: x, component-kind: y, ');
  expect(parseProject(text, 'bundles.yaml').bundles[0]!.workflow!.labels.custom.size).toBe(2);
});

test('any damage to a project file gives a project or CONFIG_INVALID with a line of that file', () => {
  const edit = fc.record({
    at: fc.nat({ max: workflow.length }),
    remove: fc.nat({ max: 12 }),
    insert: fc.oneof(
      fc.constantFrom(
        '\n',
        ': ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '"',
        "'",
        '|',
        '#',
        '!!x ',
        '\t',
        '---\n',
        '? ',
        '<<: ',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let text = workflow;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
      try {
        parseProject(text, 'bundles.yaml');
      } catch (error) {
        if (!(error instanceof BundlesError)) throw error;
        const { line, column } = error.details as { line: number; column: number };
        expect(error.code).toBe('CONFIG_INVALID');
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(error.message).not.toMatch(/[\r\n]/);
      }
    }),
    { numRuns: 1_500 },
  );
});

test('registries are known by one spelling of their host, with every default', () => {
  const { registries } = parseProject(
    `${small}registries:
  QUAY.io: {mirrors: ["mirror.example:5000/quay", localhost]}
  index.docker.io: {caFile: ./certs/ca.pem}
  "localhost:5000": {plainHttp: true, insecureSkipTlsVerify: true}
  "[::1]:5000": {http2: false}
`,
    'bundles.yaml',
  );
  const [plainHttp, caFile, mirrors, insecureSkipTlsVerify, http2] = [false, undefined, [], false, true];
  const nothing = { plainHttp, caFile, mirrors, insecureSkipTlsVerify, http2 };
  expect([...registries]).toEqual([
    ['quay.io', { ...nothing, mirrors: ['mirror.example:5000/quay', 'localhost'] }],
    ['docker.io', { ...nothing, caFile: 'certs/ca.pem' }],
    ['localhost:5000', { ...nothing, plainHttp: true, insecureSkipTlsVerify: true }],
    ['[::1]:5000', { ...nothing, http2: false }],
  ]);
});

test.each([
  ['{quay: {}}', 'found "quay", wanted the host of a registry'],
  ['{quay.io/acme: {}}', 'wanted the host of a registry'],
  ['{"u:s3cret@quay.io": {}}', 'wanted the host of a registry'],
  ['{quay.io: {}, QUAY.IO: {}}', 'a second name of quay.io'],
  ['{docker.io: {}, registry-1.docker.io: {}}', 'a second name of docker.io'],
  ['{quay.io: {insecure: true}}', 'unknown key "insecure"'],
  ['{quay.io: {plainHttp: "yes"}}', 'wanted true or false'],
  ['{quay.io: {http2: 1}}', 'wanted true or false'],
  ['{quay.io: {caFile: /etc/ca.pem}}', 'found the absolute path'],
  ['{quay.io: {caFile: ../ca.pem}}', "leads out of this file's directory"],
  ['{quay.io: {mirrors: mirror.example}}', 'wanted a list'],
  ['{quay.io: {mirrors: ["https://mirror.example"]}}', 'wanted a registry with an optional path'],
  ['{quay.io: {mirrors: [a.example, a.example]}}', 'found "a.example" twice'],
  ['{quay.io: {mirrors: [QUAY.io]}}', 'found the registry itself'],
  [`{quay.io: {mirrors: [${Array.from({ length: 11 }, (_, i) => `m${i}.example`)}]}}`, 'wanted at most 10'],
  ['[quay.io]', 'wanted a mapping'],
])('registries: %s is refused', (value, wanted) => {
  expect(refusal(`${small}registries: ${value}\n`).message).toContain(wanted);
});
