import type { FieldPath } from './field-path.js';
import type { FieldType, ListType, MapType, ScalarName, StructType } from './fields.js';
import { type LiteralValue, NumberLiteral } from './from-json.js';
import { isQuantity, isQuotedQuantity, isTime, likelyQuantities, parseDuration } from './go-values.js';

type Found = LiteralValue;

/** A field whose value its Go type cannot take. */
export interface Mistyped {
  readonly path: FieldPath;
  readonly found: Found;
  readonly wanted: string;
  readonly hint: string | undefined;
}

/** The first field in a value that Go's JSON decoder would refuse; fields that the type does not have hold anything. */
export function findMistyped(value: Found, type: StructType): Mistyped | undefined {
  return checkValue(value, type);
}

/** Null fits everywhere: durations, whose decoder would refuse it, are pointers. The path is made where a problem is. */
function checkValue(value: Found, type: FieldType): Mistyped | undefined {
  if (value === null) return undefined;
  switch (type.is) {
    case 'struct':
      return checkStruct(value, type);
    case 'list':
      return checkList(value, type);
    case 'map':
      return checkMap(value, type);
    default: {
      const rule = scalars[type.is];
      return rule.fits(value) ? undefined : mistyped(value, rule.wanted, rule.hint?.(value));
    }
  }
}

function checkStruct(value: Found, type: StructType): Mistyped | undefined {
  if (!(value instanceof Map)) return mistyped(value, 'a mapping', mappingHint(value, type));
  const { fields } = type;
  for (const [key, item] of value) {
    const field = fields.get(key);
    if (field === undefined || (typeof item === 'string' && field.type.is === 'string')) continue;
    const problem = checkValue(item, field.type);
    if (problem !== undefined) return under(key, problem);
  }
  return undefined;
}

function checkList(value: Found, { of }: ListType): Mistyped | undefined {
  if (!Array.isArray(value)) return mistyped(value, 'a list', listHint(value, of.type));
  for (let index = 0; index < value.length; index++) {
    const problem = checkValue(value[index] as Found, of.type);
    if (problem !== undefined) return under(index, problem);
  }
  return undefined;
}

function checkMap(value: Found, { of }: MapType): Mistyped | undefined {
  if (!(value instanceof Map)) return mistyped(value, 'a mapping', undefined);
  for (const [key, item] of value) {
    const problem = checkValue(item, of.type);
    if (problem !== undefined) return under(key, problem);
  }
  return undefined;
}

function mistyped(found: Found, wanted: string, hint: string | undefined): Mistyped {
  return { path: [], found, wanted, hint };
}

function under(part: string | number, problem: Mistyped): Mistyped {
  return { ...problem, path: [part, ...problem.path] };
}

interface ScalarRule {
  readonly wanted: string;
  fits(value: Found): boolean;
  hint?(value: Found): string | undefined;
}

const scalars: Readonly<Record<ScalarName, ScalarRule>> = {
  raw: { wanted: 'anything', fits: () => true },
  'param-value': { wanted: 'anything', fits: () => true },
  bool: {
    wanted: 'true or false',
    fits: (value) => typeof value === 'boolean',
    hint: (value) => (value === 'true' || value === 'false' ? `Write ${value} without quotes` : undefined),
  },
  string: {
    wanted: 'a string',
    fits: (value) => typeof value === 'string',
    hint: (value) =>
      typeof value === 'object' && !(value instanceof NumberLiteral)
        ? undefined
        : 'Quote the value: YAML reads it as a number or as true or false without quotes',
  },
  int32: wholeNumber(31n),
  int64: wholeNumber(63n),
  'int-or-string': {
    wanted: 'a string, or a whole number from -2147483648 to 2147483647',
    fits: (value) => typeof value === 'string' || isWhole(value, 31n),
  },
  'int64-or-string': {
    wanted: 'a string or a whole number',
    fits: (value) => typeof value === 'string' || isWhole(value, 63n),
  },
  duration: {
    wanted: 'a duration such as "1h30m"',
    fits: (value) => typeof value === 'string' && parseDuration(value) !== undefined,
    hint: durationHint,
  },
  time: {
    wanted: 'a time such as "2006-01-02T15:04:05Z"',
    fits: (value) => typeof value === 'string' && isTime(value),
  },
  quantity: {
    wanted: 'a quantity such as "500m" or "512Mi"',
    fits: (value) =>
      typeof value === 'string'
        ? isQuotedQuantity(value)
        : isNumber(value) && isQuantity(value instanceof NumberLiteral ? value.text : String(value)),
    hint: quantityHint,
  },
};

function wholeNumber(bits: bigint): ScalarRule {
  const limit = 1n << bits;
  return {
    wanted: `a whole number from ${-limit} to ${limit - 1n}`,
    fits: (value) => isWhole(value, bits),
    hint: (value) =>
      typeof value === 'string' && /^-?[0-9]+$/.test(value) ? 'Write the number without quotes' : undefined,
  };
}

function isWhole(value: Found, bits: bigint): boolean {
  if (typeof value === 'number' ? !Number.isInteger(value) : typeof value !== 'bigint') return false;
  const limit = 1n << bits;
  const whole = BigInt(value as number | bigint);
  return whole >= -limit && whole < limit;
}

function isNumber(value: Found): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberLiteral;
}

function durationHint(value: Found): string | undefined {
  const digits =
    typeof value === 'string' ? /^[0-9]+$/.exec(value)?.[0] : isWhole(value, 63n) ? value : undefined;
  if (digits !== undefined) return `Add a unit: "${String(digits)}s" or "${String(digits)}m"`;
  return usesVariable(value) ? decodedFirst : undefined;
}

function quantityHint(value: Found): string | undefined {
  if (usesVariable(value)) return `${decodedFirst}; a TaskRun sets resources by stepSpecs`;
  const likely = typeof value === 'string' ? likelyQuantities(value) : [];
  return likely.length === 0 ? undefined : `Write ${likely.join(' or ')}`;
}

const decodedFirst = 'Tekton decodes the object before it fills in params, so none is possible here';

function usesVariable(value: Found): boolean {
  return typeof value === 'string' && value.includes('$(');
}

/** `{type: RuntimeDefault}` for a text that is where a mapping belongs. */
function mappingHint(value: Found, { fields }: StructType): string | undefined {
  const [first] = fields.values();
  if (typeof value !== 'string' || first?.type.is !== 'string') return undefined;
  if (!/^[\w./:@-]{1,80}$/.test(value)) return undefined;
  return ['name', 'type', 'claimName', 'secretName'].includes(first.name)
    ? `Write {${first.name}: ${value}}`
    : undefined;
}

function listHint(value: Found, of: FieldType): string | undefined {
  if (typeof value === 'string' && of.is === 'string' && value.length <= 80)
    return `Write [${JSON.stringify(value)}]`;
  return value instanceof Map && of.is === 'struct' ? 'Write a - before the first key' : undefined;
}
