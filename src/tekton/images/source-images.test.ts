import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/support/random/property-runs.js';
import type { Source } from '../objects/object.js';
import { findImages, replaceImages } from './source-images.js';

const digest = `sha256:${'a'.repeat(64)}`;
const source = (text: string): Source => ({ path: 'a.yaml', bytes: Buffer.from(text) });
const pin = (text: string) => (/[@$]/.test(text) ? undefined : `${text}@${digest}`);
const pinned = (text: string) => {
  const { source: result, kept } = replaceImages(source(text), pin);
  return { text: Buffer.from(result.bytes).toString(), kept: kept.map((one) => `${one.line} ${one.text}`) };
};
const at = digest;

/** Each with what it must become; what is not an image field keeps its text although it looks like one. */
const cases: readonly [string, string, string][] = [
  [
    'steps, sidecars and the template, with comments and odd layout',
    `# image: a:1
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t,   annotations: {image: "a:1"}}
spec:
  params: [{name: image, default: a:1}]
  stepTemplate:
    image:    a:1   # the template
  steps:
  - image: 'a:1'
    name: x
    script: |
      image: a:1
  - {name: y, image: "quay.io/b/c:2", env: [{name: image, value: a:1}]}
  sidecars: [ { image: localhost:5000/d } ]
`,
    `# image: a:1
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t,   annotations: {image: "a:1"}}
spec:
  params: [{name: image, default: a:1}]
  stepTemplate:
    image:    a:1@${at}   # the template
  steps:
  - image: 'a:1@${at}'
    name: x
    script: |
      image: a:1
  - {name: y, image: "quay.io/b/c:2@${at}", env: [{name: image, value: a:1}]}
  sidecars: [ { image: localhost:5000/d@${at} } ]
`,
  ],
  [
    'Tasks inside a Pipeline, in finally and in a Pipeline inside it',
    `kind: Pipeline
spec:
  tasks:
    - taskSpec: {steps: [{image: a}]}
    - pipelineSpec: {tasks: [{taskSpec: {steps: [{image: b}]}}]}
    - taskRef: {name: x, image: c}
  finally: [{taskSpec: {sidecars: [{image: d}]}}]
`,
    `kind: Pipeline
spec:
  tasks:
    - taskSpec: {steps: [{image: a@${at}}]}
    - pipelineSpec: {tasks: [{taskSpec: {steps: [{image: b@${at}}]}}]}
    - taskRef: {name: x, image: c}
  finally: [{taskSpec: {sidecars: [{image: d@${at}}]}}]
`,
  ],
  [
    'bundles for the resolver of that name, in every place of a reference',
    `kind: Pipeline
spec:
  tasks:
    - taskRef: {resolver: bundles, params: [{name: name, value: b:1}, {name: bundle, value: b:1}]}
    - taskSpec:
        steps:
          - ref:
              resolver: bundles
              params:
                - name: bundle
                  value: "quay.io/x/y:1" # by tag
    - taskRef: {resolver: git, params: [{name: bundle, value: b:1}]}
    - taskRef: {resolver: bundles, params: [{name: bundle, value: $(params.bundle)}]}
    - pipelineSpec: {tasks: [{pipelineRef: {resolver: bundles, params: [{name: bundle, value: c}]}}]}
---
kind: TaskRun
spec: {taskRef: {resolver: bundles, params: [{name: bundle, value: d}]}}
`,
    `kind: Pipeline
spec:
  tasks:
    - taskRef: {resolver: bundles, params: [{name: name, value: b:1}, {name: bundle, value: b:1@${at}}]}
    - taskSpec:
        steps:
          - ref:
              resolver: bundles
              params:
                - name: bundle
                  value: "quay.io/x/y:1@${at}" # by tag
    - taskRef: {resolver: git, params: [{name: bundle, value: b:1}]}
    - taskRef: {resolver: bundles, params: [{name: bundle, value: $(params.bundle)}]}
    - pipelineSpec: {tasks: [{pipelineRef: {resolver: bundles, params: [{name: bundle, value: c@${at}}]}}]}
---
kind: TaskRun
spec: {taskRef: {resolver: bundles, params: [{name: bundle, value: d@${at}}]}}
`,
  ],
  [
    'several documents, StepActions and runs, line ends of Windows, no last line end',
    'kind: StepAction\r\nspec:\r\n  image: a # c\r\n---\r\nkind: TaskRun\r\nspec: {taskSpec: {steps: [{image: b}]}}\r\n---\nkind: PipelineRun\nspec: {pipelineSpec: {tasks: [{taskSpec: {steps: [{image: c}]}}]}}',
    `kind: StepAction\r\nspec:\r\n  image: a@${at} # c\r\n---\r\nkind: TaskRun\r\nspec: {taskSpec: {steps: [{image: b@${at}}]}}\r\n---\nkind: PipelineRun\nspec: {pipelineSpec: {tasks: [{taskSpec: {steps: [{image: c@${at}}]}}]}}`,
  ],
  [
    'JSON, value after value',
    '{"kind": "StepAction", "spec": {"image": "a"}}\n{"kind":"Task","spec":{"steps":[{"image":"b:1" }]}}',
    `{"kind": "StepAction", "spec": {"image": "a@${at}"}}\n{"kind":"Task","spec":{"steps":[{"image":"b:1@${at}" }]}}`,
  ],
  [
    'a byte order mark, tags and anchors in front of the text',
    '\ufeffkind: Task\nspec:\n  steps:\n    - image: &i !!str a:1\n    - image: *i\n    - image: !!str "b"\n',
    `\ufeffkind: Task\nspec:\n  steps:\n    - image: &i !!str a:1@${at}\n    - image: *i\n    - image: !!str "b@${at}"\n`,
  ],
  [
    'an alias of something else is written out',
    'kind: Task\nspec:\n  params: [{name: p, default: &i a:1}]\n  steps: [{image: *i}]\n',
    `kind: Task\nspec:\n  params: [{name: p, default: &i a:1}]\n  steps: [{image: a:1@${at}}]\n`,
  ],
  [
    'a merged step',
    'kind: Task\nspec:\n  steps:\n    - &s {image: a, name: one}\n    - <<: *s\n      name: two\n',
    `kind: Task\nspec:\n  steps:\n    - &s {image: a@${at}, name: one}\n    - <<: *s\n      name: two\n`,
  ],
  [
    'the later of two equal keys counts',
    'kind: Task\nspec:\n  steps:\n    - image: a\n      image: b\n',
    `kind: Task\nspec:\n  steps:\n    - image: a\n      image: b@${at}\n`,
  ],
];

test.each(cases)('replaceImages() changes image fields and nothing else: %s', (_, before, after) => {
  expect(pinned(before)).toEqual({ text: after, kept: [] });
  expect(pinned(after)).toEqual({ text: after, kept: [] });
});

test('what cannot be changed by itself is kept and named', () => {
  const block = 'kind: Task\nspec:\n  steps:\n    - image: |-\n        a:1\n    - image: b\n';
  expect(pinned(block)).toEqual({ text: block.replace('image: b', `image: b@${at}`), kept: ['4 a:1'] });
  // The environment would change with the anchor.
  const shared = 'kind: Task\nspec:\n  steps:\n    - image: &i a\n      env: [{name: x, value: *i}]\n';
  expect(pinned(shared)).toEqual({ text: shared, kept: ['4 a'] });
});

test('findImages() names file, line and column', () => {
  const text =
    '# c\nkind: Task\nspec:\n  steps:\n    - image: a\n---\nkind: Task\nspec: {steps: [{image: "b"}]}\n';
  expect(findImages(source(text))).toEqual([
    { text: 'a', file: 'a.yaml', line: 5, column: 14 },
    { text: 'b', file: 'a.yaml', line: 8, column: 24 },
  ]);
});

test('any layout of the same Task keeps everything but its images', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const name = fc.tuple(word, word).map(([path, tag]) => `quay.io/${path}:${tag}`);
  const step = fc.record({
    image: name,
    comment: word,
    form: fc.constantFrom('plain', 'single', 'double', 'flow'),
  });
  const layout = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    indent: fc.constantFrom('  ', '    '),
  });
  const write = (given: typeof layout extends fc.Arbitrary<infer T> ? T : never, end: string) => {
    const lines = given.steps.map(({ image, comment, form }) => {
      const text = image + end;
      if (form === 'flow') return `${given.indent}- {name: ${comment}, image: ${text}} # ${image}`;
      const quote = { plain: '', single: "'", double: '"' }[form] ?? '';
      return `${given.indent}- image: ${quote}${text}${quote}  # ${comment} ${image}`;
    });
    return ['kind: Task', 'spec:', '  steps:', ...lines, ''].join(given.lineEnd);
  };
  fc.assert(
    fc.property(layout, (given) => {
      expect(pinned(write(given, ''))).toEqual({ text: write(given, `@${digest}`), kept: [] });
    }),
    { numRuns },
  );
});
