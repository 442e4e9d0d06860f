import type { YamlValue } from '../yaml/value.js';
import type { Shape } from './field-shapes.js';

/** A field whose value its Go type cannot take. */
export interface ShapeProblem {
  readonly path: readonly (string | number)[];
  readonly wanted: string;
  readonly found: YamlValue;
}

/** The first field, in the order of the table, that Go's JSON decoder would refuse; null fits everywhere. */
export function checkShape(value: YamlValue | undefined, shape: Shape): ShapeProblem | undefined {
  return check(value, shape, []);
}

type Path = readonly (string | number)[];

function check(value: YamlValue | undefined, shape: Shape, path: Path): ShapeProblem | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof shape === 'string') {
    return scalars[shape].fits(value) ? undefined : { path, wanted: scalars[shape].wanted, found: value };
  }
  if ('list' in shape) return checkList(value, shape.list, path);
  if (!(value instanceof Map)) return { path, wanted: 'a mapping', found: value };
  if ('map' in shape) {
    for (const [key, item] of value) {
      const problem = check(item, shape.map, [...path, key]);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  for (const [name, field] of Object.entries(shape.fields())) {
    const item = value.get(name);
    if (item === undefined || item === null || (field === 'string' && typeof item === 'string')) continue;
    const problem = check(item, field, [...path, name]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkList(value: YamlValue, shape: Shape, path: Path): ShapeProblem | undefined {
  if (!Array.isArray(value)) return { path, wanted: 'a list', found: value };
  for (const [index, item] of value.entries()) {
    const problem = check(item, shape, [...path, index]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

interface ScalarRule {
  readonly wanted: string;
  fits(value: YamlValue): boolean;
}

const duration = /^[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const time =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})$/;

const scalars: Readonly<Record<Extract<Shape, string>, ScalarRule>> = {
  string: { wanted: 'a string', fits: (value) => typeof value === 'string' },
  boolean: { wanted: 'true or false', fits: (value) => typeof value === 'boolean' },
  integer: {
    wanted: 'a whole number',
    fits: (value) => typeof value === 'number' && Number.isInteger(value),
  },
  duration: {
    wanted: 'a duration such as "1h30m"',
    fits: (value) => typeof value === 'string' && duration.test(value),
  },
  time: {
    wanted: 'a time such as "2006-01-02T15:04:05Z"',
    fits: (value) => typeof value === 'string' && time.test(value),
  },
  object: { wanted: 'a mapping', fits: (value) => value instanceof Map },
};
