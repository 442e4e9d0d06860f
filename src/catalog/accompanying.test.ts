import { expect, test } from 'vitest';
import { remediationEntry } from '../../test/support/catalog/remediation-entry.js';
import { accompanyingObjects, accompanyingTexts } from './accompanying.js';

const rbac = 'apiVersion: rbac.authorization.k8s.io/v1';
const account = (name: string) =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}, namespace: runs}\n`;
const role = (name: string) => `${rbac}\nkind: ClusterRole\nmetadata: {name: ${name}}\nrules: []\n`;
const binding = (name: string, who: string) =>
  `${rbac}\nkind: ClusterRoleBinding\nmetadata: {name: ${name}}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${name}}\nsubjects: [{kind: ServiceAccount, name: ${who}, namespace: runs}]\n`;
const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n';
const workflow = (name: string, who: string) =>
  `apiVersion: kubernaut.ai/v1alpha1\nkind: RemediationWorkflow\nmetadata: {name: ${name}}\nspec: {execution: {serviceAccountName: ${who}}}\n`;

const file = [
  binding('read', 'reader'),
  account('reader'),
  workflow('a', 'reader'),
  '# Only a comment\n',
  role('read'),
  account('writer'),
  role('write'),
  binding('write', 'writer'),
  workflow('b', 'writer'),
  settings,
].join('---\n');

const entryOf = (accompanying: readonly string[]) => ({ ...remediationEntry('a'), accompanying });

test('each workflow of a file gets what it uses and what no workflow is seen to use, in the order of application', async () => {
  const named = async (name: string) => {
    const texts = await accompanyingTexts(file, { workflow: name, file: 'deploy.yaml' });
    return accompanyingObjects(entryOf(texts)).map((one) => `${one.kind} ${one.name}`);
  };
  const common = ['ConfigMap settings'];
  expect(await named('a')).toEqual([
    'ServiceAccount reader',
    ...common,
    'ClusterRole read',
    'ClusterRoleBinding read',
  ]);
  expect(await named('b')).toEqual([
    'ServiceAccount writer',
    ...common,
    'ClusterRole write',
    'ClusterRoleBinding write',
  ]);
  expect(await accompanyingTexts(workflow('a', 'x'), { workflow: 'a', file: 'f' })).toEqual([]);
});

test('texts are those of the file, and a namespace is kept where there can be one', async () => {
  const texts = await accompanyingTexts(file, { workflow: 'a', file: 'deploy.yaml' });
  expect(texts.every((text) => file.includes(text))).toBe(true);
  const [first] = accompanyingObjects(entryOf([account('reader')]));
  expect(first).toMatchObject({ kind: 'ServiceAccount', namespace: 'runs', text: account('reader') });
  const [cluster] = accompanyingObjects(entryOf([role('read').replace('{name', '{namespace: x, name')]));
  expect(cluster?.namespace).toBeUndefined();
});

test.each([
  ['another kind', settings.replace('ConfigMap', 'Pod')],
  ['another group', settings.replace('v1', 'example.com/v1')],
  ['no name', settings.replace('name: settings', '')],
  ['a name of a path', settings.replace('settings', '../x')],
  ['a namespace that is none', settings.replace('{', '{namespace: "a/b", ')],
  ['no mapping', '- a\n'],
])('an object with %s does not go along', (_, text) => {
  expect(() => accompanyingObjects(entryOf([text]))).toThrow(
    expect.objectContaining({ code: 'SCHEMA_INVALID', details: expect.objectContaining({ workflow: 'a' }) }),
  );
});

test('only so many objects go along', () => {
  const many = Array.from({ length: 101 }, (_, index) => account(`a${index}`));
  expect(accompanyingObjects(entryOf(many.slice(1))).length).toBe(100);
  expect(() => accompanyingObjects(entryOf(many))).toThrow(
    expect.objectContaining({ code: 'SCHEMA_INVALID' }),
  );
});
