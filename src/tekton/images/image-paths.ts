import type { YamlMap, YamlValue } from '../yaml/value.js';

export type FieldPath = readonly (string | number)[];

/**
 * Where a Tekton object names the images of its containers: in steps, sidecars and the step template of a Task, in
 * the Tasks that a Pipeline or a run embeds, and in a StepAction. Only fields that hold text are given.
 */
export function imagePaths(object: YamlValue): FieldPath[] {
  if (!(object instanceof Map)) return [];
  const spec = object.get('spec');
  switch (object.get('kind')) {
    case 'Task':
      return taskImages(spec, ['spec']);
    case 'Pipeline':
      return pipelineImages(spec, ['spec']);
    case 'TaskRun':
      return taskImages(field(spec, 'taskSpec'), ['spec', 'taskSpec']);
    case 'PipelineRun':
      return pipelineImages(field(spec, 'pipelineSpec'), ['spec', 'pipelineSpec']);
    case 'StepAction':
      return ownImage(spec, ['spec']);
    default:
      return [];
  }
}

/** The value at a path, undefined where there is none. */
export function valueAt(object: YamlValue, path: FieldPath): YamlValue | undefined {
  let value: YamlValue | undefined = object;
  for (const part of path) {
    if (typeof part === 'string') value = field(value, part);
    else value = Array.isArray(value) ? value[part] : undefined;
  }
  return value;
}

function pipelineImages(spec: YamlValue | undefined, path: FieldPath): FieldPath[] {
  return ['tasks', 'finally'].flatMap((list) =>
    items(spec, list).flatMap((task, index) => [
      ...taskImages(field(task, 'taskSpec'), [...path, list, index, 'taskSpec']),
      ...pipelineImages(field(task, 'pipelineSpec'), [...path, list, index, 'pipelineSpec']),
    ]),
  );
}

function taskImages(spec: YamlValue | undefined, path: FieldPath): FieldPath[] {
  return [
    ...ownImage(field(spec, 'stepTemplate'), [...path, 'stepTemplate']),
    ...['steps', 'sidecars'].flatMap((list) =>
      items(spec, list).flatMap((container, index) => ownImage(container, [...path, list, index])),
    ),
  ];
}

function ownImage(container: YamlValue | undefined, path: FieldPath): FieldPath[] {
  return typeof field(container, 'image') === 'string' ? [[...path, 'image']] : [];
}

function items(parent: YamlValue | undefined, key: string): readonly YamlValue[] {
  const value = field(parent, key);
  return Array.isArray(value) ? value : [];
}

function field(parent: YamlValue | undefined, key: string): YamlValue | undefined {
  return parent instanceof Map ? (parent as YamlMap).get(key) : undefined;
}
