import { basename, extname } from 'node:path';
import type { TektonObject } from '../tekton/objects/object.js';
import { objectPart } from '../tekton/objects/object-part.js';
import { documentUrl } from '../version.js';
import { suppliedByController } from '../workflow/derive-workflow.js';
import { type PipelineParam, pipelineParams } from '../workflow/parameters/pipeline-params.js';
import { yamlText } from '../workflow/yaml-scalar.js';
import { type FoundWorkflow, proposeWorkflows } from './propose-workflows.js';

/** A Tekton file and what it holds. */
export interface TektonFile {
  /** Relative to where bundles.yaml will lie, with `/`. */
  readonly path: string;
  readonly objects: readonly TektonObject[];
  /** Where several files are one bundle: all of them, and what it is called. */
  readonly paths?: readonly string[];
  readonly name?: string;
}

/** A folder with one bundle for each `NAME/VERSION/NAME.yaml`. */
export interface FoundCatalog {
  /** Relative to where bundles.yaml will lie, empty for that place itself. */
  readonly folder: string;
  readonly bundles: readonly { readonly name: string; readonly version: string }[];
}

export interface Proposal {
  readonly repository: string;
  readonly tag: string;
  readonly files: readonly TektonFile[];
  /** Bundles that `discover` finds. Default none. */
  readonly catalogs?: readonly FoundCatalog[];
  /** A Pipeline named `workflow` whose params a workflow can have becomes one. Default false. */
  readonly workflows?: boolean;
  /** Workflows in documents that people keep. Default none. */
  readonly kept?: readonly FoundWorkflow[];
}

export interface ProposedProject {
  readonly text: string;
  /** How many workflows have a document that people keep. */
  readonly kept: number;
  /** Those that cannot be declared, and why. */
  readonly skipped: readonly string[];
}

/** Editors check and complete by it. */
const schemaUrl = 'https://unpkg.com/tekton-bundles/schemas/json/bundles.schema.json';

/** The text of a bundles.yaml that declares one bundle for each file, and that `ensure` takes as it is. */
export function proposeProject(proposal: Proposal): ProposedProject {
  const { repository, tag, files, catalogs = [], workflows = false } = proposal;
  const names = new Set(namesOf(catalogs));
  const named = files.map((file) => ({
    file,
    name: uniqueName(file.name === undefined ? file.path : `${file.name}.yaml`, names),
  }));
  const kept = proposeWorkflows(proposal.kept ?? [], names);
  const bundles = named.flatMap(({ file, name }) =>
    bundleLines(name, file, workflows && !kept.bundles.has(name)),
  );
  // What is derived beside them has the format that is usual.
  const isRemediation = kept.format === 'remediation-workflow' && !workflows;
  const text = [
    `# yaml-language-server: $schema=${schemaUrl}`,
    '# What `bundles ensure` makes sure of; every key is described in',
    `# ${documentUrl('reference/configuration')}`,
    'version: 1',
    `repository: ${yamlText(repository)}`,
    `tag: ${yamlText(tag)}`,
    'publish: ci # publish only in a CI job, or with --push; auto: wherever a credential allows it; never',
    'fallback: embedded',
    ...(isRemediation ? ['schemas: {format: remediation-workflow}'] : []),
    ...discoverLines(repository, catalogs),
    ...(bundles.length > 0 ? ['bundles:', ...bundles] : []),
    ...kept.lines,
    '',
  ].join('\n');
  return { text, kept: kept.count, skipped: kept.skipped };
}

function discoverLines(repository: string, catalogs: readonly FoundCatalog[]): string[] {
  if (catalogs.length === 0) return [];
  const names = templatesOf(catalogs);
  const rules = catalogs.map(({ folder }) => {
    const files = [folder, '{name}', '{version}', '{name}.yaml'].filter((part) => part !== '').join('/');
    const prefix = names.prefixed ? `${lastPart(folder)}-` : '';
    const entries = [
      `files: ${quoted(files)}`,
      ...(names.template === '{name}' && prefix === ''
        ? []
        : [`name: ${quoted(`${prefix}${names.template}`)}`]),
      // With the version in the name of a bundle, the tag states it, not the repository.
      ...(names.template === '{name}' ? [] : [`repository: ${quoted(`${repository}/${prefix}{name}`)}`]),
      `tag: ${quoted('{version}')}`,
    ];
    return `  - {${entries.join(', ')}}`;
  });
  return ['discover: # one bundle for each path; the version in it is the tag', ...rules];
}

/** How bundles are called so that no two have one name. */
function templatesOf(catalogs: readonly FoundCatalog[]): { template: string; prefixed: boolean } {
  const versioned = catalogs.some(
    ({ bundles }) => new Set(bundles.map(({ name }) => name)).size < bundles.length,
  );
  const all = catalogs.flatMap(({ bundles }) => [...new Set(bundles.map(({ name }) => name))]);
  return { template: versioned ? '{name}-{version}' : '{name}', prefixed: new Set(all).size < all.length };
}

function namesOf(catalogs: readonly FoundCatalog[]): string[] {
  const { template, prefixed } = templatesOf(catalogs);
  return catalogs.flatMap(({ folder, bundles }) =>
    bundles.map(({ name, version }) => {
      const own = template.replace('{name}', () => name).replace('{version}', () => version);
      return prefixed ? `${lastPart(folder)}-${own}` : own;
    }),
  );
}

function lastPart(folder: string): string {
  return basename(folder) || 'bundle';
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function bundleLines(
  name: string,
  { path, paths = [path], objects }: TektonFile,
  workflows: boolean,
): string[] {
  const lines = [`  ${yamlText(name)}:`, `    files: [${paths.map(yamlText).join(', ')}]`];
  if (!workflows) return lines;
  const pipeline = objects.find((object) => object.kind === 'Pipeline' && object.name === 'workflow');
  const { params: all, problems } = pipelineParams(objects, name);
  const params = all.filter((param) => param.name !== suppliedByController);
  if (!pipeline || params.length === 0 || problems.length > 0) return lines;
  return [
    ...lines,
    '    workflow: # the description for the catalog; change it to fit the workflow',
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
    '      parameters: # describe the purpose of each',
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
