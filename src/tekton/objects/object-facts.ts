import { bundlePaths, imagePaths } from '../images/image-paths.js';
import { readStepImage } from '../images/step-image.js';
import type { YamlMap, YamlValue } from '../yaml/value.js';
import { toCanonicalJson } from './canonical-json.js';
import { type FieldPath, valueAt } from './field-path.js';
import type { TektonObject } from './object.js';

/** What a user of an object needs to know about it. */
export interface ObjectFacts {
  readonly description: string | null;
  readonly params: readonly ParamFacts[];
  readonly workspaces: readonly WorkspaceFacts[];
  readonly results: readonly ResultFacts[];
  readonly images: readonly ImageFacts[];
  /** Bundles that it takes other objects from. */
  readonly bundles: readonly BundleFacts[];
}

/** A parameter that an object declares. */
export interface ParamFacts {
  readonly name: string;
  readonly type: string;
  /** JSON; null where the param is required. */
  readonly default: unknown;
  readonly required: boolean;
  readonly description: string | null;
}

/** A workspace that an object declares. */
export interface WorkspaceFacts {
  readonly name: string;
  readonly optional: boolean;
  readonly description: string | null;
}

/** A result that an object declares. */
export interface ResultFacts {
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
}

/** An image that an object names. */
export interface ImageFacts {
  /** As written. */
  readonly image: string;
  /** E.g. `tasks.build.steps.compile`. */
  readonly at: string;
  readonly pinned: boolean;
}

/** A bundle that an object refers to. */
export interface BundleFacts {
  /** As written. */
  readonly bundle: string;
  /** E.g. `tasks.build.taskRef`. */
  readonly at: string;
  readonly pinned: boolean;
}

/** Reads them from a Task, Pipeline or StepAction of any version; what is not as it should be is left out. */
export function objectFacts({ value }: Pick<TektonObject, 'value'>): ObjectFacts {
  const spec = valueAt(value, ['spec']);
  return {
    description: textAt(spec, ['description']) ?? null,
    params: named(spec, 'params').map(paramFacts),
    workspaces: named(spec, 'workspaces').map(({ name, map }) => ({
      name,
      optional: map.get('optional') === true,
      description: textAt(map, ['description']) ?? null,
    })),
    results: named(spec, 'results').map(({ name, map }) => ({
      name,
      type: textAt(map, ['type']) ?? 'string',
      description: textAt(map, ['description']) ?? null,
    })),
    images: imagesOf(value),
    bundles: bundlesOf(value),
  };
}

interface Named {
  readonly name: string;
  readonly map: YamlMap;
}

function named(spec: YamlValue | undefined, key: string): Named[] {
  const list = spec === undefined ? undefined : valueAt(spec, [key]);
  return (Array.isArray(list) ? list : []).flatMap((map) => {
    const name = textAt(map, ['name']);
    return map instanceof Map && name !== undefined ? [{ name, map }] : [];
  });
}

function paramFacts({ name, map }: Named): ParamFacts {
  const value = map.get('default');
  const type =
    textAt(map, ['type']) ?? (Array.isArray(value) ? 'array' : value instanceof Map ? 'object' : 'string');
  return {
    name,
    type,
    default: value === undefined ? null : JSON.parse(new TextDecoder().decode(toCanonicalJson(value))),
    required: value === undefined,
    description: textAt(map, ['description']) ?? null,
  };
}

function imagesOf(object: YamlValue): ImageFacts[] {
  return imagePaths(object).map((path) => {
    const image = String(valueAt(object, path));
    return { image, at: describePath(object, path), pinned: readStepImage(image).form === 'digest' };
  });
}

function bundlesOf(object: YamlValue): BundleFacts[] {
  return bundlePaths(object).map((path) => {
    const bundle = String(valueAt(object, path));
    const at = describePath(object, path.slice(0, -3));
    return { bundle, at, pinned: readStepImage(bundle).form === 'digest' };
  });
}

/** `tasks.build.steps.compile` for the image of a step: names if there are any, without uninformative words. */
export function describePath(object: YamlValue, path: FieldPath): string {
  const telling = path.flatMap((part, index) => {
    if (typeof part === 'number')
      return [textAt(object, [...path.slice(0, index + 1), 'name']) ?? String(part)];
    return ['spec', 'taskSpec', 'pipelineSpec', 'image'].includes(part) ? [] : [part];
  });
  return telling.join('.') || 'image';
}

function textAt(value: YamlValue | undefined, path: FieldPath): string | undefined {
  const found = value === undefined ? undefined : valueAt(value, path);
  return typeof found === 'string' ? found : undefined;
}
