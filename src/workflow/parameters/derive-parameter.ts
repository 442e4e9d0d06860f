import type { ParameterDeclaration, ParameterType, ParameterValue } from '../declaration.js';
import type { SchemaProblem } from '../schema-problem.js';
import type { WorkflowParameter } from '../workflow.js';
import { brokenRules } from './parameter-rules.js';
import type { PipelineParam } from './pipeline-params.js';

export interface ParameterPaths {
  /** Where the Pipeline is. */
  readonly pipeline: string;
  /** Where the declaration is, or would. */
  readonly declaration: string;
  readonly problems: SchemaProblem[];
}

/** One parameter of the schema: what the Pipeline states, completed by what the project declares. */
export function deriveParameter(
  param: PipelineParam,
  declared: ParameterDeclaration,
  places: ParameterPaths,
): WorkflowParameter {
  const { type = 'string', required = param.default === undefined } = declared;
  const problem = (code: SchemaProblem['code'], rule: string, message: string, hint?: string): void => {
    const where = rule.startsWith('default') ? places.pipeline : places.declaration;
    places.problems.push({ code, rule, where, message, ...(hint === undefined ? {} : { hint }) });
  };
  if (!required && param.default === undefined) {
    const message = 'declared required: false, but the Pipeline has no default for it';
    problem('SCHEMA_MISMATCH', 'required-without-default', message, 'Give it a default in the Pipeline');
  }
  const description = declared.description ?? param.description;
  if (description === undefined) {
    const message = `the parameter ${JSON.stringify(param.name)} has no description, wanted one`;
    problem('SCHEMA_INVALID', 'description', message, 'Write it in the Pipeline or in the declaration');
  }
  const stranger = declared.enum?.find((value) => param.enum?.includes(value) === false);
  if (stranger !== undefined) {
    const message = `the enum has ${JSON.stringify(stranger)}, which the Pipeline's own enum has not`;
    problem('SCHEMA_MISMATCH', 'enum-in-pipeline', message);
  }
  const value = param.default === undefined ? undefined : typedDefault(param.default, type);
  const parameter = workflowParameter(
    param.name,
    { ...declared, type, required, description: description ?? '' },
    {
      enum: declared.enum ?? (type === 'string' ? param.enum : undefined),
      default: value,
    },
  );
  for (const { rule, message } of brokenRules(parameter))
    problem('SCHEMA_INVALID', rule, `the parameter ${JSON.stringify(param.name)}: ${message}`);
  return parameter;
}

/** A rollback parameter is what the project declares. */
export function rollbackParameter(name: string, declared: ParameterDeclaration): WorkflowParameter {
  const { type = 'string', required = false, description = '' } = declared;
  return workflowParameter(name, { ...declared, type, required, description }, declared);
}

function workflowParameter(
  name: string,
  declared: ParameterDeclaration & Pick<WorkflowParameter, 'type' | 'required' | 'description'>,
  own: { readonly enum?: readonly string[] | undefined; readonly default?: ParameterValue | undefined },
): WorkflowParameter {
  const { type, required, description, pattern, minimum, maximum, dependsOn } = declared;
  return {
    name,
    type,
    required,
    description,
    ...(own.default === undefined ? {} : { default: own.default }),
    ...(own.enum === undefined ? {} : { enum: own.enum }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
}

const decimal = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** The Pipeline's default text as a value of the type; text that is none stays text, for the rules to refuse. */
function typedDefault(text: string, type: ParameterType): ParameterValue {
  if (type === 'integer' && /^-?(?:0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)))
    return Number(text) + 0;
  if (type === 'float' && decimal.test(text) && Number.isFinite(Number(text))) return Number(text) + 0;
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return type === 'array' ? (listOfTexts(text) ?? text) : text;
}

/** An array travels as JSON text, since the controller sends text. */
function listOfTexts(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  } catch {
    return undefined;
  }
  return undefined;
}
