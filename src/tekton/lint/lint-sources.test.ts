import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { linesOf } from '../../yaml-file/excerpt.js';
import { applyFixes } from './findings/apply-fixes.js';
import { codeFrame } from './findings/code-frame.js';
import type { Finding } from './findings/finding.js';
import { toSarif } from './findings/to-sarif.js';
import { type LintOptions, lintBundle, lintSources } from './lint-sources.js';
import { lintRules } from './rules/rules.js';

const pinned = `image: busybox@sha256:${'0'.repeat(64)}`;
const head = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: sample}\n';
const task = (spec: string) => `${head}spec:\n${spec}`;
const steps = `  steps:\n    - ${pinned}\n`;
const source = (text: string, path = 'a.yaml') => ({ path, bytes: Buffer.from(text) });
const lint = (text: string, options?: LintOptions) => lintSources([source(text)], options).findings;
const findingsOf = (text: string) => lint(text).map(({ rule, line, column }) => `${rule} ${line}:${column}`);

test.each<[string, string, string[]]>([
  ['nothing wrong', task(steps), []],
  ['a comment alone', `# c\n---\n${task(steps)}`, []],
  ['an empty document between two', `${task(steps)}---\n\n---\n${task(steps)}`, ['null-document 8:1']],
  ['text behind the end', `${task(steps)}...\nfoo: bar\n`, ['ignored-text 8:1']],
  [
    'a key twice',
    task(`${steps}  steps: []\n`).replace('steps: []', 'steps:\n    - {image: x@y}'),
    ['duplicate-key 7:3'],
  ],
  [
    'a version without quotes',
    task(`  params:\n    - {name: v, default: 1.10}\n${steps}      args: [$(params.v)]\n`),
    ['unquoted-value 6:26'],
  ],
  [
    'words in a list',
    task(`  params:\n    - name: v\n      default: [a, yes]\n${steps}      args: ["$(params.v[*])"]\n`),
    ['unquoted-value 7:20'],
  ],
  [
    'numbers that mean what they say',
    task(
      `  params:\n    - {name: v, default: 5}\n    - {name: w, default: true}\n${steps}      args: [$(params.v), $(params.w)]\n`,
    ),
    [],
  ],
  ['a field of another case', task(`${steps}      workingdir: /x\n`), ['unknown-field 7:7']],
  ['a field of v1beta1', task(`${steps}  resources: {}\n`), ['unknown-field 7:3']],
  ['an image without a tag', task('  steps:\n    - image: ubuntu\n'), ['no-latest-image 6:14']],
  [
    'the tag latest behind a port',
    task('  steps:\n    - image: r:5000/ubuntu:latest\n'),
    ['no-latest-image 6:14'],
  ],
  ['a tag', task('  steps:\n    - image: "r:5000/ubuntu:24.04"\n'), ['unpinned-image 6:14']],
  ['an image by a param', task('  params: [{name: i}]\n  steps:\n    - image: $(params.i)\n'), []],
  [
    'a param that nothing uses',
    task(`  params: [{name: i}, {name: ii}]\n${steps}      args: [$(params.ii)]\n`),
    ['no-unused-param 5:19'],
  ],
  [
    'a volume that is not declared',
    task(`${steps}      volumeMounts: [{name: v, mountPath: /v}]\n`),
    ['no-undefined-volume 7:29'],
  ],
  [
    'a variable twice',
    task(`${steps}      env: [{name: A, value: x}, {name: A, value: z}]\n`),
    ['no-duplicate-env 7:41'],
  ],
  ['a run', `${head.replace('Task', 'TaskRun')}spec: {}\n`, ['run-in-bundle 2:7']],
  [
    'a comment about nothing',
    task(`${steps}      # bundles-lint-disable-line nonsense\n`),
    ['unknown-rule 7:35'],
  ],
  [
    'a comment about what cannot be hidden',
    `# bundles-lint-disable invalid-yaml\n${task(steps)}`,
    ['unknown-rule 1:24'],
  ],
  [
    'a list of numbers',
    task(`  params: [{name: l, type: array, default: [1]}]\n${steps}      args: ["$(params.l[*])"]\n`),
    ['no-invalid-param-type 5:35'],
  ],
])('%s', (_title, text, wanted) => {
  expect(findingsOf(text)).toEqual(wanted);
});

test('context variables that Tekton passes over are a warning, the others an error', () => {
  const pipeline = `${head.replace('Task', 'Pipeline')}spec:\n  tasks:\n    - {name: a, taskRef: {name: t}, params: [{name: p, value: $(context.pipeline.uid)}]}\n    - {name: b, taskRef: {name: t}, params: [{name: p, value: $(context.pipeline.uid)}]}\n`;
  expect(lint(pipeline).map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
    'no-unfilled-context warning',
    'no-undefined-context error',
  ]);
});

test('embedded tasks are checked as Tasks, and the tasks of finally too', () => {
  const pipeline = `${head.replace('Task', 'Pipeline')}spec:\n  tasks:\n    - {name: a, taskSpec: {steps: [{image: x}]}}\n  finally:\n    - {name: b, taskSpec: {stepz: []}}\n`;
  expect(findingsOf(pipeline)).toEqual([
    'no-latest-image 6:44',
    'no-missing-steps 8:17',
    'unknown-field 8:28',
  ]);
});

test('a problem in JSON, behind an anchor and in merged text has its place', () => {
  expect(
    findingsOf(
      '{"apiVersion": "tekton.dev/v1", "kind": "Task",\n "metadata": {"name": "Sample"}, "spec": {"steps": [{"image": "x@y"}]}}',
    ),
  ).toEqual(['no-invalid-name 2:23']);
  const merged = `${head}x: &step {image: x@y, script: $(params.z)}\nspec:\n  steps:\n    - <<: *step\n`;
  expect(findingsOf(merged)).toContain('no-undefined-param 4:31');
});

test('rules are left out by settings, but for those without which nothing can be built', () => {
  expect(lint(task('  steps:\n    - image: ubuntu\n'), { ignore: ['no-latest-image'] })).toEqual([]);
  expect(lint('a: [', { ignore: ['invalid-yaml'] }).map(({ rule }) => rule)).toEqual(['invalid-yaml']);
});

test('a comment hides from its line to the one that ends it', () => {
  const image = '    - image: ubuntu\n';
  const text = task(
    `  steps:\n    # bundles-lint-disable no-latest-image\n${image}${image}    # bundles-lint-enable no-latest-image\n${image}`,
  );
  expect(findingsOf(text)).toEqual(['no-latest-image 10:14']);
});

test('every finding names its subject', () => {
  const [finding] = lint(task('  steps:\n    - image: ubuntu\n'));
  expect(finding).toEqual({
    rule: 'no-latest-image',
    severity: 'warning',
    hint: null,
    file: 'a.yaml',
    fix: null,
    message: 'found no tag, which means latest, wanted a tag or a digest that stays',
    line: 6,
    column: 14,
    endLine: 6,
    endColumn: 20,
    object: { kind: 'Task', name: 'sample' },
    path: 'spec.steps[0].image',
  });
});

test('a bundle of two files has each object once, and at most 20', () => {
  const rules = (...texts: string[]) =>
    lintBundle(texts.map((text, index) => source(text, `${index}.yaml`))).findings.map(
      ({ rule, file }) => `${rule} ${file}`,
    );
  expect(rules(task(steps), task(steps))).toEqual(['no-duplicate-resource 1.yaml']);
  const many = Array.from({ length: 11 }, (_, index) => task(steps).replace('sample', `s${index}`));
  expect(rules(many.join('---\n'), many.join('---\n').replaceAll('name: s', 'name: t'))).toEqual([
    'too-many-objects 1.yaml',
  ]);
  expect(rules('# nothing\n')).toEqual(['empty-bundle 0.yaml']);
  expect(rules('a: [\n')).toEqual(['invalid-yaml 0.yaml']);
});

const pipeline = (tasks: string) =>
  `${head.replace('Task', 'Pipeline').replace('sample', 'p')}spec:\n  tasks:\n${tasks}`;
const bundleRef = (params: string) =>
  pipeline(`    - name: a\n      taskRef: {resolver: bundles, params: [${params}]}\n`);

test.each<[string, string, string[]]>([
  ['by tag', '{name: bundle, value: "r/b:1"}, {name: name, value: t}', ['unpinned-bundle 7:67']],
  ['by digest', '{name: bundle, value: "r/b:1@sha256:0"}, {name: name, value: t}', []],
  ['by a param', '{name: bundle, value: $(context.pipeline.name)}, {name: name, value: t}', []],
  ['misspelt', '{name: bundel, value: "r/b@x"}, {name: name, value: t}', ['no-invalid-bundle-ref 7:52']],
  ['without a name', '{name: bundle, value: "r/b@x"}', ['no-invalid-bundle-ref 7:7']],
  [
    'with a param that the resolver ignores',
    '{name: bundle, value: "r/b@x"}, {name: name, value: t}, {name: namespace, value: x}',
    ['no-invalid-bundle-ref 7:108'],
  ],
])('a reference to a bundle %s', (_title, params, wanted) => {
  expect(findingsOf(bundleRef(params))).toEqual(wanted);
});

test('what a Pipeline names of its own bundle, no cluster finds', () => {
  const text = pipeline(
    '    - {name: a, taskRef: {name: sample}}\n    - {name: b, taskRef: {name: other}}\n    - {name: c, taskRef: {name: sample, resolver: x}}\n',
  );
  const findings = lintBundle([source(`${task(steps)}---\n${text}`)]).findings;
  const local = findings.filter(({ rule }) => rule === 'no-local-ref');
  expect(local).toMatchObject([
    { severity: 'warning', line: 13, path: 'spec.tasks[0].taskRef.name', object: { kind: 'Pipeline' } },
  ]);
  expect(local[0]?.message).toContain('name: sample and kind: task');
  expect(lintBundle([source(text)]).findings.filter(({ rule }) => rule === 'no-local-ref')).toEqual([]);
});

test('a step that may run as root is reported where it is asked for', () => {
  const root = (fields: string) =>
    lint(task(`  steps:\n    - ${pinned}\n${fields}`), { severities: { 'non-root': 'error' } }).map(
      ({ rule, severity }) => `${rule} ${severity}`,
    );
  expect(lint(task(steps))).toEqual([]);
  expect(root('')).toEqual(['non-root error']);
  expect(root('      securityContext: {runAsUser: 0}\n')).toEqual(['non-root error']);
  expect(root('      securityContext: {runAsNonRoot: true}\n')).toEqual([]);
  expect(root('  stepTemplate: {securityContext: {runAsUser: 1000}}\n')).toEqual([]);
});

test('rules have the severity that is wanted, but for those without which nothing can be built', () => {
  const severities = { 'no-latest-image': 'error', 'invalid-yaml': 'off' } as const;
  expect(lint(task('  steps:\n    - image: ubuntu\n'), { severities })).toMatchObject([
    { severity: 'error' },
  ]);
  expect(lint('a: [', { severities })).toMatchObject([{ rule: 'invalid-yaml', severity: 'error' }]);
});

test('fixes change what they are about only', () => {
  const params = '  params:\n    - {name: é, default: yes} # ö\n    - name: b\n      default: [010, x]\n';
  const text = task(`${params}${steps}      args: [$(params.é), "$(params.b[*])"]\n`).replaceAll('é', 'e');
  const whole = `${text}---\n\n---\n${task(steps)}---\n---\n   \n`;
  const { bytes, applied } = applyFixes(Buffer.from(whole), lint(whole));
  expect(applied).toBe(4);
  const fixed = Buffer.from(bytes).toString();
  expect(fixed).toBe(`${text.replace('yes', '"yes"').replace('010', '"010"')}---\n${task(steps)}---\n`);
  expect(lint(fixed)).toEqual([]);
});

test('an empty document with a comment stays', () => {
  const text = `${task(steps)}---\n# the rest is elsewhere\n---\n${task(steps).replace('sample', 'other')}`;
  expect(lint(text).map(({ fix }) => fix)).toEqual([null]);
});

test('a frame shows the place, and a long line cut', () => {
  const text = `a: 1\n\tb: 2\nc: 3\n`;
  const finding = { line: 2, column: 2, endLine: 2, endColumn: 5 } as Finding;
  const frame = codeFrame(linesOf(text), finding);
  expect(frame.split('\n')).toEqual(['  1 | a: 1', expect.stringMatching(/^> 2 | {2}b: /), '    |  ^^^']);
  expect(codeFrame(['x'.repeat(500)], { line: 1, column: 400, endLine: 1, endColumn: 401 } as Finding)).toBe(
    `> 1 | ${'x'.repeat(160)}…`,
  );
});

test('SARIF has what code scanning requires', () => {
  const findings = lint(task('  steps:\n    - image: ubuntu\n      script: $(params.x)\n'));
  const validate = new Ajv().compile(sarifSchema);
  const log = toSarif([...findings, { ...findings[0], file: './a dir/ü.yaml' } as Finding]);
  expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
  expect(JSON.stringify(log)).toContain('"uri":"a%20dir/%C3%BC.yaml"');
  expect(validate({ ...log, version: '2.0.0' })).toBe(false);
});

test('the reference has a row for each rule, in the page of its severity', () => {
  const rows = (['error', 'warning'] as const).flatMap((severity) => {
    const page = readFileSync(
      new URL(`../../../docs/reference/lint-${severity}s.md`, import.meta.url),
      'utf8',
    );
    return [...page.matchAll(/^\| `([a-z-]+)`(?: \(\*(always|off)\*\))? \| .*\S \|$/gm)].map(
      ([, name, mark = '']) => [name, severity, mark],
    );
  });
  const rules = Object.entries(lintRules).map(([name, rule]) => [
    name,
    rule.severity,
    'fatal' in rule ? 'always' : 'off' in rule ? 'off' : '',
  ]);
  expect(rows.sort()).toEqual(rules.sort());
});

const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } };
const position = { type: 'integer', minimum: 1 };

/** What SARIF 2.1.0 requires of the members that are written here, and what GitHub requires besides. */
const sarifSchema = {
  type: 'object',
  required: ['$schema', 'version', 'runs'],
  properties: {
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['tool', 'results'],
        properties: {
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name', 'rules'],
                properties: {
                  name: { type: 'string' },
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id', 'shortDescription', 'defaultConfiguration'],
                      properties: {
                        id: { type: 'string' },
                        shortDescription: text,
                        defaultConfiguration: {
                          type: 'object',
                          properties: { level: { enum: ['none', 'note', 'warning', 'error'] } },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['ruleId', 'message', 'locations'],
              properties: {
                ruleId: { type: 'string' },
                ruleIndex: { type: 'integer', minimum: 0 },
                level: { enum: ['none', 'note', 'warning', 'error'] },
                message: text,
                locations: {
                  type: 'array',
                  minItems: 1,
                  items: {
                    type: 'object',
                    required: ['physicalLocation'],
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        required: ['artifactLocation', 'region'],
                        properties: {
                          artifactLocation: {
                            type: 'object',
                            required: ['uri'],
                            properties: { uri: { type: 'string', pattern: '^[^ \\\\]+$' } },
                          },
                          region: {
                            type: 'object',
                            required: ['startLine'],
                            properties: {
                              startLine: position,
                              startColumn: position,
                              endLine: position,
                              endColumn: position,
                            },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};
