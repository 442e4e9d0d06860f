import { toCanonicalJson } from './canonical-json.js';
import type { TektonObject } from './object.js';
import { mapsIn, objectValue, textIn, valueIn } from './object-value.js';
import type { YamlMap, YamlValue } from './yaml/value.js';

/** What a user of an object wants to know of it. */
export interface ObjectFacts {
  readonly description: string | null;
  readonly params: readonly ParamFacts[];
  readonly workspaces: readonly WorkspaceFacts[];
  readonly results: readonly ResultFacts[];
  readonly images: readonly ImageFacts[];
}

export interface ParamFacts {
  readonly name: string;
  readonly type: string;
  /** JSON; null where the param is required. */
  readonly default: unknown;
  readonly required: boolean;
  readonly description: string | null;
}

export interface WorkspaceFacts {
  readonly name: string;
  readonly optional: boolean;
  readonly description: string | null;
}

export interface ResultFacts {
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
}

export interface ImageFacts {
  /** As written. */
  readonly image: string;
  /** E.g. `tasks.build.steps.compile`. */
  readonly at: string;
  readonly pinned: boolean;
}

/** Reads them from a Task, Pipeline or StepAction of any version; what is not as it should be is left out. */
export function objectFacts(object: Pick<TektonObject, 'json'>): ObjectFacts {
  const spec = valueIn(objectValue(object), 'spec');
  return {
    description: textIn(spec, 'description') ?? null,
    params: named(spec, 'params').map(paramFacts),
    workspaces: named(spec, 'workspaces').map(({ name, map }) => ({
      name,
      optional: map.get('optional') === true,
      description: textIn(map, 'description') ?? null,
    })),
    results: named(spec, 'results').map(({ name, map }) => ({
      name,
      type: textIn(map, 'type') ?? 'string',
      description: textIn(map, 'description') ?? null,
    })),
    images: imagesOf(spec, ''),
  };
}

interface Named {
  readonly name: string;
  readonly map: YamlMap;
}

function named(spec: YamlValue | undefined, key: string): Named[] {
  return mapsIn(valueIn(spec, key)).flatMap((map) => {
    const name = textIn(map, 'name');
    return name === undefined ? [] : [{ name, map }];
  });
}

function paramFacts({ name, map }: Named): ParamFacts {
  const value = map.get('default');
  const type =
    textIn(map, 'type') ?? (Array.isArray(value) ? 'array' : value instanceof Map ? 'object' : 'string');
  return {
    name,
    type,
    default: value === undefined ? null : JSON.parse(new TextDecoder().decode(toCanonicalJson(value))),
    required: value === undefined,
    description: textIn(map, 'description') ?? null,
  };
}

/** Images of steps, sidecars and the step template; in a pipeline those of its embedded tasks. */
function imagesOf(spec: YamlValue | undefined, at: string): ImageFacts[] {
  const images: ImageFacts[] = [];
  const add = (image: string | undefined, place: string) => {
    if (image !== undefined && image !== '') images.push({ image, at: at + place, pinned: isPinned(image) });
  };
  add(textIn(spec, 'image'), 'image');
  add(textIn(spec, 'stepTemplate', 'image'), 'stepTemplate');
  for (const list of ['steps', 'sidecars']) {
    for (const [index, map] of mapsIn(valueIn(spec, list)).entries()) {
      add(textIn(map, 'image'), `${list}.${textIn(map, 'name') ?? index}`);
    }
  }
  for (const list of ['tasks', 'finally']) {
    for (const [index, map] of mapsIn(valueIn(spec, list)).entries()) {
      const place = `${at}${list}.${textIn(map, 'name') ?? index}.`;
      images.push(...imagesOf(valueIn(map, 'taskSpec'), place));
    }
  }
  return images;
}

function isPinned(image: string): boolean {
  return /@sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(image);
}
