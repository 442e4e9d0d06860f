import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { sharedPath } from '../shared.js';

/** The schema by which an API server accepts objects of ours. */
export function crdValidator(name: string): { accepts: ValidateFunction; root: CrdSchema } {
  const text = readFileSync(sharedPath(`upstream/kubernaut-crds/${name}.yaml`), 'utf8');
  const crd = load(text) as { spec: { versions: { schema: { openAPIV3Schema: CrdSchema } }[] } };
  const root = crd.spec.versions[0]!.schema.openAPIV3Schema;
  return {
    accepts: new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(root),
    root,
  };
}

export interface CrdSchema {
  readonly properties?: Readonly<Record<string, CrdSchema>>;
  readonly items?: CrdSchema;
  readonly additionalProperties?: unknown;
  readonly type?: string;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** What an API server would drop without a word. */
export function pruned(value: unknown, schema: CrdSchema, path = ''): string[] {
  if (schema['x-kubernetes-preserve-unknown-fields']) return [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => pruned(item, schema.items ?? {}, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  if (schema.additionalProperties || path === '.metadata') return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const known = schema.properties?.[key];
    return known ? pruned(child, known, `${path}.${key}`) : [`${path}.${key}`];
  });
}
