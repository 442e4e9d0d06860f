import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationTable } from './configuration-tables.js';

interface Node {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Node | false>>;
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly $defs?: Readonly<Record<string, Node>>;
}

const schemas = ['bundles', 'bundles-lock', 'bundles-lock-part'].map(
  (name) =>
    JSON.parse(
      readFileSync(new URL(`../../../schemas/json/${name}.schema.json`, import.meta.url), 'utf8'),
    ) as Node,
);

/** Every key that a person may write, by its path; what only narrows another key is left out. */
function keysOf(node: Node, path: string): (readonly [string, string | undefined])[] {
  const each = (name: string, child: Node): (readonly [string, string | undefined])[] => [
    [`${path}.${name}`, child.description],
    ...keysOf(child, `${path}.${name}`),
  ];
  return [
    ...Object.entries({ ...node.properties, ...node.patternProperties }).flatMap(([name, child]) =>
      child === false ? [] : each(name, child),
    ),
    ...(typeof node.additionalProperties === 'object' ? each('NAME', node.additionalProperties) : []),
    ...(node.anyOf ?? []).flatMap((child) => (child.type === 'object' ? keysOf(child, path) : [])),
    ...Object.entries(node.$defs ?? {}).flatMap(([name, child]) =>
      child.type === undefined ? [] : each(`$${name}`, child),
    ),
  ];
}

test('every key of bundles.yaml and bundles.lock has a description: a sentence with a full stop', () => {
  const keys = schemas.flatMap((schema) => keysOf(schema, ''));
  expect(keys.length).toBeGreaterThan(150);
  const bad = keys.filter(([, text]) => text === undefined || !/^[A-Z`].*\.$/s.test(text));
  expect(bad).toEqual([]);
});

test('a table has the type, the default and the meaning of each key', () => {
  const table = configurationTable();
  expect(table).toContain('| `version` | `1` | required | ');
  expect(table).toContain('| `publish` | `auto`, `ci`, `never` | `auto` | ');
  expect(table).toContain(
    '| `catalog.kubernetes.namespace` | text | the namespace of the context | The namespace. |',
  );
  expect(table).toContain('| `lint.RULE` | `off`, `warning`, `error` | ');
  expect(() => configurationTable('nothing')).toThrow();
});
