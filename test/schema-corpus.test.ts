import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { BundlesError } from '../src/errors.js';
import { readProject } from '../src/project/read-project.js';
import { readSourceFiles } from '../src/project/sources/source-files.js';
import { createDocumentValidator } from '../src/schema/validate-document.js';
import { readSources } from '../src/tekton/sources/read-sources.js';
import { toActionType } from '../src/workflow/action-type.js';
import type { WorkflowDeclaration } from '../src/workflow/declaration.js';
import { deriveWorkflow } from '../src/workflow/derive-workflow.js';
import type { SchemaObject } from '../src/workflow/parameters/pipeline-params.js';
import {
  type SchemaFormat,
  schemaDocument,
  schemaFormats,
  writeSchema,
} from '../src/workflow/schema-document.js';
import { crdValidator, pruned } from './support/cluster/crd.js';
import { flatParserRefuses, remediationParserRefuses } from './support/random/schema-parsers.js';
import { sharedPath, testWithShared } from './support/shared.js';

const validate = createDocumentValidator();
const pinned = `quay.io/acme/test/x:v1.0.0@sha256:${'a'.repeat(64)}`;

interface Param {
  readonly name: string;
  readonly type?: string;
  readonly default?: unknown;
}

interface Pipeline {
  readonly file: string;
  readonly object: { readonly metadata: object; readonly spec: { readonly params?: readonly Param[] } };
}

/** All Pipelines with params of the corpus and of the samples. */
function allPipelines(): Pipeline[] {
  return [sharedPath('corpus'), join(import.meta.dirname, '../pipelines')].flatMap((root) => {
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.ya?ml$/.test(name),
    );
    return files
      .sort()
      .flatMap((file) =>
        pipelinesIn(readFileSync(join(root, file), 'utf8')).map((object) => ({ file, object })),
      );
  });
}

/** What cannot be read fails the test: no Pipeline is passed over in silence. */
function pipelinesIn(text: string): Pipeline['object'][] {
  return text
    .split(/^---.*$/m)
    .filter((document) => /^kind: *["']?Pipeline["']? *$/m.test(document))
    .map((document) => load(document) as Pipeline['object'])
    .filter(({ spec }) => Array.isArray(spec.params) && spec.params.length > 0);
}

/** The Pipeline as a controller would find it, with those of its params that it can be given. */
function asWorkflow({ object }: Pipeline, params: readonly Param[]): SchemaObject {
  const workflow = { ...object, metadata: { name: 'workflow' }, spec: { ...object.spec, params } };
  return { kind: 'Pipeline', name: 'workflow', json: Buffer.from(JSON.stringify(workflow)) };
}

function isText({ type, default: value }: Param): boolean {
  return type === 'string' || (type === undefined && (typeof value !== 'object' || value === null));
}

function declaration(format: SchemaFormat, params: readonly Param[]): WorkflowDeclaration {
  const flat = format === 'workflow-schema';
  return {
    id: 'corpus',
    version: '1.0.0',
    name: 'Corpus',
    maintainers: [{ name: 'A', email: 'a@b.io' }],
    description: { what: 'What it does', ...(flat ? {} : { whenToUse: 'When it fits' }) },
    labels: {
      signal_type: 'Test',
      severity: flat ? ['low'] : ['info', 'high'],
      environment: ['*'],
      component: flat ? ['pod'] : ['v1/Pod', 'apps/v1/Deployment'],
      priority: 'P2',
      cluster: [],
      risk_tolerance: 'low',
      custom: new Map([['team', 'blue']]),
    },
    remediation: flat
      ? undefined
      : {
          actionType: 'RunCorpus',
          detectedLabels: new Map<string, true | string>([
            ['stateful', true],
            ['gitOpsTool', 'flux'],
          ]),
          dependencies: { secrets: ['token'], configMaps: ['settings'] },
          serviceAccountName: 'runner',
        },
    parameters: new Map(params.map(({ name }) => [name, { description: `What ${name} is for` }])),
    rollbackParameters: new Map([
      ['UNDO', { type: 'boolean', description: 'Whether to undo', default: false }],
    ]),
  };
}

const shared = testWithShared('corpus');

shared.each(schemaFormats)(
  '%s of every corpus Pipeline with params passes everybody who reads it',
  async (format) => {
    const crd = crdValidator('remediationworkflows');
    const counts = { derived: 0, withArrays: 0, unsupported: 0 };
    const pipelines = allPipelines();
    for (const pipeline of pipelines) {
      const all = pipeline.object.spec.params ?? [];
      const params = all.filter(isText);
      const names = params.filter(({ name }) => name !== 'TARGET_RESOURCE');
      const declared = declaration(format, names);
      const options = { pinned, bundle: 'corpus', file: 'bundles.yaml' };
      if (params.length < all.length) {
        counts.withArrays++;
        expect(
          ruleOf(() => deriveWorkflow(declared, { ...options, objects: [asWorkflow(pipeline, all)] })),
        ).toBe('param-type-string');
      }
      if (names.length === 0) {
        counts.unsupported++;
        continue;
      }
      const { workflow } = deriveWorkflow(declared, { ...options, objects: [asWorkflow(pipeline, params)] });
      const text = writeSchema(schemaDocument(workflow, format));
      const { problems } = await validate(text, { file: pipeline.file });
      expect(
        problems.filter(({ severity }) => severity === 'error'),
        `${pipeline.file}\n${text}`,
      ).toEqual([]);
      const document: unknown = load(text);
      if (format === 'workflow-schema') expect(flatParserRefuses(document)).toBeUndefined();
      else {
        expect(remediationParserRefuses(document)).toBeUndefined();
        expect(crd.accepts(document), JSON.stringify(crd.accepts.errors)).toBe(true);
        expect(pruned(document, crd.root)).toEqual([]);
      }
      counts.derived++;
    }
    expect(counts.derived + counts.unsupported).toBe(pipelines.length);
    expect(counts.derived).toBeGreaterThan(20);
    console.info(`${format}: ${JSON.stringify({ pipelines: pipelines.length, ...counts })}`);
  },
  60_000,
);

function ruleOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (error instanceof BundlesError) return error.details.rule;
    throw error;
  }
}

testWithShared('upstream/kubernaut-crds')('an ActionType is what the cluster takes', async () => {
  const crd = crdValidator('actiontypes');
  const description = { what: 'a', whenToUse: 'b', whenNotToUse: 'c', preconditions: 'd' };
  const text = writeSchema(toActionType({ name: 'RunCorpus', description }));
  expect((await validate(text, { file: 'x.yaml' })).problems).toEqual([]);
  expect(crd.accepts(load(text)), JSON.stringify(crd.accepts.errors)).toBe(true);
  expect(pruned(load(text), crd.root)).toEqual([]);
});

test('the committed schemas of the samples are valid and fit their Pipelines', async () => {
  const root = join(import.meta.dirname, '..');
  const project = await readProject(join(root, 'bundles.yaml'));
  for (const spec of project.bundles) {
    const { objects } = readSources(await readSourceFiles(project, spec));
    const file = join(root, 'schemas', `${spec.name}-workflow-schema.yaml`);
    const text = readFileSync(file, 'utf8');
    const { problems } = await validate(text, { file, pipeline: { objects, bundle: spec.name } });
    expect(problems).toEqual([]);
    expect(flatParserRefuses(load(text))).toBeUndefined();
  }
});
