import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PlacedProblem } from '../src/yaml-file/problems-error.js';
import { runInProcess } from './support/program/run-in-process.js';
import { samplePipeline } from './support/samples/sample-project.js';
import { tempDir } from './support/temp-dir.js';

const head = 'version: 1\nrepository: quay.io/acme/tests\ntag: v1.0.0\n';
const good = `${head}bundles:\n  hello:\n    files: [hello.yaml]\n`;
const bundle = (more: string) => good + more.replaceAll(/^/gm, '    ').trimEnd().concat('\n');
const top = (line: string) => `${line}\n${good}`;
const instead = (from: string, to: string) => good.replace(from, to);
const workflow = (more: string, labels = '') =>
  bundle(
    `workflow:\n  id: hello\n  description: Says hello\n  labels: {signal_type: Test, severity: low, component: pod, environment: test, priority: P3, risk_tolerance: low${labels}}\n${more}`,
  );

async function refuse(text: string, words: readonly string[] = []) {
  await using directory = tempDir();
  const file = join(directory.path, 'bundles.yaml');
  writeFileSync(file, text);
  mkdirSync(join(directory.path, 'pipelines'));
  writeFileSync(join(directory.path, 'hello.yaml'), samplePipeline('hello'));
  const run = ['ensure', '--offline', '--config', file, ...words];
  const json = await runInProcess([...run, '--output', 'json']);
  const shown = await runInProcess(run);
  const { error } = JSON.parse(json.stdout) as {
    error: { code: string; hint: string | null; details: { problems?: PlacedProblem[] } } | null;
  };
  return { code: json.code, error, problems: error?.details.problems ?? [], shown };
}

/** What people write, where it is wrong, and what would be right. */
const mistakes: readonly (readonly [
  title: string,
  text: string,
  path: string,
  line: number,
  column: number,
  hint: RegExp,
])[] = [
  // addresses
  [
    'a repository as a web address',
    instead('quay.io', 'https://quay.io'),
    'repository',
    2,
    13,
    /^Leave out https:\/\/$/,
  ],
  [
    'a repository as skopeo names it',
    instead('quay.io', 'docker://quay.io'),
    'repository',
    2,
    13,
    /^Leave out docker:\/\/$/,
  ],
  [
    'a tag in the repository',
    instead('tests', 'tests:v1'),
    'repository',
    2,
    13,
    /^Leave out :v1 and write tag: v1$/,
  ],
  [
    'a digest in the repository',
    instead('tests', `tests@sha256:${'0'.repeat(64)}`),
    'repository',
    2,
    13,
    /Leave out the digest/,
  ],
  ['a repository without its host', instead('quay.io/', ''), 'repository', 2, 13, /Begin with the host/],
  ['a repository in capitals', instead('acme', 'Acme'), 'repository', 2, 13, /lower-case letters/],
  [
    'a repository with a slash at its end',
    instead('tests', 'tests/'),
    'repository',
    2,
    13,
    /Leave out the \//,
  ],
  [
    'a reference without a tag',
    bundle('reference: quay.io/acme/hello'),
    'bundles.hello.reference',
    7,
    16,
    /^Add a tag: quay.io\/acme\/hello:v1.0.0$/,
  ],
  [
    'a reference with a digest',
    bundle(`reference: quay.io/a/b@sha256:${'0'.repeat(64)}`),
    'bundles.hello.reference',
    7,
    16,
    /Leave out the digest/,
  ],
  [
    'a reference beside a tag',
    bundle('reference: quay.io/a/b:v1\ntag: v2'),
    'bundles.hello.tag',
    8,
    5,
    /docs\/reference\/configuration.md/,
  ],
  [
    'registries by their web address',
    top('registries: {"https://quay.io": {}}'),
    'registries["https://quay.io"]',
    1,
    14,
    /^Write "quay.io"$/,
  ],
  [
    'a fallback as a web address',
    top('fallback: http://localhost:5000'),
    'fallback',
    1,
    11,
    /Leave out http:\/\//,
  ],
  // tags and versions
  [
    'the version in quotes',
    instead('version: 1', 'version: "1"'),
    'version',
    1,
    10,
    /^Remove the quotes: version: 1$/,
  ],
  ['the version of the bundles', instead('version: 1', 'version: 1.2.3'), 'version', 1, 10, /tag:/],
  ['a later version', instead('version: 1', 'version: 2'), 'version', 1, 10, /later version/],
  ['no version', instead('version: 1\n', ''), 'version', 1, 1, /^Write version: 1/],
  [
    'a tag that YAML takes for a number',
    instead('v1.0.0', '1.10'),
    'tag',
    3,
    6,
    /^Write it in quotes: "1.10"$/,
  ],
  ['a whole reference as tag', instead('v1.0.0', 'quay.io/acme/tests:v5'), 'tag', 3, 6, /^Write v5 alone$/],
  ['build metadata in a tag', instead('v1.0.0', 'v1.0.0+build.5'), 'tag', 3, 6, /^Write v1.0.0-build.5/],
  ['typographic quotes', instead('v1.0.0', '“v1.0.0”'), 'tag', 3, 6, /typographic/],
  [
    'a placeholder without quotes',
    instead('v1.0.0', '{version}'),
    'tag',
    3,
    6,
    /^Write it in quotes: "\{version\}"$/,
  ],
  ['a list of one tag', instead('v1.0.0', '[v1]'), 'tag', 3, 6, /^Write v1, without brackets$/],
  ['a tag without a value', instead(' v1.0.0', ''), 'tag', 3, 1, /remove the key/],
  // lists, mappings and words
  [
    'one file instead of a list',
    instead('[hello.yaml]', 'hello.yaml'),
    'bundles.hello.files',
    6,
    12,
    /^Write files: \[hello.yaml\]$/,
  ],
  [
    'files as a set',
    instead('[hello.yaml]', '{hello.yaml: }'),
    'bundles.hello.files',
    6,
    12,
    /^Write files: \[hello.yaml\]$/,
  ],
  ['one moving tag', top('moving: latest'), 'moving', 1, 9, /^Write moving: \[latest\]$/],
  [
    'one rule to ignore',
    top('lint: {ignore: non-root}'),
    'lint.ignore',
    1,
    16,
    /^Write ignore: \[non-root\]$/,
  ],
  ['a rule that is true', top('lint: {non-root: true}'), 'lint.non-root', 1, 18, /^Write warning$/],
  [
    'a bundle that is its file',
    `${head}bundles: {hello: hello.yaml}\n`,
    'bundles.hello',
    4,
    18,
    /^Write \{files: \[hello.yaml\]\}$/,
  ],
  [
    'a bundle that is its files',
    `${head}bundles: {hello: [a.yaml, b.yaml]}\n`,
    'bundles.hello',
    4,
    18,
    /^Write \{files: \[a.yaml, b.yaml\]\}$/,
  ],
  [
    'bundles as a list',
    `${head}bundles:\n- name: hello\n  files: [hello.yaml]\n`,
    'bundles',
    5,
    1,
    /hello: instead of - name:/,
  ],
  ['publish: true', top('publish: true'), 'publish', 1, 10, /^Write auto$/],
  ['publish: false', top('publish: false'), 'publish', 1, 10, /^Write never$/],
  ['audit: yes', top('audit: yes'), 'audit', 1, 8, /^Write true, without quotes$/],
  [
    'a boolean in quotes',
    bundle('pin: "false"'),
    'bundles.hello.pin',
    7,
    10,
    /^Write false, without quotes$/,
  ],
  ['a misspelt word', top('publish: nver'), 'publish', 1, 10, /Did you mean "never"/],
  ['the format alone', top('schemas: none'), 'schemas', 1, 10, /^Write schemas: \{format: none\}$/],
  [
    'annotations as a list',
    bundle('annotations: [a]'),
    'bundles.hello.annotations',
    7,
    18,
    /keys instead of list items/,
  ],
  [
    'a number as annotation',
    bundle('annotations: {a: 1}'),
    'bundles.hello.annotations.a',
    7,
    22,
    /^Write it in quotes: "1"$/,
  ],
  // keys
  ['a misspelt key', instead('repository:', 'repositry:'), 'repositry', 2, 1, /Did you mean "repository"/],
  ['repo', instead('repository:', 'repo:'), 'repo', 2, 1, /^Write repository$/],
  ['registry', instead('repository:', 'registry:'), 'registry', 2, 1, /Write repository/],
  ['file', instead('files:', 'file:'), 'bundles.hello.file', 6, 5, /files/],
  ['files at the top', top('files: [a.yaml]'), 'files', 1, 1, /belongs to a bundle/],
  ['publish in a bundle', bundle('publish: never'), 'bundles.hello.publish', 7, 5, /top of the file/],
  [
    'files beside the name of the bundle',
    `${head}bundles:\n  hello:\n  files: [hello.yaml]\n`,
    'bundles.hello',
    5,
    3,
    /below it, indented/,
  ],
  [
    'a bundle in capitals',
    instead('hello:', 'Hello World:'),
    'bundles["Hello World"]',
    5,
    3,
    /^Write hello-world$/,
  ],
  ['a key twice', `${good}tag: v2.0.0\n`, 'tag', 7, 1, /Keep one/],
  ['a bundle twice', `${good}  hello: {files: [b.yaml]}\n`, 'bundles.hello', 7, 3, /Keep one/],
  ['a merge key', bundle('<<: {tag: v1}'), 'bundles.hello["<<"]', 7, 5, /Merge keys/],
  // paths
  [
    'a file outside',
    instead('hello.yaml', '../hello.yaml'),
    'bundles.hello.files[0]',
    6,
    13,
    /holds all its sources/,
  ],
  [
    'an absolute file',
    instead('hello.yaml', '/etc/hello.yaml'),
    'bundles.hello.files[0]',
    6,
    13,
    /relative to the directory/,
  ],
  [
    'a file of another system',
    instead('hello.yaml', "'sub\\hello.yaml'"),
    'bundles.hello.files[0]',
    6,
    13,
    /^Write "sub\/hello.yaml"$/,
  ],
  [
    'a file of the web',
    instead('hello.yaml', 'https://x.io/a.yaml'),
    'bundles.hello.files[0]',
    6,
    13,
    /not downloaded/,
  ],
  // workflows
  [
    'a label in capitals',
    workflow('').replace('severity: low', 'severity: Low'),
    'bundles.hello.workflow.labels.severity',
    10,
    45,
    /Did you mean "low"/,
  ],
  [
    'a version with v',
    workflow('  version: v1.0.0'),
    'bundles.hello.workflow.version',
    11,
    16,
    /^Write 1.0.0$/,
  ],
  [
    'a bound in quotes',
    workflow('  parameters: {A: {type: integer, minimum: "5"}}'),
    'bundles.hello.workflow.parameters.A.minimum',
    11,
    48,
    /^Remove the quotes: 5$/,
  ],
  [
    'snake case',
    workflow('  rollback_parameters: {}'),
    'bundles.hello.workflow.rollback_parameters',
    11,
    7,
    /^Write rollbackParameters$/,
  ],
  // YAML
  ['no blank after a colon', instead('tag: ', 'tag:'), '', 3, 4, /blank|space after the colon/],
  ['a colon within text', workflow('').replace('Says hello', 'Says: hello'), '', 9, 24, /needs quotes/],
  ['a quote that stays open', instead('quay.io/acme/tests', '"quay.io/acme/tests'), '', 2, 13, /Close it/],
  [
    'a bracket that stays open',
    instead('yaml]', 'yaml').concat('  b:\n    files: [b]\n'),
    '',
    6,
    12,
    /^Close it with \]$/,
  ],
  ['a brace in a list', `${head}discover: [{files: task/{name}/{name}.yaml}]\n`, '', 4, 25, /needs quotes/],
  ['a tab', instead('  hello:', '\thello:'), '', 5, 1, /spaces/],
  ['an uneven indentation', `${good}   b:\n    files: [b]\n`, '', 7, 4, /one column/],
  ['a text that begins with @', instead('quay.io/acme', '@acme'), '', 2, 13, /needs quotes/],
  ['a star without quotes', instead('hello.yaml', '*.yaml'), '', 6, 13, /needs quotes/],
  ['a template', instead('v1.0.0', '{{ .Values.tag }}'), '', 3, 6, /--tag/],
  ['two documents', `${good}---\n${good}`, '', 1, 1, /---/],
  ['a merge conflict', `<<<<<<< ours\n${good}=======\n${good}>>>>>>> theirs\n`, '', 1, 1, /markers/],
  // other files
  ['a Pipeline', samplePipeline('hello'), '', 2, 1, /bundles lint/],
  [
    'a Task and more',
    'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\n---\nkind: Task\n',
    '',
    2,
    1,
    /bundles lint/,
  ],
  ['a Deployment as JSON', '{"apiVersion": "apps/v1", "kind": "Deployment"}', '', 1, 25, /--config/],
  [
    'a lock',
    '# Written by bundles ensure; commit it, do not edit it\nversion: 1\nbundles: {}\n',
    '',
    1,
    1,
    /in the same directory/,
  ],
];

test.each(mistakes)(
  '%s: place, code, exit status and what would be right',
  async (_, text, path, line, column, hint) => {
    const { code, error, problems, shown } = await refuse(text);
    expect([code, error?.code, shown.code]).toEqual([2, 'CONFIG_INVALID', 2]);
    const [first] = problems;
    expect(first).toMatchObject({ path, line, column });
    expect(error?.hint).toMatch(hint);
    for (const problem of problems)
      expect(Object.keys(problem).sort()).toEqual(['column', 'excerpt', 'hint', 'line', 'message', 'path']);
    // The text names each of them with its line and a caret.
    for (const problem of problems) {
      expect(shown.stderr).toContain(`bundles.yaml:${problem.line}:${problem.column}`);
      for (const line of problem.excerpt.split('\n')) {
        expect(line.length).toBeLessThanOrEqual(76);
        expect(shown.stderr).toContain(`  ${line}\n`);
      }
    }
  },
);

test('there are more than fifty of them', () => {
  expect(mistakes.length).toBeGreaterThan(50);
});

test('several mistakes, a repeated key among them, are reported at once', async () => {
  const text = `version: "1"
repository: https://quay.io/acme
tag: 1.10
tag: 1.20
moving: latest
publish: nver
bundles:
  a: a.yaml
  b: {files: b.yaml, pin: "yes"}
`;
  const { problems, shown } = await refuse(text);
  expect(problems.map(({ path, line }) => `${path} ${line}`)).toEqual([
    'version 1',
    'repository 2',
    'tag 4',
    'tag 4',
    'moving 5',
    'publish 6',
    'bundles.a 8',
    'bundles.b.files 9',
    'bundles.b.pin 9',
  ]);
  expect(shown.stderr.match(/^ +hint: /gm)).toHaveLength(9);
});

test('a wrong value of a run names what would be right, and where it came from', async () => {
  const { code, error } = await refuse(good, ['--repository', 'https://quay.io/x']);
  expect([code, error?.code]).toEqual([2, 'CONFIG_INVALID']);
  expect(error?.hint).toMatch(/^Leave out https:\/\/; it comes from --repository or BUNDLES_REPOSITORY$/);
});

test('two list items that became one text are called that', async () => {
  const { code } = await refuse(instead('[hello.yaml]', '\n    - hello.yaml\n     - b.yaml'));
  expect(code).toBe(7);
});

test('control characters of the file reach neither text nor JSON', async () => {
  const { shown, problems } = await refuse(`${good}"\\e[31m\u202e": "\u200b${'x'.repeat(500)}"\n`);
  expect(problems).toHaveLength(1);
  expect(shown.stderr).not.toMatch(/[\u001b\u202e\u200b]/);
  expect(shown.stdout).not.toMatch(/[\u001b\u202e\u200b]/);
});
