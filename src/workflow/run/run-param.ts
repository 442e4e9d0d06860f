import { BundlesError } from '../../errors.js';

/** The value of a param as a run holds it: text, a list of texts, or texts by key. */
export type RunValue = string | readonly string[] | Readonly<Record<string, string>>;

/** A param as a Task or Pipeline declares it, by Tekton's defaults. */
export interface DeclaredParam {
  readonly name: string;
  readonly type: 'string' | 'array' | 'object';
  readonly default: RunValue | undefined;
  readonly enum: readonly string[] | undefined;
  /** Keys of an object param. */
  readonly keys: readonly string[] | undefined;
}

/** The params of a Task's or a Pipeline's `spec`; those that make no sense are left out. */
export function declaredParams(spec: unknown): DeclaredParam[] {
  const params = member(spec, 'params');
  return (Array.isArray(params) ? params : []).flatMap((value: unknown) => {
    const name = member(value, 'name');
    return typeof name === 'string' && name !== '' ? [declaredParam(name, value)] : [];
  });
}

function declaredParam(name: string, value: unknown): DeclaredParam {
  const given = member(value, 'default');
  const properties = member(value, 'properties');
  const isObject = typeof properties === 'object' && properties !== null;
  const declared = member(value, 'type');
  const type =
    declared === 'array' || declared === 'object' || declared === 'string'
      ? declared
      : isObject
        ? 'object'
        : kindOf(given);
  const values = member(value, 'enum');
  return {
    name,
    type,
    default: given === undefined || given === null ? undefined : runValue(given),
    enum: Array.isArray(values) && values.length > 0 ? values.map(textOf) : undefined,
    keys: isObject ? Object.keys(properties) : undefined,
  };
}

/**
 * The params of a run: what was given as `NAME=VALUE`, else the defaults, in the order of the declaration. An array
 * takes a JSON list or `a,b,c`, an object a JSON mapping or `key:value,…` as `tkn` has it.
 *
 * @throws USAGE for params that are unknown, missing, given twice, of another type or not in their enum
 */
export function runParams(
  declared: readonly DeclaredParam[],
  given: readonly string[],
): { name: string; value: RunValue }[] {
  const texts = new Map<string, string>();
  for (const pair of given) {
    const [name, text] = splitPair(pair);
    if (texts.has(name)) throw refused(name, 'it is given twice', 'Give each param once');
    texts.set(name, text);
  }
  const names = declared.map(({ name }) => name);
  for (const name of texts.keys()) {
    if (names.includes(name)) continue;
    throw refused(name, 'there is no such param', `It takes ${names.join(', ') || 'no params'}`);
  }
  const missing = declared.filter((param) => param.default === undefined && !texts.has(param.name));
  if (missing.length > 0) {
    const list = missing.map(({ name }) => name).join(', ');
    throw new BundlesError('USAGE', `Cannot run it without values for its params ${list}`, {
      hint: `Add ${missing.map(({ name }) => `--param ${name}=…`).join(' ')}`,
      details: { missing: missing.map(({ name }) => name) },
    });
  }
  return declared.map((param) => {
    const text = texts.get(param.name);
    const value = text === undefined ? param.default : parseValue(param, text);
    return { name: param.name, value: withDefaults(param, value ?? '') };
  });
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
  throw new BundlesError('USAGE', `Cannot use --param ${JSON.stringify(pair)}: wanted NAME=VALUE`);
}

function parseValue(param: DeclaredParam, text: string): RunValue {
  if (param.type === 'string') {
    if (param.enum?.includes(text) === false) {
      throw refused(param.name, `found ${JSON.stringify(text)}, wanted one of ${param.enum.join(', ')}`);
    }
    return text;
  }
  const json = /^\s*[[{]/.test(text) ? parseJson(param.name, text) : undefined;
  if (param.type === 'array') {
    if (json === undefined) return text === '' ? [] : text.split(',');
    if (Array.isArray(json)) return json.map(textOf);
    throw refused(param.name, 'found a mapping, wanted a list', `--param ${param.name}='["a", "b"]'`);
  }
  const value = json === undefined ? pairsOf(param.name, text) : json;
  if (!Array.isArray(value)) return checkKeys(param, runValue(value) as Readonly<Record<string, string>>);
  throw refused(param.name, 'found a list, wanted a mapping', `--param ${param.name}='{"key": "value"}'`);
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused(name, 'found JSON that cannot be read');
  }
}

function pairsOf(name: string, text: string): Record<string, string> {
  const pairs = text.split(',').map((pair): [string, string] => {
    const at = pair.indexOf(':');
    if (at <= 0) throw refused(name, `found ${JSON.stringify(pair)}, wanted key:value`);
    return [pair.slice(0, at).trim(), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

function checkKeys(
  { name, keys, default: value }: DeclaredParam,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const unknown = Object.keys(given).find((key) => keys?.includes(key) === false);
  if (unknown !== undefined) {
    throw refused(name, `it has no key ${JSON.stringify(unknown)}`, `Its keys are ${keys?.join(', ')}`);
  }
  const filled = typeof value === 'object' ? Object.keys(value) : [];
  const missing = keys?.filter((key) => !Object.hasOwn(given, key) && !filled.includes(key)) ?? [];
  if (missing.length > 0) throw refused(name, `its keys ${missing.join(', ')} are missing`);
  return given;
}

/** Keys that are not given come from the default, as Tekton fills them. */
function withDefaults({ type, default: value }: DeclaredParam, given: RunValue): RunValue {
  if (type !== 'object' || typeof value !== 'object' || typeof given !== 'object') return given;
  return { ...(value as Record<string, string>), ...(given as Record<string, string>) };
}

function kindOf(value: unknown): DeclaredParam['type'] {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' && value !== null ? 'object' : 'string';
}

/** As Tekton keeps it: what is not text stays as its JSON text. */
function runValue(value: unknown): RunValue {
  if (Array.isArray(value)) return value.map(textOf);
  if (typeof value !== 'object' || value === null) return textOf(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOf(item)]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function refused(name: string, problem: string, hint?: string): BundlesError {
  return new BundlesError('USAGE', `Cannot use the param ${JSON.stringify(name)}: ${problem}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { param: name },
  });
}
