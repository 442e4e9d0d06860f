import { type FieldPath, valueAt } from '../objects/field-path.js';
import type { YamlMap, YamlValue } from '../yaml/value.js';

/** Texts grow by substitution; a reference is shorter. */
const longest = 1024;

/**
 * Reads texts of an object as a run would see them that sets no param: with the defaults of the Task, Pipeline or
 * StepAction around them, and the values that a Pipeline gives an embedded Task. Undefined where a param has no text
 * known here, or something other than a param is substituted.
 */
export function createDefaults(object: YamlValue): (path: FieldPath) => string | undefined {
  const scopes = new Map<string, Scope>();
  const scopeAt = (path: FieldPath): Scope => {
    if (path.length === 0) return scopeOf(object, outermost);
    const key = JSON.stringify(path);
    let scope = scopes.get(key);
    if (!scope) {
      scope = scopeOf(valueAt(object, path), scopeAt(path.slice(0, -1)));
      scopes.set(key, scope);
    }
    return scope;
  };
  return (path) => {
    const text = valueAt(object, path);
    return typeof text === 'string' ? substitute(text, scopeAt(path.slice(0, -1))) : undefined;
  };
}

/** Undefined if a run sets it to a value that is unknown here. */
type Params = ReadonlyMap<string, string | undefined>;

interface Scope {
  readonly params: Params;
  readonly outer: Scope | undefined;
  /** What a Pipeline gives the Task right below. */
  readonly given: Params;
}

const none: Params = new Map();
const outermost: Scope = { params: none, outer: undefined, given: none };

function scopeOf(node: YamlValue | undefined, outer: Scope): Scope {
  // Lists pass on what is around them; the params of a resolver belong to nothing around it.
  if (!(node instanceof Map) || node.has('resolver')) return outer;
  const params = listAt(node, 'params');
  const own = declared(params, outer.given);
  const scope = own.size === 0 ? outer : { params: own, outer, given: none };
  return { ...scope, given: new Map([...values(params, scope), ...matrixed(node)]) };
}

function lookUp(name: string, scope: Scope): string | undefined {
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    if (at.params.has(name)) return at.params.get(name);
  }
  return undefined;
}

function declared(params: readonly YamlMap[], given: Params): Params {
  return new Map(
    named(params).flatMap(([name, param]) => {
      if (param.has('value')) return [];
      const fallback = param.get('default');
      const own = typeof fallback === 'string' ? fallback : undefined;
      return [[name, given.has(name) ? given.get(name) : own] as const];
    }),
  );
}

function values(params: readonly YamlMap[], scope: Scope): (readonly [string, string | undefined])[] {
  return named(params).flatMap(([name, param]) => {
    const value = param.get('value');
    return typeof value === 'string' ? [[name, substitute(value, scope)] as const] : [];
  });
}

/** Each run of a matrix has another value. */
function matrixed(node: YamlMap): (readonly [string, undefined])[] {
  const matrix = node.get('matrix');
  if (!(matrix instanceof Map)) return [];
  const lists = [matrix, ...listAt(matrix, 'include')].map((one) => listAt(one, 'params'));
  return named(lists.flat()).map(([name]) => [name, undefined] as const);
}

function named(params: readonly YamlMap[]): (readonly [string, YamlMap])[] {
  return params.flatMap((param) => {
    const name = param.get('name');
    return typeof name === 'string' ? [[name, param] as const] : [];
  });
}

function listAt(node: YamlMap, key: string): YamlMap[] {
  const list = node.get(key);
  return Array.isArray(list) ? list.filter((item): item is YamlMap => item instanceof Map) : [];
}

/** `$(params.NAME)`, also in brackets, and `$(inputs.params.NAME)` of older Tasks. */
const variable = /\$\(([^()]*)\)/g;
const ofParam = /^(?:inputs\.)?params(?:\.([A-Za-z0-9_.-]+)|\[(?:"([^"]+)"|'([^']+)')\])$/;

function substitute(text: string, scope: Scope): string | undefined {
  if (text.length > longest) return undefined;
  let isWhole = true;
  const result = text.replace(variable, (_, inside: string) => {
    const [, plain, double, single] = ofParam.exec(inside) ?? [];
    const name = plain ?? double ?? single;
    const value = name === undefined ? undefined : lookUp(name, scope);
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole && result.length <= longest && !result.includes('$(') ? result : undefined;
}
