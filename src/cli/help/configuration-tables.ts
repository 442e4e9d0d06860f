import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the tables read of a JSON Schema. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema | false>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../schemas/json/bundles.schema.json'), 'utf8'),
) as Schema;

/** Where a mapping of keys has its own table. */
const tables: Readonly<Record<string, string>> = {
  registry: '[keys of a registry](registries.md#keys-of-a-registry)',
  discover: '[keys of an entry](sources.md#keys-of-an-entry)',
  bundle: '[keys of a bundle](configuration.md#keys-of-a-bundle)',
  image: '[keys of an image](service-images.md#keys-of-an-image)',
  workflow: '[keys of a workflow](workflows.md#keys-of-a-workflow)',
  parameter: '[keys of a parameter](workflows.md#keys-of-a-parameter)',
  rollbackParameter: '[keys of a parameter](workflows.md#keys-of-a-parameter)',
  declaredWorkflow: '[separate workflows](separate-workflows.md)',
  descriptionParts: '[parts of a description](remediation-workflows.md#parts-of-a-description)',
};

/** A table of the keys of a mapping: of the whole file, or of a definition of its JSON Schema. */
export function configurationTable(definition?: string): string {
  const node = definition === undefined ? schema : schema.$defs?.[definition];
  if (node === undefined) throw new Error(`The JSON Schema has no definition ${definition}`);
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows(node, '')].join('\n');
}

function rows(node: Schema, prefix: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, value]) =>
    value === false || isRepeated(name, value)
      ? []
      : row(`${prefix}${name}`, value, node.required?.includes(name) ?? false),
  );
  const patterns = Object.values(node.patternProperties ?? {});
  return [...own, ...patterns.flatMap((value) => row(`${prefix}RULE`, value, false))];
}

/** A key that another table describes by the same definition. */
function isRepeated(name: string, value: Schema): boolean {
  return name !== 'id' && value.$ref?.startsWith('#/$defs/workflow/properties/') === true;
}

function row(key: string, value: Schema, isRequired: boolean): string[] {
  const { description = '' } = value;
  const [, meaning = description, stated] = /^(.*?)(?: Default: (.*)\.)?$/s.exec(description) ?? [];
  const standard = isRequired
    ? 'required'
    : value.default === undefined
      ? (stated ?? 'none')
      : Array.isArray(value.default)
        ? 'none'
        : `\`${value.default}\``;
  const line = `| \`${key}\` | ${typeOf(value)} | ${standard} | ${meaning} |`;
  const parts = [value, ...(value.anyOf ?? [])].filter((part) => part.properties !== undefined);
  return [line, ...parts.flatMap((part) => rows(part, `${key}.`))];
}

function typeOf(value: Schema): string {
  if (value.$ref !== undefined) {
    const name = value.$ref.split('/').at(-1) ?? '';
    const target = value.$ref
      .split('/')
      .slice(1)
      .reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], schema) as Schema;
    return tables[name] ?? typeOf(target);
  }
  if (value.const !== undefined) return `\`${value.const}\``;
  if (value.enum !== undefined) return value.enum.map((word) => `\`${word}\``).join(', ');
  if (value.anyOf !== undefined) return [...new Set(value.anyOf.map(typeOf))].join(' or ');
  const types = typeof value.type === 'string' ? [value.type] : (value.type ?? []);
  return types
    .map((type) => {
      if (type === 'array') return `list: ${value.items === undefined ? 'anything' : typeOf(value.items)}`;
      if (type !== 'object') return names[type] ?? type;
      const each = value.additionalProperties;
      return typeof each === 'object' ? `by name: ${typeOf(each)}` : 'mapping';
    })
    .join(' or ');
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: '`true`, `false`',
  null: 'nothing',
};
