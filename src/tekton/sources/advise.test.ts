import { expect, test } from 'vitest';
import { BundlesError } from '../../errors.js';
import { lintSources } from '../lint/lint-sources.js';
import { readSources } from './read-sources.js';

const head = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata:\n';
const hintOf = (text: string) => {
  try {
    readSources([{ path: 'a.yaml', bytes: Buffer.from(text) }]);
  } catch (error) {
    if (error instanceof BundlesError) return error.hint;
    throw error;
  }
  return 'it was read';
};

test.each<[string, string, string]>([
  ['a template of Helm', `${head}  name: {{ .Values.name }}\n`, 'helm template'],
  [
    'a template of Helm with a condition',
    `{{- if .Values.enabled }}\n${head}  name: a\n{{- end }}\n`,
    'helm template',
  ],
  [
    'a template of Helm with a function',
    `${head}  name: a\n  labels:\n    {{- include "x.labels" . | nindent 4 }}\n`,
    'helm template',
  ],
  ['a template of Jinja', `${head}  name: {{ name }}\n`, 'Jinja'],
  [
    'a template of Jinja with a loop',
    `${head}  name: a\nspec:\n  steps:\n  {% for s in steps %}\n    - image: x\n`,
    'Jinja',
  ],
  ['a template for envsubst', `${head}  name: \${NAME\n   x: y\n`, 'envsubst'],
  [
    'a template for envsubst in a typed field',
    `${head}  name: a\nspec: {steps: [{image: x, timeout: "\${T}"}]}\n`,
    'envsubst',
  ],
  ['a directive', `%YAML 1.2\n---\n${head}  name: a\n`, 'Remove the lines that start with %'],
])('%s is called what it is', (_title, text, hint) => {
  expect(hintOf(text)).toContain(hint);
  const findings = lintSources([{ path: 'a.yaml', bytes: Buffer.from(text) }]).findings;
  expect(findings.some((finding) => finding.hint?.includes(hint))).toBe(true);
});

test('scripts that only look like templates change no other hint', () => {
  const script = `\n  steps:\n    - image: 3\n\n\n\n      script: docker inspect --format "{{.State}}" \${ID}\n`;
  expect(hintOf(`${head}  name: a\nspec:${script}`)).toContain('Quote the value');
});

test('JSON that is nested too deep is called so', () => {
  const deep = `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`;
  const object = '{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"a"}}';
  for (const text of [deep, `${object}\n${object.replace('"a"', '"b"')}\n${deep}`]) {
    expect(() => readSources([{ path: 'a.json', bytes: Buffer.from(text) }])).toThrow(
      /more than 500 collections inside each other/,
    );
  }
});
