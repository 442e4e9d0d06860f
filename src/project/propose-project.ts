import { basename, extname } from 'node:path';
import type { TektonObject } from '../tekton/objects/object.js';
import { objectPart } from '../tekton/objects/object-part.js';
import { documentUrl } from '../version.js';
import { suppliedByController } from '../workflow/derive-workflow.js';
import { type PipelineParam, pipelineParams } from '../workflow/pipeline-params.js';
import { yamlText } from '../workflow/yaml-scalar.js';

/** A Tekton file and what it holds. */
export interface TektonFile {
  /** Relative to where bundles.yaml will lie, with `/`. */
  readonly path: string;
  readonly objects: readonly TektonObject[];
}

export interface Proposal {
  readonly repository: string;
  readonly tag: string;
  readonly files: readonly TektonFile[];
}

/**
 * The text of a bundles.yaml that declares one bundle for each file, and that `ensure` takes as it is. A Pipeline named
 * `workflow` whose params a workflow can have makes it one.
 */
export function proposeProject({ repository, tag, files }: Proposal): string {
  const names = new Set<string>();
  const bundles = files.flatMap((file) => bundleLines(uniqueName(file.path, names), file));
  return [
    '# What `bundles ensure` makes sure of; every key is described in',
    `# ${documentUrl('configuration')}`,
    'version: 1',
    `repository: ${yamlText(repository)}`,
    `tag: ${yamlText(tag)}`,
    'publish: ci # publish only in a CI job, or with --push; auto: wherever a credential allows it; never',
    'fallback: embedded',
    'bundles:',
    ...bundles,
    '',
  ].join('\n');
}

function bundleLines(name: string, { path, objects }: TektonFile): string[] {
  const lines = [`  ${yamlText(name)}:`, `    files: [${yamlText(path)}]`];
  const pipeline = objects.find((object) => object.kind === 'Pipeline' && object.name === 'workflow');
  const { params: all, problems } = pipelineParams(objects, name);
  const params = all.filter((param) => param.name !== suppliedByController);
  if (!pipeline || params.length === 0 || problems.length > 0) return lines;
  return [
    ...lines,
    '    workflow: # what the catalog is told; change it to what the workflow is',
    `      id: ${yamlText(name.replace(/[._]+/g, '-'))}`,
    `      name: ${yamlText(name)}`,
    `      description: ${yamlText(descriptionOf(pipeline) ?? `The workflow ${name}`)}`,
    '      labels: {signal_type: test, severity: low, component: deployment, environment: test, priority: P3, risk_tolerance: low}',
    ...parameterLines(params),
  ];
}

/** A schema describes every parameter, and Pipelines often do not. */
function parameterLines(params: readonly PipelineParam[]): string[] {
  const silent = params.filter(({ description }) => !description);
  if (silent.length === 0) return [];
  return [
    '      parameters: # say what each is for',
    ...silent.map(
      ({ name }) => `        ${yamlText(name)}: {description: ${yamlText(`The parameter ${name}`)}}`,
    ),
  ];
}

/** A repository name's component made from a file's name, with a number where it was taken. */
function uniqueName(path: string, taken: Set<string>): string {
  const stem = basename(path, extname(path)).toLowerCase();
  const clean =
    stem
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/[._-]*-[._-]*/g, '-')
      .replace(/^[._-]+|[._-]+$/g, '') || 'bundle';
  let name = clean;
  for (let number = 2; taken.has(name); number++) name = `${clean}-${number}`;
  taken.add(name);
  return name;
}

function descriptionOf(pipeline: TektonObject): string | undefined {
  const description = objectPart(pipeline, ['spec', 'description']);
  if (typeof description !== 'string') return undefined;
  const text = description.replace(/\s+/g, ' ').trim();
  return text === '' ? undefined : text.slice(0, 500);
}
