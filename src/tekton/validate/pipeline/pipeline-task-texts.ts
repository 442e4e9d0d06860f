import type { Text } from '../field.js';
import type { Container, When } from '../task/read-task.js';
import { type Param, textsOf } from '../values/read-params.js';
import { expressionsIn } from '../variables/expressions.js';
import type { PipelineTask } from './read-pipeline.js';

/** A text with variables in it, and all the variables of the value that it is part of. */
export interface Used {
  readonly at: Text;
  readonly expressions: readonly string[];
}

/** Values of `params`, and `when`: where the results and the status of other tasks are looked at. */
export function usesOfOthers({ params, when }: Pick<PipelineTask, 'params' | 'when'>): Used[] {
  return [...params.map(usedByParam), ...when.map(usedByWhen)];
}

/** Every param that a task is given, those of its matrix too. */
export function allParams({ params, matrix }: PipelineTask): Param[] {
  if (matrix === undefined) return [...params];
  return [...params, ...matrix.params, ...matrix.include.flatMap((include) => include.params)];
}

export function usedByParam({ value }: Param): Used {
  return { at: value.text, expressions: textsOf(value).flatMap(({ text }) => expressionsIn(text)) };
}

function usedByWhen({ path, input, cel, values }: When): Used {
  const texts = [input, cel, ...values];
  return { at: { text: '', path }, expressions: texts.flatMap(({ text }) => expressionsIn(text)) };
}

/** Everything that can make a task depend on another. */
export function dependencyUses(task: PipelineTask, { beta }: { readonly beta: boolean }): Used[] {
  const uses = [...allParams(task).map(usedByParam), ...task.when.map(usedByWhen)];
  // v1beta1 does not look into embedded tasks.
  if (beta || task.taskSpec === undefined) return uses;
  const containers: readonly Container[] = [...task.taskSpec.steps, ...task.taskSpec.sidecars];
  const texts = containers.flatMap(containerTexts);
  return [...uses, ...texts.map((at) => ({ at, expressions: expressionsIn(at.text) }))];
}

function containerTexts(container: Container): Text[] {
  const { name, image, imagePullPolicy, script, workingDir, command, args, env = [] } = container;
  const variables = env.flatMap(({ value, sources }) => [value, ...sources]);
  return [name, image, imagePullPolicy, script, workingDir, ...command, ...args, ...variables];
}
