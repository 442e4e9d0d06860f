import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { readPackageFile } from '../package-files.js';
import { nearest } from '../yaml-file/nearest.js';
import { showText, showValue } from '../yaml-file/show-text.js';
import type { YamlPath } from '../yaml-file/yaml-position.js';
import type { DocumentKind } from './document-kind.js';
import { type DocumentProblem, problemAt } from './document-problem.js';

/** Checks a document by the JSON Schema of its kind: what is published for editors is what decides here. */
export type CheckStructure = (value: unknown, kind: DocumentKind) => Promise<DocumentProblem[]>;

/** A check that prepares each JSON Schema once, when it is first needed. */
export function createStructureCheck(): CheckStructure {
  const validators = new Map<DocumentKind, Promise<ValidateFunction>>();
  return async (value, kind) => {
    const loading = validators.get(kind) ?? loadValidator(kind);
    validators.set(kind, loading);
    const validate = await loading;
    return validate(value) ? [] : problemsOf(validate.errors ?? [], value);
  };
}

async function loadValidator(kind: DocumentKind): Promise<ValidateFunction> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const schema = JSON.parse(await readPackageFile(`schemas/json/${kind}.schema.json`)) as object;
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strictTypes: false, strictRequired: false });
  ajv.addVocabulary(['x-advice']);
  return ajv.compile(schema);
}

function problemsOf(all: readonly ErrorObject[], value: unknown): DocumentProblem[] {
  const errors = all.filter(({ keyword }) => keyword !== 'if');
  const mistyped = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  // What is of a wrong type has no right value either.
  const telling = errors.filter(
    ({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath),
  );
  return telling.map((error) => toProblem(error, value));
}

interface ParentSchema {
  readonly type?: unknown;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, ParentSchema>>;
  /** Keywords for which neither the API server nor kubernaut's parser refuses a document: their findings are warnings. */
  readonly 'x-advice'?: readonly string[];
}

/** What a keyword is called in the name of a rule. */
const words: Readonly<Record<string, string>> = {
  required: 'required',
  type: 'type',
  enum: 'value',
  const: 'value',
  pattern: 'pattern',
  minLength: 'length',
  maxLength: 'length',
  minItems: 'count',
  not: 'pattern',
  uniqueItems: 'unique',
};

function toProblem(error: ErrorObject, root: unknown): DocumentProblem {
  const path = pathOf(error.instancePath, root);
  const parent = (error.parentSchema ?? {}) as ParentSchema;
  const params = error.params as Readonly<Record<string, unknown>>;
  if (error.keyword === 'additionalProperties')
    return unknownKey(path, String(params.additionalProperty), parent);
  if (error.keyword === 'required') {
    const missing = String(params.missingProperty);
    const wanted = wantedOf(parent.properties?.[missing] ?? {});
    const rule = ruleName([...path, missing], 'required');
    return problemAt([...path, missing], rule, `missing, wanted ${wanted}`, { at: 'absent' });
  }
  const own = /\/additionalProperties\/\w+$/.test(error.schemaPath) ? path.slice(0, -1) : path;
  const rule = ruleName(own, words[error.keyword] ?? error.keyword);
  return problemAt(path, rule, `found ${found(error)}, wanted ${wantedOf(parent)}`, {
    severity: parent['x-advice']?.includes(error.keyword) ? 'warning' : 'error',
    hint: hintFor(error),
    unquoted:
      error.keyword === 'type' && parent.type === 'string' && /^(?:number|boolean)$/.test(typeof error.data),
  });
}

function unknownKey(path: YamlPath, key: string, { properties = {} }: ParentSchema): DocumentProblem {
  const known = Object.keys(properties);
  const close = nearest(key, known);
  const hint = close ? `Did you mean ${showText(close)}?` : 'Keys of your own begin with x-';
  const message = `found the key ${showText(key)}, which readers drop, wanted one of ${known.join(', ')}`;
  return problemAt([...path, key], 'unknown-key', message, { at: 'key', hint });
}

function found({ keyword, data, params }: ErrorObject): string {
  if (keyword === 'maxLength') return `${[...String(data)].length} characters`;
  if (keyword === 'uniqueItems') {
    const { i } = params as { readonly i: number };
    return `${showValue((data as readonly unknown[])[i])} twice`;
  }
  return showValue(data);
}

function wantedOf(schema: ParentSchema & { readonly const?: unknown }): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.description !== undefined && schema.enum === undefined) return lowerFirst(schema.description);
  if (schema.enum !== undefined) return `one of ${schema.enum.filter((one) => one !== 'true').join(', ')}`;
  return 'something else';
}

function hintFor({ keyword, data, parentSchema }: ErrorObject): string | undefined {
  const choices = ((parentSchema ?? {}) as ParentSchema).enum?.filter((one) => typeof one === 'string');
  if (choices && typeof data === 'string') {
    const close = nearest(data, choices);
    return close && `Did you mean ${showText(close)}?`;
  }
  if (keyword === 'pattern' && typeof data === 'string' && /^v\d/.test(data))
    return `Write ${showText(data.slice(1))}`;
  return undefined;
}

/** `spec.parameters[0].name` and `required` give `parameters-name-required`. */
function ruleName(path: YamlPath, word: string): string {
  const names = path.filter((step) => typeof step === 'string' && step !== 'spec');
  const shown = names.length === 0 && path.length > 0 ? path.slice(0, 1) : names;
  const kebab = shown.map((name) =>
    String(name)
      .replaceAll('_', '-')
      .replaceAll(/([a-z])([A-Z])/g, '$1-$2'),
  );
  return [...(kebab.length === 0 ? ['document'] : kebab), word].join('-').toLowerCase();
}

/** A JSON pointer, with numbers for the items of lists. */
function pathOf(pointer: string, root: unknown): YamlPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return path;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]*(?![A-Za-z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
