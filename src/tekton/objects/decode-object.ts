import type { YamlMap, YamlValue } from '../yaml/value.js';
import { checkShape, type ShapeProblem } from './check-shape.js';
import { FieldProblem } from './field-problem.js';
import { metadataShape, specShapes } from './field-shapes.js';

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
export function decodeObject(value: YamlValue): ObjectIdentity {
  if (!(value instanceof Map)) {
    throw new FieldProblem(
      [],
      `found ${describe(value)}, wanted a mapping with apiVersion, kind and metadata`,
    );
  }
  refuseOtherSpellings(value);
  const apiVersion = requireText(value, 'apiVersion');
  const kind = requireText(value, 'kind');
  refuseUnregistered(apiVersion, kind);
  refuseMistyped('metadata', checkShape(value.get('metadata'), metadataShape));
  const spec = specShapes.get(kind);
  if (spec !== undefined) refuseMistyped('spec', checkShape(value.get('spec'), spec));
  const metadata = value.get('metadata');
  const name = metadata instanceof Map ? metadata.get('name') : undefined;
  if (typeof name === 'string' && name !== '') return { apiVersion, kind, name };
  throw new FieldProblem(
    metadata instanceof Map ? ['metadata', 'name'] : ['metadata'],
    'metadata.name is missing, wanted a name',
    'Objects in a bundle are found by their name; generateName does not give one',
  );
}

const withLists = (kinds: readonly string[]): string[] => kinds.flatMap((kind) => [kind, `${kind}List`]);

const registered: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    'tekton.dev/v1': ['Task', 'Pipeline', 'TaskRun', 'PipelineRun'],
    'tekton.dev/v1beta1': ['Task', 'Pipeline', 'TaskRun', 'PipelineRun', 'CustomRun', 'StepAction'],
    'tekton.dev/v1alpha1': ['Run', 'StepAction', 'VerificationPolicy'],
  }).map(([version, kinds]) => [version, new Set(withLists(kinds))]),
);

function refuseUnregistered(apiVersion: string, kind: string): void {
  const kinds = registered.get(apiVersion);
  if (kinds === undefined) {
    const versions = [...registered.keys()].join(', ');
    throw new FieldProblem(
      ['apiVersion'],
      `apiVersion is ${quote(apiVersion)}, wanted one that Tekton can resolve: ${versions}`,
    );
  }
  if (!kinds.has(kind)) {
    const allowed = [...kinds].filter((name) => !name.endsWith('List')).join(', ');
    const elsewhere = [...registered].filter(([, others]) => others.has(kind)).map(([version]) => version);
    throw new FieldProblem(
      ['kind'],
      `kind is ${quote(kind)}, wanted one that ${apiVersion} has: ${allowed}`,
      elsewhere.length > 0 ? `${kind} is a kind of ${elsewhere.join(' and ')}` : undefined,
    );
  }
  if (kind.endsWith('List')) {
    throw new FieldProblem(
      ['kind'],
      `kind is ${quote(kind)}, wanted single objects: the resolver finds no object inside a list`,
      'Write its items as documents of their own, separated by --- lines',
    );
  }
}

/** Go finds apiVersion and kind whatever their case, and the rest not; such a document means two things. */
function refuseOtherSpellings(object: YamlMap): void {
  for (const key of object.keys()) {
    if (key.length > 12 || key === 'apiVersion' || key === 'kind') continue;
    const folded = key.toLowerCase().replaceAll('\u017f', 's');
    if (folded !== 'apiversion' && folded !== 'kind') continue;
    const wanted = folded === 'kind' ? 'kind' : 'apiVersion';
    throw new FieldProblem([key], `found the field ${quote(key)}, wanted it spelt ${wanted}`);
  }
}

function requireText(object: YamlMap, field: 'apiVersion' | 'kind'): string {
  const value = object.get(field);
  if (typeof value === 'string' && value !== '') return value;
  const missing = value === undefined || value === null || value === '';
  throw new FieldProblem(
    [field],
    missing ? `${field} is missing` : `${field} is ${describe(value)}, wanted a string`,
    'A Tekton object starts with apiVersion: tekton.dev/v1 and kind: Task or Pipeline',
  );
}

function refuseMistyped(root: string, problem: ShapeProblem | undefined): void {
  if (problem === undefined) return;
  const path = [root, ...problem.path];
  const quotable = problem.wanted === 'a string' && typeof problem.found !== 'object';
  throw new FieldProblem(
    path,
    `${formatPath(path)} is ${describe(problem.found)}, wanted ${problem.wanted}`,
    quotable ? 'Quote the value: YAML reads it as a number or as true or false without quotes' : undefined,
  );
}

function formatPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${quote(part)}]`;
  }
  return text;
}

function describe(value: YamlValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a mapping';
  if (typeof value === 'string') return `the string ${quote(value)}`;
  return typeof value === 'boolean' ? String(value) : `the number ${value}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
