import type { ParameterType, ParameterValue } from '../declaration.js';
import { compilePattern, type Pattern } from './pattern.js';

/** What the rules look at: a declaration or a parameter of a schema. */
export interface RuledParameter {
  readonly type?: ParameterType;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: ParameterValue;
}

export interface BrokenRule {
  /** Stable name, e.g. `default-in-enum`. */
  readonly rule: string;
  /** The member that breaks it. */
  readonly field: keyof RuledParameter;
  /** What was found and what is wanted. */
  readonly message: string;
}

const quote = (value: unknown): string => JSON.stringify(value);

/** What is wrong inside one parameter, whatever the Pipeline states; type `string` unless given. */
export function brokenRules(parameter: RuledParameter): readonly BrokenRule[] {
  return [...constraintRules(parameter), ...patternRules(parameter), ...defaultRules(parameter)];
}

function* constraintRules(parameter: RuledParameter): Generator<BrokenRule> {
  const { type = 'string', minimum, maximum } = parameter;
  for (const field of ['enum', 'pattern'] as const) {
    if (parameter[field] !== undefined && type !== 'string')
      yield {
        rule: `${field}-on-string`,
        field,
        message: `given for type ${type}, wanted only for type string`,
      };
  }
  for (const field of ['minimum', 'maximum'] as const) {
    if (parameter[field] !== undefined && type !== 'integer' && type !== 'float')
      yield {
        rule: `${field}-on-number`,
        field,
        message: `given for type ${type}, wanted only for a type of numbers`,
      };
  }
  if (minimum !== undefined && maximum !== undefined && minimum > maximum)
    yield {
      rule: 'range',
      field: 'maximum',
      message: `found ${maximum}, wanted at least the minimum, ${minimum}`,
    };
  const { enum: values = [] } = parameter;
  if (new Set(values).size !== values.length)
    yield { rule: 'enum-unique', field: 'enum', message: 'found a value twice, wanted each once' };
}

function* patternRules({ pattern, enum: values = [] }: RuledParameter): Generator<BrokenRule> {
  if (pattern === undefined) return;
  const compiled = compiledOf(pattern);
  if (typeof compiled === 'string') {
    const message = `found ${quote(pattern)}, wanted a regular expression of Go's RE2: ${compiled}`;
    yield { rule: 'pattern-compiles', field: 'pattern', message };
    return;
  }
  for (const value of values) {
    if (!compiled.test(value))
      yield { rule: 'enum-in-pattern', field: 'enum', message: `${quote(value)} does not match ${pattern}` };
  }
}

function* defaultRules(parameter: RuledParameter): Generator<BrokenRule> {
  const { type = 'string', enum: values, pattern, minimum, maximum, default: value } = parameter;
  if (value === undefined) return;
  const found = `the default is ${quote(value)}`;
  const broken = (rule: string, wanted: string): BrokenRule => ({
    rule: `default-${rule}`,
    field: 'default',
    message: `${found}, wanted ${wanted}`,
  });
  if (!fits(value, type)) {
    yield broken('type', `type ${type}`);
    return;
  }
  if (typeof value === 'string') {
    if (values !== undefined && type === 'string' && !values.includes(value))
      yield broken('in-enum', `one of ${values.map(quote).join(', ')}`);
    if (pattern !== undefined && !matches(pattern, value))
      yield broken('in-pattern', `text that matches ${pattern}`);
  }
  if (typeof value === 'number') {
    if (minimum !== undefined && value < minimum) yield broken('in-range', `at least ${minimum}`);
    if (maximum !== undefined && value > maximum) yield broken('in-range', `at most ${maximum}`);
  }
}

function fits(value: ParameterValue, type: ParameterType): boolean {
  if (type === 'integer') return typeof value === 'number' && Number.isSafeInteger(value);
  if (type === 'float') return typeof value === 'number' && Number.isFinite(value);
  if (type === 'array') return Array.isArray(value);
  return typeof value === type;
}

/** True also if the pattern itself is wrong, which another rule reports. */
function matches(pattern: string, value: string): boolean {
  const compiled = compiledOf(pattern);
  return typeof compiled === 'string' || compiled.test(value);
}

/** The pattern, or what is wrong with it. */
function compiledOf(pattern: string): Pattern | string {
  try {
    return compilePattern(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    return reason.replace(/^error parsing regexp: /, '').slice(0, 200);
  }
}
