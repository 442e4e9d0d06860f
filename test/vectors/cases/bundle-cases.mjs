// {rule, inputs, annotations?, labels?, ctime?, epoch?, compat?}: whole bundles; manifest and config are answered by tkn.
const task = (name, more = '') => `apiVersion: tekton.dev/v1\nkind: Task\nmetadata:\n  name: ${name}\n${more}`;
const pipeline = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: workflow
spec:
  params:
    - {name: DELAY, type: string, default: "5"}
    - {name: "ON", default: on}
    - {name: MODE, default: 0644}
  tasks:
    - name: wait
      params: [{name: DELAY, value: $(params.DELAY)}]
      taskSpec:
        params: [{name: DELAY}]
        steps:
          - name: wait
            image: docker.io/library/busybox:1.36
            script: |
              #!/bin/sh
              set -eu
              sleep "$(params.DELAY)" && echo "<done>"
`;
const action = 'apiVersion: tekton.dev/v1beta1\nkind: StepAction\nmetadata: {name: fetch}\nspec: {image: busybox}\n';
const plain = [task('a')];
const large = {
  before: `${task('a')}spec:\n  description: "`,
  bytes: [['noise', 1, 40_000, 26, 97], ['copy', 40_000, 10_000], ['copy', 30_000, 25_000]],
  after: '"\n',
};

export const bundleCases = [
  { rule: 'one task', inputs: plain },
  { rule: 'a pipeline', inputs: [pipeline] },
  { rule: 'three kinds in one input', inputs: [`${task('fetch')}---\n${action}---\n${pipeline}`] },
  { rule: 'three inputs', inputs: [task('fetch'), action, pipeline] },
  { rule: 'one name in two kinds', inputs: [task('fetch'), action] },
  { rule: 'JSON as written', inputs: ['{"kind":"Task",\n "apiVersion":"tekton.dev/v1","metadata":{"name":"a","annotations":{"n":"1.0"}}}\n'] },
  { rule: 'a name beyond ASCII', inputs: [task('tâche')] },
  { rule: 'a name over 100 bytes', inputs: [task('n'.repeat(120))] },
  { rule: 'twenty objects', inputs: [Array.from({ length: 20 }, (_, i) => task(`t${i}`)).join('---\n')] },
  { rule: 'an object of two deflate blocks', inputs: [large] },
  { rule: 'annotations', inputs: plain, annotations: { 'org.example.b': '2', 'org.example.a': '1', 'org.example.B': '3' } },
  { rule: 'annotations with HTML characters', inputs: plain, annotations: { a: '<a href="x">&</a>', 'b&c': 'x\u2028y' } },
  { rule: 'annotations beyond ASCII', inputs: plain, annotations: { '\u{1F600}': 'x', '\uffee': 'y', é: 'z' } },
  { rule: 'an empty annotation', inputs: plain, annotations: { a: '' } },
  { rule: 'annotation keys like numbers', inputs: plain, annotations: { 10: 'a', 9: 'b', '-1': 'c' } },
  { rule: 'labels', inputs: plain, labels: { 'quay.expires-after': '2w', a: '<&>', B: '' } },
  { rule: 'annotations and labels', inputs: plain, annotations: { a: '1' }, labels: { b: '2' } },
  { rule: 'created on a day', inputs: plain, ctime: '2024-02-29' },
  { rule: 'created at a time', inputs: plain, ctime: '2024-02-29T23:59:58' },
  { rule: 'created in UTC', inputs: plain, ctime: '2024-02-29T23:59:58Z' },
  { rule: 'created east of UTC', inputs: plain, ctime: '2024-02-29T23:59:58+05:30' },
  { rule: 'created west of UTC at the epoch', inputs: plain, ctime: '1969-12-31T19:00:00-05:00' },
  { rule: 'created at offset zero', inputs: plain, ctime: '2024-02-29T23:59:58+00:00' },
  { rule: 'created with a fraction', inputs: plain, ctime: '2024-02-29T23:59:58.120300Z' },
  { rule: 'created by SOURCE_DATE_EPOCH', inputs: plain, epoch: '1700000000' },
  { rule: 'created by a negative SOURCE_DATE_EPOCH', inputs: plain, epoch: '-1' },
  { rule: 'ctime goes before SOURCE_DATE_EPOCH', inputs: plain, ctime: '2024-01-01', epoch: '1700000000' },
  { rule: 'a null document repeats its layer', inputs: [`${task('a')}---\n# end\n`], compat: true },
  { rule: 'equal inputs repeat their layer', inputs: [task('a'), task('a')], compat: true },
];
