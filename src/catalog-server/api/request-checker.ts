import type { ValidateFunction } from 'ajv';
import { load } from 'js-yaml';
import { readPackageFile } from '../../package-files.js';

/** Bodies and queries as the published OpenAPI document wants them, which names their schemas. */
export interface RequestChecker {
  /** What is wrong with a body; fills in the defaults of the document. */
  body(schema: BodySchema, value: unknown): readonly FieldProblem[];
  /** A query as values of the document's types, with its defaults, or what is wrong with it. */
  query(
    path: string,
    parameters: URLSearchParams,
  ): { readonly values: QueryValues; readonly problems: readonly FieldProblem[] };
}

export type BodySchema =
  | 'WorkflowRegistration'
  | 'WorkflowUpdate'
  | 'WorkflowDisable'
  | 'SearchRequest'
  | 'AuditEventRequest'
  | 'NotificationAudit';

export type QueryValues = Readonly<Record<string, string | number | undefined>>;

export interface FieldProblem {
  /** `labels.severity`, or empty for the whole. */
  readonly field: string;
  readonly message: string;
}

interface QueryParameter {
  readonly name: string;
  readonly in: string;
  readonly schema: object;
}

/** Reads the document that is shipped with the package: what it states and what is enforced cannot differ. */
export async function createRequestChecker(): Promise<RequestChecker> {
  const { Ajv } = await import('ajv');
  const text = await readPackageFile('schemas/openapi/data-storage.yaml');
  const document = toJsonSchema(load(text)) as {
    readonly paths: Readonly<Record<string, { readonly get?: { readonly parameters?: readonly unknown[] } }>>;
  };
  const ajv = new Ajv({ allErrors: true, strict: false, useDefaults: true, validateSchema: false });
  // The service checks this format and `uuid` of the parent, which it has to decode; no other.
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/);
  ajv.addFormat('uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
  for (const name of ['email', 'uri', 'date']) ajv.addFormat(name, true);
  ajv.addSchema(document as object, 'document');
  const compiled = new Map<string, ValidateFunction>();
  const validator = (name: string, schema: () => object): ValidateFunction => {
    const found = compiled.get(name) ?? ajv.compile(schema());
    compiled.set(name, found);
    return found;
  };
  const check = (validate: ValidateFunction, value: unknown): readonly FieldProblem[] =>
    validate(value) ? [] : (validate.errors ?? []).map(toProblem);

  return {
    body: (schema, value) =>
      check(
        validator(schema, () => ({ $ref: `document#/components/schemas/${schema}` })),
        value,
      ),
    query(path, parameters) {
      const known = (document.paths[path]?.get?.parameters ?? []) as readonly QueryParameter[];
      const validate = validator(path, () => ({
        type: 'object',
        properties: Object.fromEntries(known.map(({ name, schema }) => [name, schema])),
      }));
      const values: Record<string, string | number> = {};
      for (const { name, schema } of known) {
        const value = parameters.get(name);
        if (value !== null) values[name] = isInteger(schema, value) ? Number(value) : value;
      }
      const problems = check(validate, values);
      return { values, problems };
    },
  };
}

function isInteger(schema: object, text: string): boolean {
  return 'type' in schema && schema.type === 'integer' && /^-?\d{1,15}$/.test(text);
}

function toProblem(error: NonNullable<ValidateFunction['errors']>[number]): FieldProblem {
  const { instancePath, keyword, params, message = 'not valid' } = error;
  const path = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  if (keyword === 'required') {
    const missing = String(params.missingProperty);
    return { field: path === '' ? missing : `${path}.${missing}`, message: 'is required' };
  }
  const allowed = keyword === 'enum' ? `: ${(params.allowedValues as readonly unknown[]).join(', ')}` : '';
  return { field: path, message: `${message}${allowed}` };
}

/** OpenAPI 3.0 has its own word for null, and references within itself. */
function toJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Record<string, unknown>;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, toJsonSchema(member)]));
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#')) schema.$ref = `document${schema.$ref}`;
  if (nullable === true) schema.type = [schema.type, 'null'];
  return schema;
}
