import { expect, test } from 'vitest';
import { BundlesError } from '../errors.js';
import type { ParameterDeclaration, WorkflowDeclaration } from './declaration.js';
import { type DerivedWorkflow, deriveWorkflow } from './derive-workflow.js';
import type { SchemaObject } from './parameters/pipeline-params.js';
import type { SchemaProblem } from './schema-problem.js';
import { toWorkflowSchema } from './workflow-schema.js';

const pinned = `quay.io/acme/test/hello:v1.0.0@sha256:${'a'.repeat(64)}`;

function object(params: unknown, { kind = 'Pipeline', name = 'workflow' } = {}): SchemaObject {
  const json = new TextEncoder().encode(JSON.stringify({ kind, metadata: { name }, spec: { params } }));
  return { kind, name, json, origin: { file: 'hello.yaml', document: 1, line: 3 } };
}

function workflow(
  parameters: Record<string, ParameterDeclaration> = {},
  rollback: Record<string, ParameterDeclaration> = {},
): WorkflowDeclaration {
  return {
    id: 'test-hello',
    version: '1.0.0',
    name: 'Hello',
    description: { what: 'Says hello' },
    maintainers: undefined,
    remediation: undefined,
    labels: {
      signal_type: 'Test',
      severity: ['low'],
      component: ['deployment'],
      environment: ['test'],
      priority: 'P3',
      risk_tolerance: 'low',
      cluster: [],
      custom: new Map([
        ['team', 'blue'],
        ['a', 'b'],
      ]),
    },
    parameters: new Map(Object.entries(parameters)),
    rollbackParameters: new Map(Object.entries(rollback)),
  };
}

function derive(declared: WorkflowDeclaration, objects: readonly SchemaObject[]): DerivedWorkflow {
  return deriveWorkflow(declared, { objects, pinned, bundle: 'hello', file: 'bundles.yaml' });
}

function problemsOf(
  declared: WorkflowDeclaration,
  objects: readonly SchemaObject[],
): readonly SchemaProblem[] {
  try {
    derive(declared, objects);
  } catch (error) {
    if (!(error instanceof BundlesError)) throw error;
    const problems = error.details.problems as readonly SchemaProblem[];
    expect(error.code).toBe(problems[0]!.code);
    expect(error.message).toContain(problems[0]!.where);
    return problems;
  }
  return [];
}

const message = { name: 'MESSAGE', type: 'string', description: 'What to say\n', default: 'hi' };
const delay = { name: 'DELAY', description: 'Seconds', default: '2' };
const target = { name: 'TARGET_RESOURCE', type: 'string' };

test('the Pipeline gives the parameters and the declaration completes them', () => {
  const declared = workflow({ DELAY: { type: 'integer', minimum: 0, maximum: 60, dependsOn: ['MESSAGE'] } });
  const { workflow: derived, warnings } = derive(declared, [
    object([], { kind: 'Task', name: 'workflow' }),
    object([target, message, delay]),
  ]);
  expect(warnings).toEqual([]);
  expect(derived.parameters).toEqual([
    { name: 'MESSAGE', type: 'string', required: false, description: 'What to say', default: 'hi' },
    {
      name: 'DELAY',
      type: 'integer',
      required: false,
      description: 'Seconds',
      default: 2,
      minimum: 0,
      maximum: 60,
      dependsOn: ['MESSAGE'],
    },
  ]);
  expect(Object.entries(toWorkflowSchema(derived).labels)).toEqual([
    ...[
      ['signal_type', 'Test'],
      ['severity', 'low'],
      ['component', 'deployment'],
      ['environment', 'test'],
    ],
    ...[
      ['priority', 'P3'],
      ['risk_tolerance', 'low'],
      ['a', 'b'],
      ['team', 'blue'],
    ],
  ]);
  expect(derived.execution).toEqual({ engine: 'tekton', bundle: pinned });
  expect(toWorkflowSchema(derived)).not.toHaveProperty('rollback_parameters');
});

test('a param without default is required, and one with default may be declared so', () => {
  const params = [
    { name: 'A', description: 'a' },
    { ...message, name: 'B' },
    { ...message, name: 'C' },
  ];
  const { workflow: derived } = derive(workflow({ C: { required: true } }), [object(params)]);
  expect(derived.parameters.map(({ required }) => required)).toEqual([true, false, true]);
});

test('defaults become values of the declared type', () => {
  const params = [
    { name: 'FLAG', description: 'f', default: 'true' },
    { name: 'LIST', description: 'l', default: '["a","b"]' },
    { name: 'NUMBER', description: 'n', default: 7 },
    { name: 'NOTHING', description: 'n', default: null },
    { name: 'ZERO', description: 'n', default: '-0' },
  ];
  const declared = workflow({
    FLAG: { type: 'boolean' },
    LIST: { type: 'array' },
    ZERO: { type: 'integer' },
  });
  const { workflow: derived } = derive(declared, [object(params)]);
  expect(derived.parameters.map((parameter) => parameter.default)).toEqual([
    true,
    ['a', 'b'],
    '7',
    undefined,
    0,
  ]);
  expect(Object.is(derived.parameters[4]!.default, 0)).toBe(true);
});

test("the Pipeline's own enum is taken, and a declared one may narrow it", () => {
  const params = [{ ...message, enum: ['hi', 'ho'] }];
  expect(derive(workflow(), [object(params)]).workflow.parameters[0]!.enum).toEqual(['hi', 'ho']);
  const narrow = workflow({ MESSAGE: { enum: ['hi'] } });
  expect(derive(narrow, [object(params)]).workflow.parameters[0]!.enum).toEqual(['hi']);
});

test('rollback parameters are what the project declares', () => {
  const rollback = { FORCE: { type: 'boolean', description: 'Whether', default: false } } as const;
  const { workflow: derived } = derive(workflow({}, rollback), [object([message])]);
  expect(derived.rollbackParameters).toEqual([
    { name: 'FORCE', type: 'boolean', required: false, description: 'Whether', default: false },
  ]);
});

test('objects read back from a registry need no origin and lower-case kinds do', () => {
  const { origin: _, ...remote } = object([message]);
  expect(derive(workflow(), [{ ...remote, kind: 'pipeline' }]).workflow.parameters).toHaveLength(1);
});

test('a name that is not in upper case is a warning', () => {
  const { warnings } = derive(workflow(), [object([{ ...message, name: 'message' }])]);
  expect(warnings).toEqual([
    expect.objectContaining({ rule: 'parameter-upper-snake-case', file: 'hello.yaml', line: 3 }),
  ]);
});

test.each<[string, WorkflowDeclaration, unknown, SchemaProblem['code'], string]>([
  [
    'array param',
    workflow(),
    [{ name: 'A', type: 'array', description: 'a' }],
    'SCHEMA_MISMATCH',
    'param-type-string',
  ],
  ['array by its default', workflow(), [{ name: 'A', default: [] }], 'SCHEMA_MISMATCH', 'param-type-string'],
  ['object param', workflow(), [{ name: 'A', default: { b: 'c' } }], 'SCHEMA_MISMATCH', 'param-type-string'],
  ['unknown declaration', workflow({ OTHER: {} }), [message], 'SCHEMA_MISMATCH', 'declared-unknown'],
  ['no params', workflow(), [], 'SCHEMA_INVALID', 'parameters-present'],
  ['params that are not a list', workflow(), 'x', 'SCHEMA_INVALID', 'parameters-present'],
  ['only TARGET_RESOURCE', workflow(), [target], 'SCHEMA_INVALID', 'parameters-present'],
  [
    'optional without default',
    workflow({ A: { required: false } }),
    [{ name: 'A', description: 'a' }],
    'SCHEMA_MISMATCH',
    'required-without-default',
  ],
  ['no description', workflow(), [{ name: 'A' }], 'SCHEMA_INVALID', 'description'],
  ['blank description', workflow(), [{ name: 'A', description: ' \n' }], 'SCHEMA_INVALID', 'description'],
  ['twice', workflow(), [message, message], 'SCHEMA_INVALID', 'param-unique'],
  ['no name', workflow(), [{ description: 'x' }], 'SCHEMA_INVALID', 'param-named'],
  [
    'default no integer',
    workflow({ MESSAGE: { type: 'integer' } }),
    [message],
    'SCHEMA_INVALID',
    'default-type',
  ],
  [
    'default 2.0',
    workflow({ DELAY: { type: 'integer' } }),
    [{ ...delay, default: '2.0' }],
    'SCHEMA_INVALID',
    'default-type',
  ],
  [
    'default 010',
    workflow({ DELAY: { type: 'integer' } }),
    [{ ...delay, default: '010' }],
    'SCHEMA_INVALID',
    'default-type',
  ],
  [
    'default above',
    workflow({ DELAY: { type: 'integer', maximum: 1 } }),
    [delay],
    'SCHEMA_INVALID',
    'default-in-range',
  ],
  [
    'default below',
    workflow({ DELAY: { type: 'integer', minimum: 3 } }),
    [delay],
    'SCHEMA_INVALID',
    'default-in-range',
  ],
  [
    'default no boolean',
    workflow({ MESSAGE: { type: 'boolean' } }),
    [message],
    'SCHEMA_INVALID',
    'default-type',
  ],
  ['default no list', workflow({ MESSAGE: { type: 'array' } }), [message], 'SCHEMA_INVALID', 'default-type'],
  [
    'default outside enum',
    workflow({ MESSAGE: { enum: ['ho'] } }),
    [message],
    'SCHEMA_INVALID',
    'default-in-enum',
  ],
  [
    'default off pattern',
    workflow({ MESSAGE: { pattern: '^[0-9]+$' } }),
    [message],
    'SCHEMA_INVALID',
    'default-in-pattern',
  ],
  [
    'enum beyond the Pipeline',
    workflow({ MESSAGE: { enum: ['hi', 'no'] } }),
    [{ ...message, enum: ['hi'] }],
    'SCHEMA_MISMATCH',
    'enum-in-pipeline',
  ],
  [
    'unknown dependency',
    workflow({ MESSAGE: { dependsOn: ['X'] } }),
    [message],
    'SCHEMA_INVALID',
    'depends-on-resolves',
  ],
  [
    'own dependency',
    workflow({ MESSAGE: { dependsOn: ['MESSAGE'] } }),
    [message],
    'SCHEMA_INVALID',
    'depends-on-acyclic',
  ],
  [
    'unknown rollback dependency',
    workflow({}, { A: { description: 'a', dependsOn: ['X'] } }),
    [message],
    'SCHEMA_INVALID',
    'depends-on-resolves',
  ],
])('%s is refused by its rule', (_name, declared, params, code, rule) => {
  expect(problemsOf(declared, [object(params)])).toEqual([expect.objectContaining({ code, rule })]);
});

test('a circle of dependencies is refused at each of its parameters', () => {
  const declared = workflow({ MESSAGE: { dependsOn: ['DELAY'] }, DELAY: { dependsOn: ['MESSAGE'] } });
  const rules = problemsOf(declared, [object([message, delay])]).map(({ rule }) => rule);
  expect(rules).toEqual(['depends-on-acyclic', 'depends-on-acyclic']);
});

test('a bundle without the Pipeline reports what it holds instead', () => {
  const [problem, ...more] = problemsOf(workflow({ A: {} }), [object([message], { name: 'build' })]);
  expect(problem).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    rule: 'pipeline-named-workflow',
    where: 'hello.yaml:3',
  });
  expect(problem!.message).toContain('Pipeline "build"');
  expect(more).toEqual([]);
  expect(problemsOf(workflow(), [])[0]!.rule).toBe('pipeline-named-workflow');
});

test('all problems are reported at once', () => {
  const declared = workflow({ MESSAGE: { enum: ['ho'] }, OTHER: {} });
  expect(problemsOf(declared, [object([message, { name: 'A' }])]).map(({ rule }) => rule)).toEqual([
    'default-in-enum',
    'description',
    'declared-unknown',
  ]);
});
