import { nearest } from '../../yaml-file/nearest.js';
import { findMistyped } from './check-fields.js';
import { type FieldPath, formatPath } from './field-path.js';
import { objectType, registeredKinds, type StructType } from './fields.js';
import { type LiteralMap, type LiteralValue, NumberLiteral } from './from-json.js';

/** Why a document is not a Tekton object; `objectOf` adds file and line to it. */
export class FieldProblem extends Error {
  /** From the document's root. */
  readonly path: FieldPath;
  readonly hint: string | undefined;

  constructor(path: FieldPath, message: string, hint?: string) {
    super(message);
    this.name = 'FieldProblem';
    this.path = path;
    this.hint = hint;
  }
}

export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/**
 * What Tekton's scheme decodes a document to: one of its registered kinds, with a name, and with no value of
 * a type that its field cannot take. Unknown fields pass.
 * @throws FieldProblem
 */
export function decodeObject(value: LiteralValue): ObjectIdentity {
  if (!(value instanceof Map)) {
    throw new FieldProblem(
      [],
      `found ${describe(value)}, wanted a mapping with apiVersion, kind and metadata`,
    );
  }
  refuseOtherSpellings(value);
  const apiVersion = requireText(value, 'apiVersion');
  const kind = requireText(value, 'kind');
  refuseMistyped(value, requireType(apiVersion, kind));
  const metadata = value.get('metadata');
  const name = metadata instanceof Map ? metadata.get('name') : undefined;
  if (typeof name === 'string' && name.endsWith('/')) throw trailingSlash(name);
  if (typeof name === 'string' && name !== '') return { apiVersion, kind, name };
  throw new FieldProblem(
    metadata instanceof Map ? ['metadata', 'name'] : ['metadata'],
    'metadata.name is missing, wanted a name',
    'Objects in a bundle are found by their name; generateName does not set one',
  );
}

function requireType(apiVersion: string, kind: string): StructType {
  const type = objectType(apiVersion, kind);
  if (type !== undefined) return type;
  const all = registeredKinds();
  const kinds = all.get(apiVersion);
  if (kind === 'List' || (kind.endsWith('List') && kinds?.has(kind.slice(0, -4)))) {
    throw new FieldProblem(
      ['kind'],
      `kind is ${quote(kind)}, wanted single objects: the resolver finds no object inside a list`,
      'Write its items as documents of their own, separated by --- lines',
    );
  }
  if (kinds === undefined) {
    const close = nearest(apiVersion, all.keys());
    throw new FieldProblem(
      ['apiVersion'],
      `apiVersion is ${quote(apiVersion)}, wanted one that Tekton can resolve: ${[...all.keys()].join(', ')}`,
      isKustomization(apiVersion, kind) ? kustomization : close && `Did you mean ${close}?`,
    );
  }
  const close = nearest(kind, [
    ...kinds.keys(),
    ...[...all.values()].flatMap((others) => [...others.keys()]),
  ]);
  const elsewhere = [...all].filter(([, others]) => others.has(kind)).map(([version]) => version);
  throw new FieldProblem(
    ['kind'],
    `kind is ${quote(kind)}, wanted one that ${apiVersion} has: ${[...kinds.keys()].join(', ')}`,
    elsewhere.length > 0
      ? `${kind} is a kind of ${elsewhere.join(' and ')}`
      : close && `Did you mean ${close}?`,
  );
}

const kustomization =
  'This is a Kustomization: bundle its output, e.g. kustomize build DIRECTORY > objects.yaml';

function isKustomization(apiVersion: string, kind: string): boolean {
  return apiVersion.startsWith('kustomize.config.k8s.io/') || kind === 'Kustomization';
}

/** Go's archives hold no file of such a name. */
function trailingSlash(name: string): FieldProblem {
  const wanted = name.replace(/\/+$/, '');
  return new FieldProblem(
    ['metadata', 'name'],
    `metadata.name is ${quote(name)}, wanted no slash at its end`,
    wanted === '' ? undefined : `Write ${wanted}`,
  );
}

/** Go finds apiVersion and kind whatever their case, and the rest not; such a document means two things. */
function refuseOtherSpellings(object: LiteralMap): void {
  for (const key of object.keys()) {
    if (key.length > 12 || key === 'apiVersion' || key === 'kind') continue;
    const folded = key.toLowerCase().replaceAll('\u017f', 's');
    if (folded !== 'apiversion' && folded !== 'kind') continue;
    const wanted = folded === 'kind' ? 'kind' : 'apiVersion';
    throw new FieldProblem([key], `found the field ${quote(key)}, wanted it spelt ${wanted}`);
  }
}

function requireText(object: LiteralMap, field: 'apiVersion' | 'kind'): string {
  const value = object.get(field);
  if (typeof value === 'string' && value !== '') return value;
  const missing = value === undefined || value === null || value === '';
  // Kustomize does without both.
  const isKustomize = ['resources', 'patches', 'configMapGenerator'].some((key) =>
    Array.isArray(object.get(key)),
  );
  throw new FieldProblem(
    [field],
    missing ? `${field} is missing` : `${field} is ${describe(value)}, wanted a string`,
    isKustomize
      ? kustomization
      : 'A Tekton object starts with apiVersion: tekton.dev/v1 and kind: Task or Pipeline',
  );
}

function refuseMistyped(object: LiteralMap, type: StructType): void {
  const problem = findMistyped(object, type);
  if (problem === undefined) return;
  const { path, found, wanted, hint } = problem;
  throw new FieldProblem(path, `${formatPath(path)} is ${describe(found)}, wanted ${wanted}`, hint);
}

function describe(value: LiteralValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a mapping';
  if (typeof value === 'string') return `the string ${quote(value)}`;
  if (value instanceof NumberLiteral) return `the number ${value.text}`;
  return typeof value === 'boolean' ? String(value) : `the number ${value}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
