import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import type { ParameterDeclaration } from './declaration.js';
import { deriveWorkflow } from './derive-workflow.js';
import { writeSchema } from './schema-document.js';
import { toWorkflowSchema } from './workflow-schema.js';

const fixtures = join(import.meta.dirname, '../../../shared/upstream/seed-fixtures');
const missing = !existsSync(fixtures);
if (missing) console.warn('skipped: ../shared/upstream/seed-fixtures is not there');

interface HandWritten {
  readonly metadata: { readonly workflow_id: string; readonly name: string; readonly description: string };
  readonly parameters: readonly ({ readonly name: string } & Required<Pick<ParameterDeclaration, 'type'>> &
    Pick<ParameterDeclaration, 'enum' | 'pattern' | 'description' | 'required'>)[];
}

test.skipIf(missing).each(['hello-world', 'failing'])(
  'the schema derived for the seed %s equals the one written by hand',
  (name) => {
    const read = (file: string): unknown =>
      load(readFileSync(join(fixtures, `${name}-${file}.yaml`), 'utf8'));
    const { metadata, parameters } = read('workflow-schema') as HandWritten;
    const wanted = parameters.filter((parameter) => parameter.name !== 'TARGET_RESOURCE');
    const declarations = wanted.map(({ name: key, ...declared }) => [key, declared] as const);
    const { workflow } = deriveWorkflow(
      {
        id: metadata.workflow_id,
        version: '1.0.0',
        name: metadata.name,
        description: { what: metadata.description },
        maintainers: undefined,
        remediation: undefined,
        labels: {
          signal_type: 'test',
          severity: ['low'],
          component: ['deployment'],
          environment: ['test'],
          priority: 'P3',
          risk_tolerance: 'low',
          cluster: [],
          custom: new Map(),
        },
        parameters: new Map(
          declarations.map(([key, { type, enum: values, pattern }]) => [
            key,
            {
              type,
              ...(values === undefined ? {} : { enum: values }),
              ...(pattern === undefined ? {} : { pattern }),
            },
          ]),
        ),
        rollbackParameters: new Map(),
      },
      {
        objects: [
          { kind: 'Pipeline', name: 'workflow', json: Buffer.from(JSON.stringify(read('pipeline'))) },
        ],
        pinned: 'quay.io/x/y:v1',
        bundle: name,
        file: 'bundles.yaml',
      },
    );
    const schema = toWorkflowSchema(workflow);
    expect(schema.parameters.map(({ description: _, ...rest }) => rest)).toEqual(
      wanted.map(({ description: _, ...rest }) => rest),
    );
    expect(load(writeSchema(schema))).toEqual(schema);
  },
);
