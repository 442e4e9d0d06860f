import type { SourceWarning } from '../tekton/objects/object.js';
import type { ParameterDeclaration, WorkflowDeclaration } from './declaration.js';
import { dependencyProblems } from './dependencies.js';
import { deriveParameter, rollbackParameter } from './parameters/derive-parameter.js';
import { type PipelineParam, pipelineParams, type SchemaObject } from './parameters/pipeline-params.js';
import { type SchemaProblem, schemaProblemsError } from './schema-problem.js';
import type { Workflow, WorkflowParameter } from './workflow.js';

export interface DeriveWorkflowOptions {
  /** All objects of the bundle, in any order: ours, or those read back from a registry. */
  readonly objects: readonly SchemaObject[];
  /** The canonical reference with tag and digest. */
  readonly pinned: string;
  /** The bundle's name in the project. */
  readonly bundle: string;
  /** The project file, for messages. */
  readonly file: string;
  /** Where it holds the declaration. Default: `bundles.NAME.workflow`. */
  readonly declaredAt?: string | undefined;
}

export interface DerivedWorkflow {
  readonly workflow: Workflow;
  /** What a reader may not like and that is not an error. */
  readonly warnings: readonly SourceWarning[];
}

/** Always given by the controller, so no schema names it. */
export const suppliedByController = 'TARGET_RESOURCE';

/**
 * The workflow of a bundle: the params of its Pipeline `workflow`, completed by the project's declaration.
 * All that is wrong is reported at once in `details.problems`.
 *
 * @throws SCHEMA_MISMATCH where Pipeline and declaration do not fit, SCHEMA_INVALID where the result would be refused
 */
export function deriveWorkflow(
  declaration: WorkflowDeclaration,
  { objects, pinned, bundle, file, declaredAt = `bundles.${bundle}.workflow` }: DeriveWorkflowOptions,
): DerivedWorkflow {
  const pipeline = pipelineParams(objects, bundle);
  const problems: SchemaProblem[] = [...pipeline.problems];
  const declarationOf = (list: string, name: string): string => `${file}: ${declaredAt}.${list}.${name}`;
  const params = pipeline.params.filter(({ name }) => name !== suppliedByController);
  const parameters = params.map((param) =>
    deriveParameter(param, declaration.parameters.get(param.name) ?? {}, {
      pipeline: pipeline.where,
      declaration: declarationOf('parameters', param.name),
      problems,
    }),
  );
  const rollback = [...declaration.rollbackParameters].map(([name, declared]) =>
    rollbackParameter(name, declared),
  );
  if (pipeline.problems.length === 0) {
    problems.push(...unknownDeclarations(declaration.parameters, { params, declarationOf }));
    problems.push(...tooFew(params, pipeline.where));
  }
  problems.push(...dependencies(parameters, { list: 'parameters', declarationOf }));
  problems.push(...dependencies(rollback, { list: 'rollbackParameters', declarationOf }));
  if (problems.length > 0) throw schemaProblemsError(problems, bundle);
  const { id, version, name, description, labels, maintainers, remediation } = declaration;
  const serviceAccountName = remediation?.serviceAccountName;
  const workflow: Workflow = {
    id,
    version,
    title: name,
    description,
    maintainers,
    labels,
    actionType: remediation?.actionType,
    detectedLabels: remediation?.detectedLabels ?? new Map(),
    dependencies: remediation?.dependencies ?? { secrets: [], configMaps: [] },
    execution: {
      engine: 'tekton',
      bundle: pinned,
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    },
    parameters,
    rollbackParameters: rollback,
  };
  return { workflow, warnings: nameWarnings([...parameters, ...rollback], { objects, file }) };
}

type DeclarationOf = (list: string, name: string) => string;

function* unknownDeclarations(
  declared: ReadonlyMap<string, ParameterDeclaration>,
  { params, declarationOf }: { params: readonly PipelineParam[]; declarationOf: DeclarationOf },
): Generator<SchemaProblem> {
  const names = params.map(({ name }) => name);
  for (const name of declared.keys()) {
    if (names.includes(name)) continue;
    const message = `the Pipeline has no param ${JSON.stringify(name)}, wanted one of ${names.join(', ') || 'none'}`;
    const where = declarationOf('parameters', name);
    yield { code: 'SCHEMA_MISMATCH', rule: 'declared-unknown', where, message };
  }
}

function* tooFew(params: readonly PipelineParam[], where: string): Generator<SchemaProblem> {
  if (params.length > 0) return;
  const message = `the Pipeline has no param beside ${suppliedByController}, wanted at least one`;
  const hint = 'Catalogs refuse a workflow without parameters; give the Pipeline one with a default';
  yield { code: 'SCHEMA_INVALID', rule: 'parameters-present', where, message, hint };
}

function dependencies(
  parameters: readonly WorkflowParameter[],
  { list, declarationOf }: { list: string; declarationOf: DeclarationOf },
): SchemaProblem[] {
  return dependencyProblems(parameters).map(({ name, rule, message }) => ({
    ...({ code: 'SCHEMA_INVALID', rule, message } as const),
    where: `${declarationOf(list, name)}.dependsOn`,
  }));
}

function nameWarnings(
  parameters: readonly WorkflowParameter[],
  { objects, file }: { objects: readonly SchemaObject[]; file: string },
): SourceWarning[] {
  const origin = objects.find(({ name }) => name === 'workflow')?.origin;
  const place = { file: origin?.file ?? file, line: origin?.line ?? 1 };
  const odd = parameters.filter(({ name }) => !/^[A-Z][A-Z0-9_]*$/.test(name));
  return odd.map(({ name }) => ({
    rule: 'parameter-upper-snake-case',
    message: `The parameter ${JSON.stringify(name)} is not in UPPER_SNAKE_CASE, as workflow catalogs require`,
    ...place,
  }));
}
