import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

/** Our own document of the workflow catalog's API. */
export const ourDocument = fileURLToPath(
  new URL('../../../schemas/openapi/data-storage.yaml', import.meta.url),
);

/** Holds requests and answers to an OpenAPI 3.0 document. */
export interface OpenApi {
  /** What is wrong with the request; none where it is as the document wants it. */
  request(message: Message): readonly string[];
  /** What is wrong with an answer to such a request. */
  answer(message: Message & { readonly status: number }): readonly string[];
  /** `GET /api/v1/workflows/{workflow_id}`, or undefined for what the document does not have. */
  operationOf(message: Pick<Message, 'method' | 'url'>): string | undefined;
  /** `POST /api/v1/workflows` and the statuses it lists. */
  readonly operations: ReadonlyMap<string, readonly string[]>;
}

export interface Message {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | null;
  readonly body: string;
}

interface Media {
  readonly schema?: object;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}
interface Operation {
  readonly parameters?: readonly unknown[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Record<string, Media> };
  readonly responses: Record<string, unknown>;
}
type PathItem = Record<string, Operation> & { readonly parameters?: readonly unknown[] };

/** Reads a document and compiles its schemas; nothing in it may stay unresolved. */
export function readOpenApi(file: string): OpenApi {
  const document = parse(readFileSync(file, 'utf8')) as { paths: Record<string, PathItem> };
  // Numbers and booleans of a query are text; nothing else is coerced, and unknown members are allowed as in the service.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: true, coerceTypes: false });
  for (const [name, pattern] of Object.entries(formats)) ajv.addFormat(name, pattern);
  ajv.addSchema(fromOpenApi(document) as object, 'document');
  const resolve = <T>(value: unknown): T => {
    const reference = (value as { $ref?: string }).$ref;
    if (reference === undefined) return value as T;
    return reference
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document) as T;
  };
  const compiled = new Map<object, ValidateFunction>();
  const check = (schema: object, value: unknown): readonly string[] => {
    let validate = compiled.get(schema);
    if (validate === undefined) {
      validate = ajv.compile(fromOpenApi(schema) as object);
      compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'}: ${message}`);
  };
  const find = ({ method, url }: Pick<Message, 'method' | 'url'>) => {
    const { pathname } = new URL(url);
    for (const [template, item] of Object.entries(document.paths)) {
      const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
      const match = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '([^/]+)')}$`).exec(pathname);
      const operation = match && item[method.toLowerCase()];
      // A path without parameters goes before one with.
      if (!match || !operation || (names.length > 0 && document.paths[pathname])) continue;
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
        resolve<Parameter>(parameter),
      );
      const values = new Map(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)]));
      return { template, operation, parameters, values };
    }
    return undefined;
  };

  return {
    operationOf(message) {
      const found = find(message);
      return found && `${message.method} ${found.template}`;
    },
    operations: new Map(
      Object.entries(document.paths).flatMap(([path, item]) =>
        ['get', 'post', 'patch', 'put', 'delete']
          .filter((method) => item[method])
          .map((method) => [
            `${method.toUpperCase()} ${path}`,
            Object.keys((item[method] as Operation).responses),
          ]),
      ),
    ),
    request(message) {
      const found = find(message);
      if (!found) return [`no operation ${message.method} ${new URL(message.url).pathname}`];
      const { operation, parameters, values } = found;
      const query = new URL(message.url).searchParams;
      const problems: string[] = [];
      const known = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
      for (const name of query.keys()) if (!known.includes(name)) problems.push(`?${name}: not known`);
      for (const { name, in: place, required, schema } of parameters) {
        const text = place === 'query' ? query.get(name) : values.get(name);
        if (text === null || text === undefined) {
          if (required) problems.push(`${name}: missing`);
          continue;
        }
        const value = resolve<{ type?: string }>(schema).type === 'integer' ? Number(text) : text;
        problems.push(...check(schema, value).map((problem) => `${place} ${name}${problem}`));
      }
      return [...problems, ...checkBody(operation.requestBody, message, check)];
    },
    answer(message) {
      const found = find(message);
      if (!found) return [`no operation ${message.method} ${new URL(message.url).pathname}`];
      const answer = found.operation.responses[String(message.status)];
      if (!answer) return [`status ${message.status} is not listed`];
      const { content } = resolve<{ content?: Record<string, Media> }>(answer);
      return content ? checkBody({ content }, message, check) : [];
    },
  };
}

function checkBody(
  wanted: Operation['requestBody'],
  { contentType, body }: Message,
  check: (schema: object, value: unknown) => readonly string[],
): readonly string[] {
  if (!wanted) return body === '' ? [] : ['body: found one, wanted none'];
  if (body === '') return wanted.required ? ['body: missing'] : [];
  const type = contentType?.split(';')[0]?.trim() ?? '';
  const media = wanted.content[type];
  if (!media) return [`content-type: found ${type || 'none'}, wanted ${Object.keys(wanted.content).join()}`];
  if (!media.schema || !type.endsWith('json')) return [];
  return check(media.schema, JSON.parse(body));
}

/** The formats that matter; the service checks `date-time` alone, answers keep all. */
const formats: Readonly<Record<string, RegExp | true>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  uri: /^(?:[a-z][a-z0-9+.-]*:|\/)\S*$/i,
  email: true,
  float: true,
  int32: true,
  int64: true,
};

/** Schemas of OpenAPI 3.0 as JSON Schema: `nullable`, and references into the whole document. */
function fromOpenApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromOpenApi);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Record<string, unknown>;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, fromOpenApi(member)]));
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#')) schema.$ref = `document${schema.$ref}`;
  if (nullable === true) schema.type = [schema.type, 'null'];
  return schema;
}
