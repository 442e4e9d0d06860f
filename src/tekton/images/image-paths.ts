import type { FieldPath } from '../objects/field-path.js';
import type { YamlValue } from '../yaml/value.js';

/**
 * Where a Tekton object names the images of its containers: in steps, sidecars and the step template of a Task, in
 * the Tasks that a Pipeline or a run embeds, and in a StepAction. Only fields that hold text are given.
 */
export function imagePaths(object: YamlValue): FieldPath[] {
  return placesIn(object).flatMap(({ image }) => (image === undefined ? [] : [image]));
}

/** The same, and where it names bundles. */
export function referencePaths(object: YamlValue): FieldPath[] {
  return placesIn(object).flatMap((place) =>
    place.image === undefined ? bundleIn(place.ref) : [place.image],
  );
}

/** Where it names bundles: the param `bundle` of references with `resolver: bundles`. Only text is given. */
export function bundlePaths(object: YamlValue): FieldPath[] {
  return placesIn(object).flatMap(({ ref }) => (ref === undefined ? [] : bundleIn(ref)));
}

function bundleIn({ value, path }: At): FieldPath[] {
  if (field(value, 'resolver') !== 'bundles') return [];
  return items(value, 'params').flatMap((param, index) => {
    const isText = field(param, 'name') === 'bundle' && typeof field(param, 'value') === 'string';
    return isText ? [[...path, 'params', index, 'value']] : [];
  });
}

interface At {
  readonly value: YamlValue | undefined;
  readonly path: FieldPath;
}

/** A field that holds an image, or a reference to another object. */
type Place =
  | { readonly image: FieldPath; readonly ref?: undefined }
  | { readonly image?: undefined; readonly ref: At };

/** In the order of the object's kinds: the text's own order is the business of anyone who shows them. */
function placesIn(object: YamlValue): Place[] {
  const spec = child({ value: object, path: [] }, 'spec');
  switch (field(object, 'kind')) {
    case 'Task':
      return taskPlaces(spec);
    case 'Pipeline':
      return pipelinePlaces(spec);
    case 'TaskRun':
      return [...refPlaces(spec, 'taskRef'), ...taskPlaces(child(spec, 'taskSpec'))];
    case 'PipelineRun':
      return [...refPlaces(spec, 'pipelineRef'), ...pipelinePlaces(child(spec, 'pipelineSpec'))];
    case 'StepAction':
      return containerPlaces(spec);
    default:
      return [];
  }
}

function pipelinePlaces(spec: At): Place[] {
  return ['tasks', 'finally'].flatMap((list) =>
    elements(child(spec, list)).flatMap((task) => [
      ...refPlaces(task, 'taskRef'),
      ...refPlaces(task, 'pipelineRef'),
      ...taskPlaces(child(task, 'taskSpec')),
      ...pipelinePlaces(child(task, 'pipelineSpec')),
    ]),
  );
}

function taskPlaces(spec: At): Place[] {
  const containers = ['steps', 'sidecars'].flatMap((list) => elements(child(spec, list)));
  return [child(spec, 'stepTemplate'), ...containers].flatMap(containerPlaces);
}

function containerPlaces(container: At): Place[] {
  const image = child(container, 'image');
  const own: Place[] = typeof image.value === 'string' ? [{ image: image.path }] : [];
  return [...own, ...refPlaces(container, 'ref')];
}

function refPlaces(parent: At, key: string): Place[] {
  const ref = child(parent, key);
  return ref.value instanceof Map ? [{ ref }] : [];
}

function child({ value, path }: At, key: string): At {
  return { value: field(value, key), path: [...path, key] };
}

function elements({ value, path }: At): At[] {
  return Array.isArray(value) ? value.map((item, index) => ({ value: item, path: [...path, index] })) : [];
}

function items(parent: YamlValue | undefined, key: string): readonly YamlValue[] {
  const value = field(parent, key);
  return Array.isArray(value) ? value : [];
}

function field(parent: YamlValue | undefined, key: string): YamlValue | undefined {
  return parent instanceof Map ? parent.get(key) : undefined;
}
