// {rule, inputs, ours?}: whole inputs as tkn reads them. `ours` has what we read where we differ from tkn on purpose:
//   'drops'   a null document is dropped with a warning (tkn adds the document before it once more);
//   'refuses' tkn accepts it and we do not, unless --tkn-compat; 'refuses always': not even then.
const task = (name, more = '') => `apiVersion: tekton.dev/v1\nkind: Task\nmetadata:\n  name: ${name}\n${more}`;
const object = (apiVersion, kind, name = 'thing') => `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
const jsonTask = (name, more = '') =>
  `{"apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": "${name}"}${more}}`;
const one = (rule, input, ours) => ({ rule, inputs: [input], ...(ours && { ours }) });

const splitting = [
  one('one document', task('a')),
  one('two documents', `${task('a')}---\n${task('b')}`),
  one('a separator first', `---\n${task('a')}`),
  one('a separator last', `${task('a')}---\n`),
  one('no line break at the end', task('a').trimEnd()),
  one('two separators in a row', `${task('a')}---\n---\n${task('b')}`),
  one('a comment after the separator', `${task('a')}--- # the second\n${task('b')}`),
  one('spaces after the separator', `${task('a')}---   \n${task('b')}`),
  one('a tab after the separator', `${task('a')}---\t\n${task('b')}`),
  one('text after the separator', `${task('a')}--- foo\n${task('b')}`),
  one('four dashes', `${task('a')}----\n${task('b')}`),
  one('an indented separator is text', `${task('a', 'spec:\n  description: |\n    x\n    ---\n    y\n')}`),
  one('a separator cuts a block scalar', `${task('a', 'spec:\n  description: |\n    x\n---\n    y\n')}`),
  one('a separator cuts a quoted scalar', `${task('a', 'spec:\n  description: "x\n---\n  y"\n')}`),
  one('CRLF', `${task('a')}---\n${task('b')}`.replaceAll('\n', '\r\n')),
  one('CRLF in a script', task('a', 'spec: {steps: [{name: s, image: i, script: "x"}]}\n').replaceAll('\n', '\r\n')),
  one('a byte order mark', `\ufeff${task('a')}`),
  one('a byte order mark in the second document', `${task('a')}---\n\ufeff${task('b')}`),
  one('a directive before the separator', `%YAML 1.1\n---\n${task('a')}`),
  one('document end', `${task('a')}...\n`),
  one('text after the document end is ignored', `${task('a')}...\n${task('b')}`),
  one('document end and separator', `${task('a')}...\n---\n${task('b')}`),
  one('empty', ''),
  one('only blank lines', '\n\n'),
  one('only a comment', '# nothing\n'),
  one('only separators', '---\n---\n'),
  one('a null document first', `# head\n---\n${task('a')}`),
  one('a null document last', `${task('a')}---\n# end\n`, 'drops'),
  one('blank lines after the last separator', `${task('a')}---\n\n`, 'drops'),
  one('a null document between', `${task('a')}---\nnull\n---\n${task('b')}`, 'drops'),
  one('a tilde document between', `${task('a')}---\n~\n---\n${task('b')}`, 'drops'),
  one('two null documents', `${task('a')}---\n# x\n---\n# y\n`, 'drops'),
  one('a top-level list', `- ${jsonTask('a')}\n`),
  one('a top-level scalar', 'text\n'),
  one('not YAML', `${task('a')} : : :\n`),
  one('the second document is not YAML', `${task('a')}---\na: [\n`),
  one('a key after a broken indent', `${task('a')} spec: {}\n`),
  one('a last line of 4095 bytes without its break', { before: `${task('a')}#`, bytes: [['byte', 120, 4094]], after: '' }),
  one('a last line of 4096 bytes without its break', { before: `${task('a')}extra: `, bytes: [['byte', 120, 4089]], after: '' }, 'refuses always'),
  one('a last line of 4097 bytes without its break', { before: `${task('a')}#`, bytes: [['byte', 120, 4096]], after: '' }),
  one('a last line of 4096 bytes with its break', { before: `${task('a')}#`, bytes: [['byte', 120, 4095]], after: '\n' }),
  one('invalid UTF-8', { base64: Buffer.from(`${task('a')}# \xff\n`, 'latin1').toString('base64') }),
];

const jsonMode = [
  one('JSON is kept byte for byte', '{"kind":"Task",\n  "apiVersion" : "tekton.dev/v1", "metadata":{"name":"a", "x":1.0,"y":"<&>"}}\n'),
  one('JSON with duplicate keys', '{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"a"},"metadata":{"name":"b"}}'),
  one('blanks around JSON', `\n  \t${jsonTask('a')}\n\n`),
  one('JSON values one after another', `${jsonTask('a')}${jsonTask('b')}\n${jsonTask('c')}`),
  one('JSON, then YAML', `${jsonTask('a')}\n---\n${task('b')}`),
  one('JSON, JSON, then YAML', `${jsonTask('a')}\n${jsonTask('b')}\n---\n${task('c')}`),
  one('JSON, separator, JSON', `${jsonTask('a')}\n---\n${jsonTask('b')}\n`),
  one('JSON, then text on its line', `${jsonTask('a')} x\n`),
  one('a flow mapping is YAML', '{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: a, x: 1.0}}\n'),
  one('a flow mapping and a YAML document', `{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: a}}\n---\n${task('b')}`),
  one('JSON after a comment is YAML', `# c\n${jsonTask('a', ', "x": 1.0')}\n`),
  one('JSON after a separator is YAML', `---\n${jsonTask('a', ', "x": 1.0')}\n`),
  one('a brace at byte 4095 is JSON', `${' '.repeat(4095)}${jsonTask('a', ', "x": 1.0')}`),
  one('a brace at byte 4096 is YAML', `${' '.repeat(4096)}${jsonTask('a', ', "x": 1.0')}`),
  one('a byte order mark before JSON is YAML', `\ufeff${jsonTask('a', ', "x": 1.0')}`),
  one('a no-break space is a space', `\u00a0${jsonTask('a')}`),
  one('a JSON null', `${jsonTask('a')}\nnull\n`, 'drops'),
  one('JSON with an escape that YAML refuses', jsonTask('a', ', "x": "\\/\\ud83d\\ude00"')),
  one('a top-level JSON list', `[${jsonTask('a')}]`),
  one('broken JSON', '{"apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": "a"}'),
  one('JSON, then three bytes', `${jsonTask('a')}\n---`, 'drops'),
  one('JSON, then a line of three bytes', `${jsonTask('a')}\n---\n`, 'drops'),
  one('JSON, then a short comment', `${jsonTask('a')}\n#`),
  one('JSON, blank lines, a separator, YAML', `${jsonTask('a')} \n\n\n---\n${task('b')}`, 'drops'),
  one('JSON, then YAML without a separator', `${jsonTask('a')}\n${task('b')}`),
  one('JSON, then a comma', `${jsonTask('a')},\n${jsonTask('b')}`),
  one('JSON with a tab between', `${jsonTask('a')}\t${jsonTask('b')}`),
];

const registered = [
  'tekton.dev/v1 Task', 'tekton.dev/v1 Pipeline', 'tekton.dev/v1 TaskRun', 'tekton.dev/v1 PipelineRun',
  'tekton.dev/v1beta1 Task', 'tekton.dev/v1beta1 Pipeline', 'tekton.dev/v1beta1 StepAction', 'tekton.dev/v1beta1 CustomRun',
  'tekton.dev/v1alpha1 StepAction', 'tekton.dev/v1alpha1 Run', 'tekton.dev/v1alpha1 VerificationPolicy',
  'tekton.dev/v1 StepAction', 'tekton.dev/v1 CustomRun', 'tekton.dev/v1beta1 ClusterTask', 'tekton.dev/v1beta1 Run',
  'tekton.dev/v1alpha1 Task', 'tekton.dev/v2 Task', 'v1 ConfigMap', 'tekton.dev/v1 task', 'tekton.dev Task',
  'tekton.dev/v1 TaskList', 'tekton.dev/v1beta1 PipelineList', 'triggers.tekton.dev/v1beta1 Trigger', 'v1 List', '/v1 Task',
].map((text) => one(`kind: ${text}`, object(...text.split(' '))));

const names = [
  one('no name', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {}\n'),
  one('no metadata', 'apiVersion: tekton.dev/v1\nkind: Task\n'),
  one('an empty name', object('tekton.dev/v1', 'Task', '""')),
  one('generateName is not a name', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {generateName: a-}\n'),
  one('a number as name', object('tekton.dev/v1', 'Task', '1')),
  one('a boolean word as name', object('tekton.dev/v1', 'Task', 'y')),
  one('a quoted number as name', object('tekton.dev/v1', 'Task', '"1"')),
  one('no apiVersion', 'kind: Task\nmetadata: {name: a}\n'),
  one('no kind', 'apiVersion: tekton.dev/v1\nmetadata: {name: a}\n'),
  one('kind is a number', 'apiVersion: tekton.dev/v1\nkind: 1\nmetadata: {name: a}\n'),
  one('apiVersion is a list', 'apiVersion: [tekton.dev/v1]\nkind: Task\nmetadata: {name: a}\n'),
  one('metadata is a list', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: [a]\n'),
  one('unknown fields stay', task('a', 'spec: {unknown: {b: 1, a: 2}}\nextra: yes\n')),
  one('a null field stays', task('a', 'spec: {description: null}\nextra:\n')),
  one('a name with a slash', object('tekton.dev/v1', 'Task', 'team/thing')),
  one('two objects of one kind and name', `${task('a')}---\n${task('a', 'spec: {description: x}\n')}`, 'refuses'),
  one('one name in two kinds', `${task('a')}---\n${object('tekton.dev/v1', 'Pipeline', 'a')}`),
  one('one kind and name in two versions', `${task('a')}---\n${object('tekton.dev/v1beta1', 'Task', 'a')}`, 'refuses'),
];

const pipelineWith = (spec) => `apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: a}\nspec: ${spec}\n`;
const types = [
  one('a boolean word as parameter name', pipelineWith('{params: [{name: on}]}')),
  one('a number as description', task('a', 'spec: {description: 1.0}\n')),
  one('a number as image', task('a', 'spec: {steps: [{name: s, image: 3}]}\n')),
  one('a number as an environment value', task('a', 'spec: {steps: [{name: s, image: i, env: [{name: N, value: 5}]}]}\n')),
  one('a number as a default is text to Tekton', pipelineWith('{params: [{name: a, default: 010}]}')),
  one('a boolean as a value is text to Tekton', pipelineWith('{tasks: [{name: t, params: [{name: p, value: yes}]}]}')),
  one('a list as a default', pipelineWith('{params: [{name: a, type: array, default: [x, "1"]}]}')),
  one('a list of numbers as a default', pipelineWith('{params: [{name: a, type: array, default: [1, 2]}]}')),
  one('a number as a label', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a, labels: {version: 1.0}}\n'),
  one('a boolean as an annotation', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a, annotations: {x: yes}}\n'),
  one('a map where a list belongs', task('a', 'spec: {steps: {name: s}}\n')),
  one('a word where a number belongs', pipelineWith('{tasks: [{name: t, retries: two}]}')),
  one('a quoted number where a number belongs', pipelineWith('{tasks: [{name: t, retries: "2"}]}')),
  one('a number where a duration belongs', pipelineWith('{tasks: [{name: t, timeout: 30}]}')),
  one('a text that is not a duration', pipelineWith('{tasks: [{name: t, timeout: soon}]}')),
  one('a duration', pipelineWith('{tasks: [{name: t, timeout: 1h30m}]}')),
  ...['1.5h', '.5s', '1.s', '-3m', '+3m', '1ms', '1us', '1µs', '2ns', '"0"', '1h1h', '"1"', '1d', 'h', '1h30', '1H', '""', '"1 h"', '.s', '~'].map(
    (text) => one(`timeout: ${text}`, pipelineWith(`{tasks: [{name: t, timeout: ${text}}]}`)),
  ),
  ...['2', '2.0', '2.5', 'true', '-1', '2e0', '~'].map((text) =>
    one(`retries: ${text}`, pipelineWith(`{tasks: [{name: t, retries: ${text}}]}`)),
  ),
  ...['true', 'no', '"true"', '1', '~'].map((text) =>
    one(`optional: ${text}`, pipelineWith(`{workspaces: [{name: w, optional: ${text}}]}`)),
  ),
  ...['2024-02-29T23:59:58Z', '"2024-02-29T23:59:58+01:00"', '2024-02-29T23:59:58.5Z', '2024-02-29', 'soon', '1', '~', '2024-2-29T23:59:58Z'].map(
    (text) => one(`creationTimestamp: ${text}`, `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a, creationTimestamp: ${text}}\n`),
  ),
  one('a null item in a list of objects', pipelineWith('{tasks: [~, {name: t}]}')),
  one('a null item in a list of texts', pipelineWith('{tasks: [{name: t, runAfter: [~]}]}')),
  one('a number in a list of texts', pipelineWith('{tasks: [{name: t, runAfter: [1]}]}')),
  one('a text where a list of texts belongs', pipelineWith('{tasks: [{name: t, runAfter: a}]}')),
  one('a text where an object belongs', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec: text\n'),
  one('a null label', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a, labels: {x: }}\n'),
];

const several = [
  { rule: 'inputs are ordered by their sha256', inputs: ['a', 'b', 'c', 'd', 'e'].map((name) => task(name)) },
  { rule: 'the order counts raw bytes', inputs: [task('a'), task('b').replaceAll('\n', '\r\n'), `# c\n${task('c')}`] },
  { rule: 'documents keep their order within an input', inputs: [`${task('z')}---\n${task('y')}---\n${task('x')}`, task('b')] },
  { rule: 'a null document at the start of a second input', inputs: [task('a'), `# c\n---\n${task('b')}`] },
  { rule: 'twenty inputs', inputs: Array.from({ length: 20 }, (_, i) => task(`t${i}`)) },
  { rule: 'twenty-one inputs', inputs: Array.from({ length: 21 }, (_, i) => task(`t${i}`)) },
  { rule: 'twenty-one documents in an input', inputs: [Array.from({ length: 21 }, (_, i) => task(`t${i}`)).join('---\n')], ours: 'refuses' },
  { rule: 'twenty documents in an input', inputs: [Array.from({ length: 20 }, (_, i) => task(`t${i}`)).join('---\n')] },
];

export const sourceCases = [...splitting, ...jsonMode, ...registered, ...names, ...types, ...several];
