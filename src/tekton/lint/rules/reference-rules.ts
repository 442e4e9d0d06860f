import { nearest } from '../../../yaml-file/nearest.js';
import type { FieldPath } from '../../objects/field-path.js';
import type { TektonObject } from '../../objects/object.js';
import { child, type Field, optional, textAt } from '../../validate/field.js';
import { type PipelineSpec, readPipelineSpec } from '../../validate/pipeline/read-pipeline.js';
import { quote, type Report } from '../../validate/problem.js';
import { type Ref, readRef, readTaskSpec, type TaskSpec } from '../../validate/task/read-task.js';

/** The params that Tekton's bundles resolver requires, and those that it also accepts. */
const required = ['bundle', 'name'];
const known = [...required, 'kind', 'serviceAccount', 'secret', 'cache'];

/** Finds references to bundles that are incomplete or not pinned. */
export function findLooseReferences(report: Report, object: Field): void {
  for (const { ref } of refsIn(object)) if (ref.resolver.text === 'bundles') lookAtBundle(report, ref);
}

function lookAtBundle(report: Report, { path, params = [] }: Ref): void {
  const names = params.map(({ name }) => name.text);
  const missing = required.filter((name) => !names.includes(name));
  for (const { name } of params) {
    if (known.includes(name.text)) continue;
    const close = nearest(name.text, known);
    const wanted = close === undefined ? `wanted one of ${known.join(', ')}` : `wanted ${close}`;
    report(
      'no-invalid-bundle-ref',
      name,
      `found the param ${quote(name.text)} of the resolver bundles, ${wanted}`,
    );
    if (close !== undefined && missing.includes(close)) missing.splice(missing.indexOf(close), 1);
  }
  for (const name of missing) {
    report(
      'no-invalid-bundle-ref',
      { path },
      `found the resolver bundles without the param ${name}, wanted it`,
    );
  }
  for (const { name, value } of params) {
    const { text } = value.text;
    if (name.text !== 'bundle' || text === '' || text.includes('@') || text.includes('$(')) continue;
    report(
      'unpinned-bundle',
      value,
      `found the bundle ${quote(text)} without a digest, wanted ${text}@sha256:…`,
    );
  }
}

/** A reference by a name alone to an object of the same bundle: a cluster looks for it in the namespace. */
export interface LocalReference {
  readonly object: TektonObject;
  readonly path: FieldPath;
  readonly message: string;
}

export function findLocalReferences(objects: readonly TektonObject[]): LocalReference[] {
  const here = new Set(objects.map(({ kind, name }) => `${kind} ${name}`));
  return objects.flatMap((object) =>
    refsIn({ value: object.value, path: [] }).flatMap(({ kind, ref }) => {
      const isCustom = ref.apiVersion.text !== '' || !['', kind].includes(ref.kind.text);
      if (ref.resolver.text !== '' || isCustom || !here.has(`${kind} ${ref.name.text}`)) return [];
      return [{ object, path: ref.name.path, message: explain(kind, ref.name.text) }];
    }),
  );
}

function explain(kind: FoundRef['kind'], name: string): string {
  const inline = { Task: 'taskSpec with its steps, or ', Pipeline: 'pipelineSpec, or ', StepAction: '' }[
    kind
  ];
  const params = `the params bundle (of another bundle, by digest), name: ${name} and kind: ${kind.toLowerCase()}`;
  return `found the ${kind} ${quote(name)} by its name alone, which is in this bundle: a cluster looks for it in the namespace and never here, wanted ${inline}resolver: bundles with ${params}`;
}

/** A reference to another object, and the kind that it has to be. */
interface FoundRef {
  readonly kind: 'Task' | 'Pipeline' | 'StepAction';
  readonly ref: Ref;
}

const given = { defaults: true };

/** The references of an object and of the specs inside it. */
function refsIn(object: Field): FoundRef[] {
  const spec = child(object, 'spec');
  switch (textAt(object, 'kind').text) {
    case 'Task':
      return taskRefs(readTaskSpec(spec, given));
    case 'Pipeline':
      return pipelineRefs(readPipelineSpec(spec, given));
    case 'TaskRun':
      return [
        ...refOf('Task', optional(child(spec, 'taskRef'), readRef)),
        ...taskRefs(readTaskSpec(child(spec, 'taskSpec'), given)),
      ];
    case 'PipelineRun':
      return [
        ...refOf('Pipeline', optional(child(spec, 'pipelineRef'), readRef)),
        ...pipelineRefs(readPipelineSpec(child(spec, 'pipelineSpec'), given)),
      ];
    default:
      return [];
  }
}

function pipelineRefs({ tasks, finally: last }: PipelineSpec): FoundRef[] {
  return [...tasks, ...last].flatMap(({ taskRef, pipelineRef, taskSpec, pipelineSpec }) => [
    ...refOf('Task', taskRef),
    ...refOf('Pipeline', pipelineRef),
    ...(taskSpec ? taskRefs(taskSpec) : []),
    ...(pipelineSpec ? pipelineRefs(pipelineSpec) : []),
  ]);
}

function taskRefs({ steps }: TaskSpec): FoundRef[] {
  return steps.flatMap(({ ref }) => refOf('StepAction', ref));
}

function refOf(kind: FoundRef['kind'], ref: Ref | undefined): FoundRef[] {
  return ref === undefined ? [] : [{ kind, ref }];
}
