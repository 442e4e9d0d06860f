import type { Reference } from '../../oci/reference.js';
import type { WorkflowDeclaration } from '../../workflow/declaration.js';
import { type ConfigNode, mappingAt, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText } from '../../yaml-file/show-text.js';
import { isBundleName } from './bundle-name.js';
import type { ImageSpec } from './parse-images.js';
import { parsePath } from './parse-path.js';
import { parseTaggedReference } from './parse-reference-field.js';
import { parseChoice, parseText } from './parse-scalar.js';
import { idRule, parseWorkflow, type WorkflowRules, workflowKeys } from './parse-workflow.js';

/** `patch`: the version of a document is raised where only the digest that it pins changed. */
const digestChangeChoices = ['keep', 'patch'] as const;
export type DigestChangeChoice = (typeof digestChangeChoices)[number];

/** What a workflow runs, and where its pin comes from. */
export type WorkflowSource =
  | { readonly kind: 'bundle'; readonly bundle: string }
  /** One of `images`; its reference may have no tag. */
  | { readonly kind: 'image'; readonly image: string; readonly reference: Reference }
  /** A bundle or an image that another project publishes. */
  | { readonly kind: 'reference'; readonly reference: Reference & { readonly tag: string } }
  /** A playbook in a git repository. */
  | { readonly kind: 'git'; readonly url: string; readonly commit: string };

/** The document that describes a workflow. */
export type WorkflowContent =
  /** A file that people keep, and in it the workflow of that id; undefined for the only one, or the one called as the entry. */
  | {
      readonly kind: 'document';
      readonly path: string;
      readonly id: string | undefined;
      /** How often the version is raised beyond that of the file, in a run that does not write there. Default: 0. */
      readonly raised?: number;
    }
  | { readonly kind: 'derived'; readonly declaration: WorkflowDeclaration };

/** A workflow that is declared by itself, beside those of bundles. */
export interface WorkflowSpec {
  readonly name: string;
  readonly source: WorkflowSource;
  readonly content: WorkflowContent;
  readonly onDigestChange: DigestChangeChoice;
}

export interface WorkflowsContext extends Pick<WorkflowRules, 'format' | 'actionTypes'> {
  readonly bundles: readonly KnownBundle[];
  /** Names of bundles that are declared, also of those that are wrong. */
  readonly bundleNames: ReadonlySet<string>;
}

interface KnownBundle {
  readonly name: string;
  readonly reference: { readonly tag: string };
  readonly workflow: WorkflowDeclaration | undefined;
}

const sourceKeys = ['bundle', 'image', 'reference', 'git'] as const;
const keys = [...sourceKeys, 'document', 'onDigestChange', ...workflowKeys] as const;
const hints = {
  '<<': 'Merge keys are not supported; write the values out or use a plain alias',
  engine:
    'It follows from the source: bundle (tekton), image or reference (as in the document), git (ansible)',
  digest: 'Leave it out: bundles.lock pins it',
  file: 'Write document: PATH',
  path: 'Write document: PATH',
  schema: 'Write document: PATH',
  playbookPath: 'Write it into the document: spec: {execution: {engineConfig: {playbookPath: …}}}',
  rollback_parameters: 'Write rollbackParameters',
};

const urlRule = {
  wanted: 'the address of a git repository without credentials, e.g. https://github.com/acme/playbooks.git',
  pattern: /^(?:(?:https?|ssh|git):\/\/(?:[\w.-]+@)?[^\s@/]+\/|[\w.-]+@[\w.-]+:)[^\s@]+$/,
  longest: 1000,
};
const commitRule = {
  wanted: 'the commit: 40 lower-case hexadecimal digits',
  pattern: /^[0-9a-f]{40}$/,
  hint: (text: string) =>
    /^[0-9A-Fa-f]{40}$/.test(text) ? `Write ${text.toLowerCase()}` : 'Run: git rev-parse HEAD',
};

/** The workflows of a project that are declared by themselves, sorted by name; default: none. */
export function parseWorkflows(
  node: ConfigNode,
  images: readonly ImageSpec[],
  context: WorkflowsContext,
): readonly WorkflowSpec[] {
  const workflows: WorkflowSpec[] = [];
  const seen = new Map<string, string>();
  for (const { name, workflow } of context.bundles)
    if (workflow) seen.set(`the workflow ${workflow.id} in version ${workflow.version}`, name);
  for (const [name, child] of [...(mappingAt(node) ?? [])].sort(byName)) {
    const spec = workflowAt(child, name, images, context);
    if (spec === undefined) continue;
    workflows.push(spec);
    const subject = subjectOf(spec);
    const other = seen.get(subject);
    if (other === undefined) seen.set(subject, name);
    else report(child, `${showText(name)} and ${showText(other)} both declare ${subject}`, { at: 'key' });
  }
  return workflows;
}

function subjectOf({ name, content }: WorkflowSpec): string {
  if (content.kind === 'document') return `the workflow ${content.id ?? name} of ${showText(content.path)}`;
  const { id, version } = content.declaration;
  return `the workflow ${id} in version ${version}`;
}

function workflowAt(
  node: ConfigNode,
  name: string,
  images: readonly ImageSpec[],
  context: WorkflowsContext,
): WorkflowSpec | undefined {
  if (!isBundleName(name)) {
    const wanted = 'wanted lower-case letters and digits with ".", "_" or "-" between them, at most 100';
    report(node, `found the workflow name ${showText(name)}, ${wanted}`, { at: 'key' });
    return undefined;
  }
  if (context.bundles.some((bundle) => bundle.name === name && bundle.workflow !== undefined)) {
    const hint = `Give it another name, or remove bundles.${name}.workflow`;
    report(node, `the bundle ${showText(name)} has a workflow of its own`, { at: 'key', hint });
    return undefined;
  }
  const nodes = recordAt(node, keys, hints);
  const declared = mappingAt({ ...node, problems: [] });
  if (declared === undefined) return undefined;
  const before = node.problems.length;
  const source = sourceAt(node, nodes, images, context);
  const onDigestChange = parseChoice(nodes.onDigestChange, digestChangeChoices, { bump: 'patch' });
  const content =
    nodes.document.value === undefined ? derivedAt(node, declared, source, context) : documentAt(nodes);
  if (content?.kind === 'derived' && onDigestChange !== undefined)
    report(nodes.onDigestChange, 'only a document has it, and this workflow is derived', { at: 'key' });
  if (source === undefined || content === undefined || node.problems.length > before) return undefined;
  return { name, source, content, onDigestChange: onDigestChange ?? 'keep' };
}

type Nodes = Readonly<Record<(typeof keys)[number], ConfigNode>>;

function sourceAt(
  node: ConfigNode,
  nodes: Nodes,
  images: readonly ImageSpec[],
  context: WorkflowsContext,
): WorkflowSource | undefined {
  const [first, second] = sourceKeys.filter((key) => nodes[key].value !== undefined);
  if (first === undefined) {
    const hint = 'Write bundle: NAME, image: NAME, reference: REGISTRY/REPOSITORY:TAG or git: {url, commit}';
    report(node, `names nothing to run, wanted one of ${sourceKeys.join(', ')}`, { at: 'key', hint });
    return undefined;
  }
  if (second !== undefined) {
    report(nodes[second], `found ${second} beside ${first}, wanted one of them`, { at: 'key' });
    return undefined;
  }
  if (first === 'bundle') return bundleAt(nodes.bundle, context);
  if (first === 'image') return imageAt(nodes.image, images);
  if (first === 'git') return gitAt(nodes.git);
  const reference = parseTaggedReference(nodes.reference);
  return reference && { kind: 'reference', reference };
}

function bundleAt(node: ConfigNode, { bundleNames }: WorkflowsContext): WorkflowSource | undefined {
  const bundle = parseText(node, { wanted: 'the name of a bundle' });
  if (bundle === undefined) return undefined;
  if (bundleNames.has(bundle)) return { kind: 'bundle', bundle };
  return unknown(node, bundle, { what: 'bundle', known: bundleNames });
}

function imageAt(node: ConfigNode, images: readonly ImageSpec[]): WorkflowSource | undefined {
  const name = parseText(node, { wanted: 'the name of an image of images:' });
  if (name === undefined) return undefined;
  const found = images.find((image) => image.name === name);
  if (found) return { kind: 'image', image: name, reference: found.reference };
  if (name.includes('/')) {
    report(node, `found ${showText(name)}, wanted the name of an image of images:`, {
      hint: `Write reference: ${showText(name)}`,
    });
    return undefined;
  }
  return unknown(node, name, { what: 'image', known: new Set(images.map((image) => image.name)) });
}

function unknown(
  node: ConfigNode,
  name: string,
  { what, known }: { readonly what: string; readonly known: ReadonlySet<string> },
): undefined {
  const close = nearest(name, known);
  const hint = close ? `Did you mean ${showText(close)}?` : undefined;
  report(node, `there is no ${what} ${showText(name)} in this file`, { hint });
  return undefined;
}

function gitAt(node: ConfigNode): WorkflowSource | undefined {
  const nodes = recordAt(node, ['url', 'commit'], hints);
  if (mappingAt({ ...node, problems: [] }) === undefined) return undefined;
  requireAt(nodes.url, urlRule.wanted);
  requireAt(nodes.commit, commitRule.wanted, 'Run: git rev-parse HEAD');
  const url = parseText(nodes.url, urlRule);
  const commit = parseText(nodes.commit, commitRule);
  return url === undefined || commit === undefined ? undefined : { kind: 'git', url, commit };
}

function documentAt(nodes: Nodes): WorkflowContent | undefined {
  for (const key of workflowKeys) {
    if (nodes[key].value === undefined || key === 'id') continue;
    const hint = 'Remove it, or remove document so that the workflow is derived';
    report(nodes[key], 'the document defines it', { at: 'key', hint });
  }
  const path = parsePath(nodes.document, 'the path of a document');
  const id = parseText(nodes.id, idRule);
  if (path === '.') {
    report(nodes.document, 'found a directory, wanted the path of a document');
    return undefined;
  }
  return path === undefined ? undefined : { kind: 'document', path, id };
}

/** Only a bundle has a Pipeline that a document can be derived from. */
function derivedAt(
  node: ConfigNode,
  declared: ReadonlyMap<string, ConfigNode>,
  source: WorkflowSource | undefined,
  { bundles, format, actionTypes }: WorkflowsContext,
): WorkflowContent | undefined {
  if (source === undefined) return undefined;
  if (source.kind !== 'bundle') {
    const hint = 'Only the workflow of a bundle can be derived: write its document and name it here';
    requireAt(
      { ...node, value: undefined, path: [...node.path, 'document'] },
      'the path of its document',
      hint,
    );
    return undefined;
  }
  const tag = bundles.find(({ name }) => name === source.bundle)?.reference.tag;
  const own = [...declared].filter(([key]) => workflowKeys.some((known) => known === key));
  const value = Object.fromEntries(own.map(([key, child]) => [key, child.value]));
  const declaration = parseWorkflow({ ...node, value }, { tag, format, actionTypes });
  return declaration && { kind: 'derived', declaration };
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
