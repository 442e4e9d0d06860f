import type { FieldPath } from '../../objects/field-path.js';
import { child, type Field, items, optional, type Text, textAt, textsAt } from '../field.js';
import {
  namesAt,
  type Ref,
  readRef,
  readTaskSpec,
  readWhen,
  type TaskSpec,
  type When,
} from '../task/read-task.js';
import {
  type Defaulting,
  type Param,
  type ParamSpec,
  type ParamValue,
  readParamSpecs,
  readParams,
  readValue,
} from '../values/read-params.js';

export interface PipelineSpec {
  readonly path: FieldPath;
  /** True where no field holds anything. */
  readonly isEmpty: boolean;
  readonly tasks: readonly PipelineTask[];
  readonly finally: readonly PipelineTask[];
  readonly params: readonly ParamSpec[];
  /** Names of the declared workspaces. */
  readonly workspaces: readonly Text[];
  readonly results: readonly { readonly path: FieldPath; readonly value: ParamValue }[];
  /** Of v1beta1, where it was removed. */
  readonly resources: Field;
}

export interface PipelineTask {
  readonly path: FieldPath;
  readonly name: Text;
  readonly taskRef: Ref | undefined;
  readonly taskSpec: EmbeddedTask | undefined;
  readonly pipelineRef: Ref | undefined;
  readonly pipelineSpec: PipelineSpec | undefined;
  readonly when: readonly When[];
  readonly retries: number;
  readonly runAfter: readonly Text[];
  readonly params: readonly Param[];
  readonly matrix: Matrix | undefined;
  readonly workspaces: readonly { readonly path: FieldPath; readonly name: Text; readonly workspace: Text }[];
  readonly onError: Text;
  /** Of v1beta1, where it was removed. */
  readonly resources: Field;
}

export interface EmbeddedTask extends TaskSpec {
  readonly apiVersion: Text;
  readonly kind: Text;
}

export interface Matrix {
  readonly path: FieldPath;
  readonly params: readonly Param[];
  readonly include: readonly { readonly path: FieldPath; readonly params: readonly Param[] }[];
}

export function readPipelineSpec(field: Field, given: Defaulting): PipelineSpec {
  const tasks = items(child(field, 'tasks')).map((task) => readPipelineTask(task, given));
  const last = items(child(field, 'finally')).map((task) => readPipelineTask(task, given));
  const params = readParamSpecs(child(field, 'params'), given);
  const workspaces = namesAt(field, 'workspaces');
  const results = items(child(field, 'results')).map((result) => ({
    path: result.path,
    value: readValue(child(result, 'value')),
  }));
  const resources = child(field, 'resources');
  const texts = textAt(field, 'displayName').text + textAt(field, 'description').text;
  const lists = [tasks, last, params, workspaces, results, items(resources)];
  return {
    path: field.path,
    isEmpty: texts === '' && lists.every(({ length }) => length === 0),
    tasks,
    finally: last,
    params,
    workspaces,
    results,
    resources,
  };
}

/** True where a task fans out. */
export function isMatrixed({ matrix }: PipelineTask): boolean {
  return matrix !== undefined && (matrix.params.length > 0 || matrix.include.length > 0);
}

function readPipelineTask(field: Field, given: Defaulting): PipelineTask {
  const retries = child(field, 'retries').value;
  return {
    path: field.path,
    name: textAt(field, 'name'),
    taskRef: optional(child(field, 'taskRef'), readRef),
    taskSpec: optional(child(field, 'taskSpec'), (spec) => ({
      ...readTaskSpec(spec, given),
      apiVersion: textAt(spec, 'apiVersion'),
      kind: textAt(spec, 'kind'),
    })),
    pipelineRef: optional(child(field, 'pipelineRef'), readRef),
    pipelineSpec: optional(child(field, 'pipelineSpec'), (spec) =>
      readPipelineSpec(spec, { defaults: false }),
    ),
    when: readWhen(child(field, 'when')),
    retries: typeof retries === 'number' ? retries : 0,
    runAfter: textsAt(field, 'runAfter'),
    params: readParams(child(field, 'params')),
    matrix: optional(child(field, 'matrix'), readMatrix),
    workspaces: items(child(field, 'workspaces')).map((binding) => ({
      path: binding.path,
      name: textAt(binding, 'name'),
      workspace: textAt(binding, 'workspace'),
    })),
    onError: textAt(field, 'onError'),
    resources: child(field, 'resources'),
  };
}

function readMatrix(field: Field): Matrix {
  return {
    path: field.path,
    params: readParams(child(field, 'params')),
    include: items(child(field, 'include')).map((include) => ({
      path: include.path,
      params: readParams(child(include, 'params')),
    })),
  };
}
