import { type FieldType, registeredKinds, type StructType } from '../../../src/tekton/objects/fields.js';

/** A place of a Task or a Pipeline with two values that mean something else there, as JSON of whole objects. */
export interface SignedPlace {
  readonly apiVersion: string;
  readonly kind: string;
  /** Keys, with [] for an item of a list and {} for a value of a mapping. */
  readonly path: string;
  readonly one: string;
  readonly other: string;
  /** Whether a signature covers it. */
  readonly isCovered: boolean;
}

/** Of the metadata of an object; everything in its spec is covered. */
const coveredMetadata = ['name', 'generateName', 'namespace', 'labels', 'annotations'];

type Wrap = (value: string) => string;

/** Every place that the table of fields names in the kinds that clusters verify, but for structs within themselves. */
export function signedPlaces(): SignedPlace[] {
  return [...registeredKinds()].flatMap(([apiVersion, kinds]) =>
    ['Task', 'Pipeline'].flatMap((kind) => {
      const type = kinds.get(kind);
      if (type === undefined) return [];
      const head = `"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)}`;
      const places: SignedPlace[] = [];
      const visit = (part: FieldType, path: readonly string[], wrap: Wrap, within: readonly StructType[]) => {
        const [top, second] = path;
        const isCovered = top === 'spec' || coveredMetadata.includes(second ?? '');
        const values = valuesOf(part);
        if (path.length > 0 && values !== undefined) {
          const [one, other] = values.map((value) => `{${head},${wrap(value).slice(1)}`) as [string, string];
          places.push({ apiVersion, kind, path: path.join('.'), one, other, isCovered });
        }
        if (part.is === 'list') visit(part.of.type, [...path, '[]'], (value) => wrap(`[${value}]`), within);
        if (part.is === 'map')
          visit(part.of.type, [...path, '{}'], (value) => wrap(`{"k":${value}}`), within);
        if (part.is !== 'struct' || within.includes(part)) return;
        for (const [name, field] of part.fields) {
          if (path.length === 0 && name !== 'metadata' && name !== 'spec') continue;
          // A value that is not there cannot be written by Tekton.
          const needed = [...part.fields.values()]
            .filter((one) => one.type.is === 'param-value' && !one.isPointer && one.name !== name)
            .map((one) => `,${JSON.stringify(one.name)}:"v"`)
            .join('');
          const inner: Wrap = (value) => wrap(`{${JSON.stringify(name)}:${value}${needed}}`);
          visit(field.type, [...path, name], inner, [...within, part]);
        }
      };
      visit(type, [], (value) => value, []);
      return places;
    }),
  );
}

/** Two values that differ once they are decoded; undefined for structs, whose fields are looked at. */
function valuesOf(type: FieldType): readonly [string, string] | undefined {
  switch (type.is) {
    case 'struct':
      return undefined;
    case 'list':
      return hasNeeded(type.of.type) ? undefined : ['[]', '[null]'];
    case 'map':
      return hasNeeded(type.of.type) ? undefined : ['{}', '{"k":null}'];
    default:
      return scalars[type.is];
  }
}

/** Null is an empty struct in a list, which a struct with a value of a param cannot be. */
function hasNeeded(type: FieldType): boolean {
  return (
    type.is === 'struct' &&
    [...type.fields.values()].some((field) => field.type.is === 'param-value' && !field.isPointer)
  );
}

const scalars = {
  bool: ['true', 'false'],
  string: ['"a<b"', '"a&b"'],
  int32: ['5', '0'],
  int64: ['5000000000', '-1'],
  duration: ['"90s"', '"1500us"'],
  'int-or-string': ['5', '"5"'],
  'int64-or-string': ['5', '"5"'],
  'param-value': ['["a","b"]', '[1, "b"]'],
  quantity: ['"1.5Gi"', '"0.5"'],
  raw: ['{"b":1.0,"a":"<"}', '{"b":1.0,"a":">"}'],
  time: ['"2026-01-02T03:04:05+01:00"', '"2026-01-02T03:04:05Z"'],
} as const;
