import { formatReference, type Reference } from '../../oci/reference.js';
import { type ConfigNode, mappingAt, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import type { BundleSpec } from '../project.js';
import { isBundleName } from './bundle-name.js';
import { parseFiles } from './parse-path.js';
import { bundleReference, parseRepository, parseTaggedReference, tagRule } from './parse-reference-field.js';
import { parseBoolean, parseText } from './parse-scalar.js';
import { parseWorkflow, type WorkflowRules } from './parse-workflow.js';

const keys = [
  ...(['files', 'reference', 'repository', 'tag', 'annotations', 'labels', 'pin', 'workflow'] as const),
] as const;

export interface BundleDefaults extends Pick<WorkflowRules, 'format' | 'actionTypes'> {
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly pin: boolean;
  /** Stands over what the file says of a bundle's own reference too. */
  readonly override: { readonly repository?: string | undefined; readonly tag?: string | undefined };
}

/** The declared bundles, sorted by name. */
export function parseBundles(node: ConfigNode, defaults: BundleDefaults): readonly BundleSpec[] {
  const wanted = 'a mapping of at least one bundle by its name';
  requireAt(node, wanted);
  const children = mappingAt(node);
  if (children?.size === 0) report(node, `found none, wanted ${wanted}`);
  const bundles: BundleSpec[] = [];
  const references = new Map<string, string>();
  const workflows = new Map<string, string>();
  for (const [name, child] of [...(children ?? [])].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const bundle = bundleAt(child, { name, defaults });
    if (bundle === undefined) continue;
    bundles.push(bundle);
    reportTwin(child, {
      name,
      seen: references,
      subject: `the reference ${formatReference(bundle.reference)}`,
    });
    const { workflow } = bundle;
    if (workflow === undefined) continue;
    reportTwin(child, {
      name,
      seen: workflows,
      subject: `the workflow ${workflow.id} in version ${workflow.version}`,
    });
  }
  return bundles;
}

function bundleAt(
  node: ConfigNode,
  { name, defaults }: { name: string; defaults: BundleDefaults },
): BundleSpec | undefined {
  if (!isBundleName(name)) {
    const wanted = 'wanted lower-case letters and digits with ".", "_" or "-" between them, at most 100';
    report(node, `found the bundle name ${showText(name)}, ${wanted}`, { at: 'key' });
    return undefined;
  }
  const nodes = recordAt(node, keys);
  if (mappingAt({ ...node, problems: [] }) === undefined) return undefined;
  const reference = referenceOf(nodes, { name, defaults });
  const files = parseFiles(nodes.files);
  const annotations = parseTexts(nodes.annotations);
  const labels = parseTexts(nodes.labels);
  const pin = parseBoolean(nodes.pin) ?? defaults.pin;
  const workflow = parseWorkflow(nodes.workflow, { ...defaults, tag: reference?.tag ?? defaults.tag });
  if (reference === undefined) return undefined;
  return { name, reference, files, annotations, labels, pin, workflow };
}

type ReferenceNodes = Readonly<Record<'reference' | 'repository' | 'tag', ConfigNode>>;

/** What the run gives, else what the bundle says (whole, or its repository and its tag), else what the project says. */
function referenceOf(
  nodes: ReferenceNodes,
  { name, defaults }: { name: string; defaults: BundleDefaults },
): (Reference & { readonly tag: string }) | undefined {
  const { override } = defaults;
  const whole = parseTaggedReference(nodes.reference);
  const ownRepository = parseRepository(nodes.repository);
  const ownTag = parseText(nodes.tag, tagRule);
  if (whole !== undefined) refuseBeside(nodes);
  const failed = (['reference', 'repository', 'tag'] as const).some(
    (key) =>
      nodes[key].value !== undefined &&
      { reference: whole, repository: ownRepository, tag: ownTag }[key] === undefined,
  );
  if (failed) return undefined;
  const tag = override.tag ?? whole?.tag ?? ownTag ?? defaults.tag;
  if (override.repository === undefined && whole !== undefined)
    return tag === undefined ? whole : { ...whole, tag };
  const repository =
    override.repository === undefined && ownRepository !== undefined
      ? ownRepository
      : defaults.repository && `${defaults.repository}/${name}`;
  if (repository === undefined || tag === undefined) return undefined;
  return bundleReference(nodes.reference, { repository, tag });
}

function refuseBeside(nodes: ReferenceNodes): void {
  for (const key of ['repository', 'tag'] as const)
    if (nodes[key].value !== undefined)
      report(nodes[key], `found ${key} beside reference, wanted one of them`, { at: 'key' });
}

function parseTexts(node: ConfigNode): Readonly<Record<string, string>> {
  const texts: [string, string][] = [];
  for (const [key, child] of mappingAt(node) ?? []) {
    if (key.trim() === '') report(child, 'found an empty key, wanted text', { at: 'key' });
    const value = parseText(child, { wanted: 'text', longest: 65_536, mayBeEmpty: true });
    if (value !== undefined) texts.push([key, value]);
  }
  texts.sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(texts);
}

function reportTwin(
  node: ConfigNode,
  { name, seen, subject }: { name: string; seen: Map<string, string>; subject: string },
): void {
  const other = seen.get(subject);
  if (other === undefined) seen.set(subject, name);
  else report(node, `${showText(name)} and ${showText(other)} both declare ${subject}`, { at: 'key' });
}
