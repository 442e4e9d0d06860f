import type { ObjectOrigin } from '../../tekton/objects/object.js';
import { objectPart, type StoredObject } from '../../tekton/objects/object-part.js';
import type { SchemaProblem } from '../schema-problem.js';

/** An object of a bundle, from sources or read back from a registry. */
export interface SchemaObject extends StoredObject {
  readonly kind: string;
  readonly name: string;
  readonly origin?: ObjectOrigin;
}

/** One of the Pipeline's `spec.params`, as far as a workflow schema is concerned. */
export interface PipelineParam {
  readonly name: string;
  readonly description: string | undefined;
  /** As Tekton has it: text. */
  readonly default: string | undefined;
  readonly enum: readonly string[] | undefined;
}

export interface PipelineParams {
  readonly params: readonly PipelineParam[];
  /** Where the Pipeline is, for messages. */
  readonly where: string;
  readonly problems: readonly SchemaProblem[];
}

/**
 * Finds the one Pipeline that a controller runs, `workflow`, and reads its params by Tekton's rules. The controller
 * sends every value as text, so a param of another type is a problem.
 */
export function pipelineParams(objects: readonly SchemaObject[], bundle: string): PipelineParams {
  const pipeline = objects.find(({ kind, name }) => kind.toLowerCase() === 'pipeline' && name === 'workflow');
  if (pipeline === undefined) return withoutPipeline(objects, bundle);
  const where = whereIs(pipeline);
  const problems: SchemaProblem[] = [];
  const params: PipelineParam[] = [];
  for (const [index, value] of rawParams(pipeline).entries()) {
    const param = readParam(value, { where, index, problems });
    if (param === undefined) continue;
    if (params.some(({ name }) => name === param.name)) {
      const message = `the Pipeline declares the param ${quote(param.name)} twice, wanted once`;
      problems.push({ code: 'SCHEMA_INVALID', rule: 'param-unique', where, message });
    } else params.push(param);
  }
  return { params, where, problems };
}

function withoutPipeline(objects: readonly SchemaObject[], bundle: string): PipelineParams {
  const where = objects[0] === undefined ? `bundle ${quote(bundle)}` : whereIs(objects[0]);
  const held = objects.slice(0, 20).map(({ kind, name }) => `${show(kind)} ${quote(name)}`);
  const message = `the bundle holds ${held.join(', ') || 'nothing'}, wanted a Pipeline named "workflow"`;
  const hint =
    'The controller runs the Pipeline named workflow; rename it, or leave workflow out of this bundle';
  return {
    params: [],
    where,
    problems: [{ code: 'SCHEMA_MISMATCH', rule: 'pipeline-named-workflow', where, message, hint }],
  };
}

function rawParams(pipeline: SchemaObject): readonly unknown[] {
  const params = objectPart(pipeline, ['spec', 'params']);
  return Array.isArray(params) ? params : [];
}

function readParam(
  value: unknown,
  { where, index, problems }: { where: string; index: number; problems: SchemaProblem[] },
): PipelineParam | undefined {
  const name = member(value, 'name');
  if (typeof name !== 'string' || name === '') {
    const message = `the Pipeline's param ${index + 1} has no name, wanted one`;
    problems.push({ code: 'SCHEMA_INVALID', rule: 'param-named', where, message });
    return undefined;
  }
  const given = member(value, 'default');
  const type = member(value, 'type') ?? typeOfDefault(given);
  if (type !== 'string') {
    const message = `the Pipeline's param ${quote(name)} has type ${show(type)}, wanted string`;
    const hint = 'The controller sends every value as text; split or parse it inside the Pipeline';
    problems.push({ code: 'SCHEMA_MISMATCH', rule: 'param-type-string', where, message, hint });
    return undefined;
  }
  const description = member(value, 'description');
  const values = member(value, 'enum');
  return {
    name,
    description:
      typeof description === 'string' && description.trim() !== '' ? description.trim() : undefined,
    default: defaultText(given),
    enum: Array.isArray(values) && values.length > 0 ? values.map(String) : undefined,
  };
}

/** Tekton takes a param without a type for what its default is. */
function typeOfDefault(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' && value !== null ? 'object' : 'string';
}

/** Tekton keeps a number or a boolean as its JSON text, and null as no default. */
function defaultText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function whereIs({ origin, kind, name }: SchemaObject): string {
  if (origin === undefined) return `${show(kind)} ${quote(name)}`;
  return `${show(origin.file)}:${origin.line}`;
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function quote(text: string): string {
  return JSON.stringify(show(text));
}

function show(value: unknown): string {
  return String(value).slice(0, 100);
}
