import { expect, test } from 'vitest';
import { type FieldType, type ListType, objectType, registeredKinds, type StructType } from './fields.js';

const fieldOf = (apiVersion: string, kind: string, path: readonly string[]) => {
  let type: FieldType | undefined = objectType(apiVersion, kind);
  for (const part of path) {
    while (type?.is === 'list' || type?.is === 'map') type = type.of.type;
    type = type?.is === 'struct' ? type.fields.get(part)?.type : undefined;
  }
  return type;
};

test('the table has the kinds that Tekton registers, and no lists of them', () => {
  const kinds = [...registeredKinds()].flatMap(([version, own]) =>
    [...own.keys()].map((kind) => `${version} ${kind}`),
  );
  expect(kinds).toHaveLength(13);
  expect(kinds).toContain('tekton.dev/v1alpha1 VerificationPolicy');
  expect(objectType('tekton.dev/v1', 'StepAction')).toBeUndefined();
  expect(objectType('tekton.dev/v1', 'TaskList')).toBeUndefined();
});

test('fields differ by version', () => {
  const step = ['spec', 'steps'];
  expect(fieldOf('tekton.dev/v1', 'Task', [...step, 'computeResources'])?.is).toBe('struct');
  expect(fieldOf('tekton.dev/v1', 'Task', [...step, 'resources'])).toBeUndefined();
  expect(fieldOf('tekton.dev/v1beta1', 'Task', [...step, 'resources'])?.is).toBe('struct');
  expect(fieldOf('tekton.dev/v1beta1', 'Task', [...step, 'computeResources'])).toBeUndefined();
});

test('a struct that is embedded gives its fields to the one around it', () => {
  const task = ['spec', 'tasks', 'taskSpec'];
  expect(fieldOf('tekton.dev/v1', 'Pipeline', [...task, 'steps', 'image'])?.is).toBe('string');
  expect(fieldOf('tekton.dev/v1', 'Pipeline', [...task, 'apiVersion'])?.is).toBe('string');
  expect(fieldOf('tekton.dev/v1', 'Pipeline', [...task, 'spec'])?.is).toBe('raw');
});

test('fields stand in the order of the Go struct and know what Go leaves out', () => {
  const list = fieldOf('tekton.dev/v1', 'Task', ['spec', 'params']) as ListType;
  const { fields } = list.of.type as StructType;
  expect([...fields.keys()].slice(0, 4)).toEqual(['name', 'type', 'description', 'properties']);
  expect(fields.get('name')).toMatchObject({ omitEmpty: false, isPointer: false });
  expect(fields.get('default')).toMatchObject({
    omitEmpty: true,
    isPointer: true,
    type: { is: 'param-value' },
  });
});

test('every type that the table names is in the table', () => {
  const seen = new Set<StructType>();
  const visit = (type: FieldType): void => {
    if (type.is === 'list' || type.is === 'map') visit(type.of.type);
    if (type.is !== 'struct' || seen.has(type)) return;
    seen.add(type);
    for (const field of type.fields.values()) visit(field.type);
  };
  for (const kinds of registeredKinds().values()) for (const type of kinds.values()) visit(type);
  const empty = [...seen].filter(({ fields }) => fields.size === 0).map(({ name }) => name);
  expect(seen.size).toBeGreaterThan(200);
  expect(empty).toEqual([]);
});
