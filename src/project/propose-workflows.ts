import { isBundlesError } from '../errors.js';
import { parseReference, type Reference } from '../oci/reference.js';
import type { SchemaFormat } from '../workflow/schema-document.js';
import { yamlText } from '../workflow/yaml-scalar.js';

/** A workflow in a document that people keep. */
export interface FoundWorkflow {
  /** Of the document, relative to where bundles.yaml will lie, with `/`. */
  readonly path: string;
  readonly id: string;
  readonly format: SchemaFormat;
  readonly engine: string;
  /** What it runs, as the document defines it. */
  readonly bundle: string | undefined;
  readonly bundleDigest: string | undefined;
}

export interface ProposedWorkflows {
  /** Lines of bundles.yaml; none where nothing can be declared. */
  readonly lines: readonly string[];
  /** Names of the bundles that workflows run. */
  readonly bundles: ReadonlySet<string>;
  /** How many are declared. */
  readonly count: number;
  /** The format that all of them have. */
  readonly format: SchemaFormat | undefined;
  /** Those that cannot be declared, and why. */
  readonly skipped: readonly string[];
}

/** The section `workflows` for documents that people keep, over the bundles that a project is to have. */
export function proposeWorkflows(
  found: readonly FoundWorkflow[],
  bundles: ReadonlySet<string>,
): ProposedWorkflows {
  const taken = new Set<string>();
  const lines: string[] = [];
  const used = new Set<string>();
  const skipped: string[] = [];
  const formats = new Set<SchemaFormat>();
  for (const workflow of found) {
    const source = sourceOf(workflow, bundles);
    if ('skipped' in source) {
      skipped.push(`${workflow.path}: the workflow ${workflow.id}: ${source.skipped}`);
      continue;
    }
    const name = uniqueName(workflow.id, taken);
    const id = name === workflow.id ? [] : [`id: ${yamlText(workflow.id)}`];
    const entries = [source.text, `document: ${yamlText(workflow.path)}`, ...id];
    lines.push(`  ${yamlText(name)}: {${entries.join(', ')}}`);
    formats.add(workflow.format);
    if (source.bundle !== undefined) used.add(source.bundle);
  }
  const [format, other] = formats;
  const header = 'workflows: # documents that you keep: only what they pin is written into them';
  return {
    lines: lines.length > 0 ? [header, ...lines] : [],
    bundles: used,
    count: lines.length,
    format: other === undefined ? format : undefined,
    skipped,
  };
}

type Source = { readonly text: string; readonly bundle?: string } | { readonly skipped: string };

function sourceOf(workflow: FoundWorkflow, bundles: ReadonlySet<string>): Source {
  const { engine, bundle = '', bundleDigest = '' } = workflow;
  if (engine === 'ansible') {
    if (!/^[0-9a-f]{40}$/.test(bundleDigest))
      return { skipped: 'its bundleDigest is not a commit of 40 digits' };
    return { text: `git: {url: ${yamlText(bundle)}, commit: ${yamlText(bundleDigest)}}` };
  }
  const reference = readReference(bundle);
  if (engine === 'tekton') {
    const own = ownBundle(workflow, reference, bundles);
    if (own !== undefined) return { text: `bundle: ${yamlText(own)}`, bundle: own };
  }
  if (reference === undefined)
    return { skipped: 'what it runs is not a reference, and no bundle is called so' };
  const { registry, repository, tag } = reference;
  if (tag === undefined)
    return { skipped: `${registry}/${repository} has no tag there: declare it under images:, or with a tag` };
  return { text: `reference: ${yamlText(`${registry}/${repository}:${tag}`)}` };
}

/** The bundle whose repository the document names; where it names none, the one called as its folder or as the workflow. */
function ownBundle(
  { path, id }: FoundWorkflow,
  reference: Reference | undefined,
  bundles: ReadonlySet<string>,
): string | undefined {
  const folder = path.split('/').at(-2);
  const names = reference ? [reference.repository.split('/').at(-1)] : [folder, id];
  return names.find((name) => name !== undefined && bundles.has(name));
}

function readReference(text: string): Reference | undefined {
  if (!/^[^/]+\/[^/]/.test(text)) return undefined;
  try {
    return parseReference(text);
  } catch (error) {
    if (isBundlesError(error)) return undefined;
    throw error;
  }
}

/** A name of bundles.yaml, with a number where it was taken. */
function uniqueName(id: string, taken: Set<string>): string {
  const clean =
    id
      .slice(0, 300)
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/[._-]*-[._-]*/g, '-')
      .slice(0, 90)
      .replace(/^[._-]+|[._-]+$/g, '') || 'workflow';
  let name = clean;
  for (let number = 2; taken.has(name); number++) name = `${clean}-${number}`;
  taken.add(name);
  return name;
}
