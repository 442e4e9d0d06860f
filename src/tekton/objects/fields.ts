import { fieldTable } from './field-table.js';

/** What a field holds, by its Go type. */
export type FieldType = ScalarType | ListType | MapType | StructType;

/** Types without others inside; the names of the table. */
export type ScalarName =
  | 'bool'
  | 'duration'
  | 'int-or-string'
  | 'int32'
  | 'int64'
  | 'int64-or-string'
  | 'param-value'
  | 'quantity'
  | 'raw'
  | 'string'
  | 'time';

export interface ScalarType {
  readonly is: ScalarName;
}

export interface ListType {
  readonly is: 'list';
  readonly of: Slot;
}

export interface MapType {
  readonly is: 'map';
  readonly of: Slot;
}

export interface StructType {
  readonly is: 'struct';
  /** E.g. `v1.Step` or `core.EnvVar`. */
  readonly name: string;
  /** In the order of the Go struct. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** A place for a value: its type, and whether Go has a pointer there, which null clears. */
export interface Slot {
  readonly type: FieldType;
  readonly isPointer: boolean;
}

export interface Field extends Slot {
  readonly name: string;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
}

/** The kinds that Tekton's scheme knows, by apiVersion. */
export function registeredKinds(): ReadonlyMap<string, ReadonlyMap<string, StructType>> {
  known ??= readFieldTable(fieldTable);
  return known;
}

let known: ReadonlyMap<string, ReadonlyMap<string, StructType>> | undefined;

/** The Go type of an object; undefined where Tekton has no such kind. */
export function objectType(apiVersion: string, kind: string): StructType | undefined {
  return registeredKinds().get(apiVersion)?.get(kind);
}

/** Reads a table; of two lines for a struct the last counts. */
export function readFieldTable(table: string): ReadonlyMap<string, ReadonlyMap<string, StructType>> {
  const structs = new Map<string, Struct>();
  const kinds = new Map<string, Map<string, StructType>>();
  const struct = (name: string): Struct => {
    const found = structs.get(name) ?? new Struct(name, struct);
    structs.set(name, found);
    return found;
  };
  for (const line of table.trim().split('\n')) {
    const [, apiVersion, kind, type] = /^(\S+) (\S+) = (\S+)$/.exec(line) ?? [];
    if (apiVersion !== undefined && kind !== undefined && type !== undefined) {
      kinds.set(apiVersion, (kinds.get(apiVersion) ?? new Map()).set(kind, struct(type)));
    } else {
      const colon = line.indexOf(':');
      struct(line.slice(0, colon)).text = line.slice(colon + 1);
    }
  }
  return kinds;
}

/** Read when it is first looked into: a Task needs few of the types. */
class Struct implements StructType {
  readonly is = 'struct';
  readonly name: string;
  text = '';
  readonly #struct: (name: string) => StructType;
  #fields: ReadonlyMap<string, Field> | undefined;

  constructor(name: string, struct: (name: string) => StructType) {
    this.name = name;
    this.#struct = struct;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= new Map(
      this.text
        .split(',')
        .filter((part) => part.trim() !== '')
        .map((part) => {
          const [name = '', type = ''] = part.trim().split(' ');
          const field = {
            ...this.#slot(type),
            name: name.replace(/[?~]+$/, ''),
            omitEmpty: name.includes('?'),
            omitZero: name.includes('~'),
          };
          return [field.name, field];
        }),
    );
    return this.#fields;
  }

  #slot(text: string): Slot {
    if (text.startsWith('*')) return { ...this.#slot(text.slice(1)), isPointer: true };
    const inner = text.slice(2);
    if (text.startsWith('[]')) return { type: { is: 'list', of: this.#slot(inner) }, isPointer: false };
    if (text.startsWith('{}')) return { type: { is: 'map', of: this.#slot(inner) }, isPointer: false };
    if (text.includes('.')) return { type: this.#struct(text), isPointer: false };
    return { type: { is: text as ScalarName }, isPointer: false };
  }
}
